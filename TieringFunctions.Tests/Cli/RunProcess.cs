using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Tiering.Cli;
using Tiering.Cli.Showcase;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

/// <summary><c>./run</c> as the process that it is, over a folder that holds what it looks for below its own.</summary>
internal static class RunProcess
{
    /// <param name="temp">Gets <c>root</c> and <c>data</c>.</param>
    /// <param name="port">The service's.</param>
    /// <param name="lines">Gets what it prints.</param>
    /// <param name="arguments">Further ones.</param>
    /// <param name="settings">Its environment, on top of this one without what says where data lies.</param>
    public static Process Start(TempFolder temp, int port, ConcurrentQueue<string> lines, string[] arguments, params (string Name, string Value)[] settings)
    {
        // What ./run finds below its own folder, in the configuration of these tests.
        Directory.CreateSymbolicLink(Path.Combine(temp.Folder("root", "TieringFunctions", "bin", "Release"), "net10.0"), Path.GetDirectoryName(Tools.Service)!);
        Directory.CreateSymbolicLink(Path.Combine(temp.Folder("root", "tools"), "node_modules"), Path.Combine(Tools.RepositoryRoot, "tools", "node_modules"));
        ProcessStartInfo start = new("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[typeof(TieringApplication).Assembly.Location, ShowcaseCommand.Name, "--root", temp.At("root"), "--data", temp.At("data"),
            "--port", port.ToString(CultureInfo.InvariantCulture), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        foreach (string name in (string[])["DATA_BACKEND", "DATA_BACKEND_COOL", "AZURE_STORAGE_ACCOUNT"])
            start.Environment.Remove(name);
        start.Environment["AZCOPY_POLL_INTERVAL_SECONDS"] = "1";
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        string dotnet = Environment.ProcessPath!;
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet);
        Process run = Process.Start(start)!;
        DataReceivedEventHandler keep = (_, said) => lines.Enqueue(said.Data ?? "");
        run.OutputDataReceived += keep;
        run.ErrorDataReceived += keep;
        run.BeginOutputReadLine();
        run.BeginErrorReadLine();
        return run;
    }

    /// <summary>Has it end what it has started, and then itself.</summary>
    public static async Task EndAsync(Process run)
    {
        using Process kill = Process.Start("kill", ["-s", "TERM", run.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await run.WaitForExitAsync();
    }
}
