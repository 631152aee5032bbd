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
        return await last.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(3));
    }

    private static Process Start(string folder)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "engine-chaos.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(Orchestrations.ToString(CultureInfo.InvariantCulture));
        return Process.Start(start)!;
    }
}
