using System.Diagnostics;
using System.Globalization;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>A real process, killed with SIGKILL again and again under 200 orchestrations.</summary>
public sealed class ChaosTests
{
    private const int Orchestrations = 200;

    [Test]
    public Task Process_KilledAFewTimes_LosesAndRepeatsNothing() => RunAsync(kills: 8);

    [Test, Category("Long")]
    public Task Process_Killed100Times_LosesAndRepeatsNothing() => RunAsync(kills: 100);

    [TestCase("DiesAtOnce")]
    [TestCase("DiesLater")]
    [TestCase("DiesInActivity")]
    public async Task Process_ThatDiesInTheSameStep_SetsItsInstanceAside(string orchestrator)
    {
        using TempFolder folder = new();
        int died = 0;
        string[] lines;
        while (true)
        {
            using Process process = Start(folder.Root, orchestrator);
            lines = (await process.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (!lines.Contains("dies"))
                break;
            (++died).Should().BeLessThan(20, "what kills the process again and again is held in the end");
        }
        lines[0].Should().Be("set aside: poison: " + (orchestrator == "DiesInActivity"
            ? "The process ended 5 times in a row while its activity 'Deadly' (#0) ran."
            : "The process ended 5 times in a row while it ran."));
        lines[1].Should().Contain("told to start");
        lines[2].Should().Be("good: Completed", "others go on");
        lines[3].Should().Be("released: Completed");
        died.Should().BeInRange(6, orchestrator == "DiesAtOnce" ? 7 : 6, "the first run, five repeats, and perhaps a start that left no trace");
    }

    private static async Task RunAsync(int kills)
    {
        Random random = new(kills);
        for (int killed = 0; killed < kills;)
        {
            using TempFolder folder = new();
            while (killed < kills && await KilledAsync(folder.Root, random))
                killed++;
            // Goes on from the last kill; when all had ended between two kills, it finds them as they were.
            (await EndAsync(folder.Root)).Should().Contain("all right").And.NotContain("expected");
        }
    }

    /// <summary>Kills a run after a random time, in its start or in the middle of a commit; false when it had ended before.</summary>
    private static async Task<bool> KilledAsync(string folder, Random random)
    {
        using Process victim = Start(folder);
        Task ended = victim.StandardOutput.ReadToEndAsync();
        if (await Task.WhenAny(ended, Task.Delay(random.Next(200, 1_500))) == ended)
            return false;
        victim.Kill();
        await victim.WaitForExitAsync();
        return true;
    }

    private static async Task<string> EndAsync(string folder)
    {
        using Process last = Start(folder);
        return await last.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit);
    }

    private static Process Start(string folder) => Start(folder, Orchestrations.ToString(CultureInfo.InvariantCulture));

    private static Process Start(string folder, string what)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "engine-chaos.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(what);
        return Process.Start(start)!;
    }
}
