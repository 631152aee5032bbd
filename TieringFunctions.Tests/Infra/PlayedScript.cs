using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>A script of infra/ that runs with functions in the place of the programs that it would call.</summary>
/// <param name="folder">Where the functions lie; they write their calls into its file <c>calls</c>.</param>
/// <param name="name">The script.</param>
internal sealed class PlayedScript(TempFolder folder, string name)
{
    /// <param name="functions">Of bash, named as the programs.</param>
    /// <param name="arguments">The script's.</param>
    public async Task<(int Code, string Output, string Errors)> RunAsync(string functions, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Tools.RepositoryRoot, "infra", name), arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["BASH_ENV"] = folder.File("functions", functions); // read by every bash before its script
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    public string[] Calls() => File.ReadAllLines(folder.At("calls"));
}
