using System.Collections.Concurrent;
using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

/// <summary><c>./run</c> where there is no AzCopy that starts: it says so soon, and serves all the same.</summary>
public sealed class RunWithoutAzCopyTests
{
    private const string Lack = "The service is not ready. Not available: AzCopy: not installed, or AZCOPY_PATH names something that is not a program.";

    [Test]
    public async Task Run_Serve_SaysWhatIsMissingGoesOnAndSaysWhenItIsThere()
    {
        using TempFolder temp = new();
        using ReservedPort reserved = new();
        ConcurrentQueue<string> lines = new();
        using Process run = RunProcess.Start(temp, reserved.Number, lines, ["--serve"], ("AZCOPY_PATH", temp.At("azcopy")));
        try
        {
            await SeenAsync(run, lines, "Ctrl-C");
            lines.Should().Contain(line => line.StartsWith(Lack, StringComparison.Ordinal)).And.NotContain("The service is ready.");
            using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{reserved.Number}") };
            (await http.GetAsync("/api/health/live")).IsSuccessStatusCode.Should().BeTrue();

            File.CreateSymbolicLink(temp.At("azcopy"), Tools.AzCopy);
            await SeenAsync(run, lines, "The service is ready.");
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
            await SeenAsync(run, lines, Lack);
        }
        finally
        {
            if (!run.HasExited)
                await RunProcess.EndAsync(run);
        }
        run.ExitCode.Should().NotBe(0);
    }

    private static async Task SeenAsync(Process run, ConcurrentQueue<string> lines, string text)
    {
        await Eventually.IsTrueAsync(() => run.HasExited || lines.Any(line => line.Contains(text, StringComparison.Ordinal)));
        lines.Should().Contain(line => line.Contains(text, StringComparison.Ordinal), string.Join('\n', lines));
    }
}
