using System.Collections.Concurrent;
using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

/// <summary><c>./run</c> where there is no AzCopy that starts: it says so soon, and serves all the same.</summary>
public sealed class RunWithoutAzCopyTests
{
    [Test]
    public async Task Run_Serve_SaysWhatIsMissingGoesOnAndSaysWhenItIsThere()
    {
        using TempFolder temp = new();
        using ReservedPort reserved = new();
        ConcurrentQueue<string> lines = new();
        using Process run = RunProcess.Start(temp, reserved.Number, lines, ["--serve"], ("AZCOPY_PATH", temp.At("azcopy")));
        try
        {
            await SeenAsync(run, lines, IsLack);
            await SeenAsync(run, lines, line => line.Contains("Ctrl-C", StringComparison.Ordinal));
            lines.Should().NotContain("The service is ready.");
            using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{reserved.Number}") };
            (await http.GetAsync("/api/health/live")).IsSuccessStatusCode.Should().BeTrue();

            File.CreateSymbolicLink(temp.At("azcopy"), Tools.AzCopy);
            await SeenAsync(run, lines, line => line == "The service is ready.");
            run.HasExited.Should().BeFalse();
        }
        finally
        {
            if (!run.HasExited)
                await RunProcess.EndAsync(run);
        }
        run.ExitCode.Should().Be(0);
    }

    [Test]
    public async Task Run_Once_SaysWhatIsMissingWhileItStillHopes()
    {
        using TempFolder temp = new();
        using ReservedPort reserved = new();
        ConcurrentQueue<string> lines = new();
        using Process run = RunProcess.Start(temp, reserved.Number, lines, ["--once"]);
        try
        {
            await SeenAsync(run, lines, IsLack);
        }
        finally
        {
            if (!run.HasExited)
                await RunProcess.EndAsync(run);
        }
        run.ExitCode.Should().NotBe(0);
    }

    /// <summary>Other checks may lack something, too, while a slow machine starts.</summary>
    private static bool IsLack(string line) => line.StartsWith("The service is not ready. Not available: ", StringComparison.Ordinal)
        && line.Contains("AzCopy: not installed, or AZCOPY_PATH names something that is not a program.", StringComparison.Ordinal);

    private static async Task SeenAsync(Process run, ConcurrentQueue<string> lines, Func<string, bool> isIt)
    {
        await Eventually.IsTrueAsync(() => run.HasExited || lines.Any(isIt));
        lines.Any(isIt).Should().BeTrue(string.Join('\n', lines));
    }
}
