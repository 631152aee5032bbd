using System.Diagnostics;
using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>One run of the real AzCopy, from its start to its end.</summary>
/// <param name="ExitCode">The process's exit code.</param>
/// <param name="Output">Everything on standard output.</param>
internal sealed record AzCopyRun(int ExitCode, string Output)
{
    /// <summary>The summary at the end of the job; null when none came.</summary>
    public JsonElement? Summary => Messages("EndOfJob").Select(text => (JsonElement?)JsonDocument.Parse(text).RootElement).LastOrDefault();

    /// <summary>The end of the output, for a failing test's message; without braces, which a message would read as places.</summary>
    public string Tail => Output[^Math.Min(Output.Length, 1_500)..].Replace('{', '(').Replace('}', ')');

    /// <summary>The job's status; empty when it has none.</summary>
    public string Status => Summary?.GetProperty("JobStatus").GetString() ?? "";

    public static async Task<AzCopyRun> CopyAsync(string source, string destination, string fromTo, TempFolder folder, params string[] more) =>
        await RunAsync(folder, ["copy", source, destination, "--recursive", $"--from-to={fromTo}", "--as-subdir=false", "--output-type=json", .. more]);

    /// <summary>Starts AzCopy without waiting for it; the caller ends it.</summary>
    public static Process Start(TempFolder folder, params string[] arguments) => Start(folder, [], arguments);

    /// <summary>Like the other, with more environment variables.</summary>
    public static Process Start(TempFolder folder, KeyValuePair<string, string>[] environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Tools.AzCopy)
        {
            UseShellExecute = false,
            // An open, silent pipe: at the end of its standard input AzCopy spins a core.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["AZCOPY_LOG_LOCATION"] = folder.Folder("azcopy", "logs");
        start.Environment["AZCOPY_JOB_PLAN_LOCATION"] = folder.At("azcopy", "plans");
        start.Environment["AZCOPY_DISABLE_SYSLOG"] = "true";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<AzCopyRun> RunAsync(TempFolder folder, string[] arguments)
    {
        using Process process = Start(folder, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(Eventually.Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"AzCopy did not end: {new AzCopyRun(-1, await output).Tail}", exception);
        }
        return new AzCopyRun(process.ExitCode, await output + await errors);
    }

    private IEnumerable<string> Messages(string type) => Output.Split('\n')
        .Where(line => line.StartsWith('{'))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(line => line.GetProperty("MessageType").GetString() == type)
        .Select(line => line.GetProperty("MessageContent").GetString()!);
}
