using System.Diagnostics;
using System.Globalization;
using Tiering.Emulators.Files;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>The program <c>tiering-emulators</c> in a process of its own.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private EmulatorProcess(Process process, Dictionary<string, Uri> addresses)
    {
        Process = process;
        Addresses = addresses;
    }

    public Process Process { get; }

    /// <summary>What it printed: a name and an address for each emulator.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses { get; }

    public static async Task<EmulatorProcess> StartAsync(params string[] arguments)
    {
        Process process = Launch([.. arguments, "--with-stdin"]);
        Dictionary<string, Uri> addresses = new(StringComparer.Ordinal);
        using CancellationTokenSource limit = new(Eventually.Limit);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line == "ready")
                return new EmulatorProcess(process, addresses);
            string[] parts = line.Split(' ', 2);
            addresses[parts[0]] = new Uri(parts[1]);
        }
        throw new InvalidOperationException($"The emulators did not start: {await process.StandardError.ReadToEndAsync()}");
    }

    public static Process Launch(params string[] arguments)
    {
        // A test run in the background has SIGINT ignored, and what it starts would inherit that.
        ProcessStartInfo start = new("env")
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add("dotnet");
        start.ArgumentList.Add(typeof(FileShareEmulator).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Sends SIGTERM or another signal by its name.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, Process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
            Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
    }
}
