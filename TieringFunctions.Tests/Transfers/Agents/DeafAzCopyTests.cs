using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Jobs.Blobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>A cancellation kills AzCopy with all that it has started, and waits for no goodwill: neither AzCopy's nor a clock's.</summary>
public sealed class DeafAzCopyTests : LocalLabFixture
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Cancelled_AzCopyThatHearsNoSignal_IsKilledWithWhatItStarted(bool whileItIsAskedToEnd)
    {
        Lab.Clock = new EndlessPatience();
        Lab.WriteProject("deaf");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\nhang");
        string hangs = Lab.Options.Path;
        string program = ShellProgram.Write(
            Lab.Temp.At("deaf-azcopy"), $"trap '' INT TERM\n'{hangs}' \"$@\" &\nwhile kill -0 $! && kill -0 $PPID; do sleep 0.1; done 2>/dev/null\nkill -0 $PPID || kill -9 $!\nwait $!");
        Lab.Options = Lab.Options with { Path = program };
        OperationKey key = await Lab.PrepareAsync("deaf", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await Eventually.IsTrueAsync(async () => (await Lab.ReadAsync(key)).Progress?.AzCopyJobs.Count == 1);
        IReadOnlyList<ProcessIdentity> running = AzCopyOrphans.Find(Lab.JobOf(key));
        running.Should().HaveCountGreaterThan(1, "there is a child");
        if (whileItIsAskedToEnd)
        {
            Core.AtomicFile.WriteJson(Path.Combine(Lab.JobOf(key), JobFiles.Limits), new JobLimits("8", "UTC"));
            await Eventually.IsTrueAsync(() => Lab.Log.Lines.Any(line => line.Contains("AzCopy is ended, and goes on")));
        }

        await Lab.CancelAsync(key);

        await Eventually.IsTrueAsync(() => attempt.IsCompleted);
        (await attempt).Error!.Code.Should().Be("cancelled");
        running.Should().OnlyContain(process => !process.IsAlive());
    }

    [Test]
    public async Task Cancelled_AzCopyThatLeftAProgramWithItsOutput_IsEndedWithIt()
    {
        Lab.Clock = new EndlessPatience();
        Lab.WriteProject("left");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\nleave\nhang");
        OperationKey key = await Lab.PrepareAsync("left", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await Eventually.IsTrueAsync(() => AzCopyOrphans.Find(Lab.JobOf(key)).Any(process => NameOf(process) == "sleep"));

        await Lab.CancelAsync(key);

        await Eventually.IsTrueAsync(() => attempt.IsCompleted);
        (await attempt).Error!.Code.Should().Be("cancelled");
        AzCopyOrphans.Find(Lab.JobOf(key)).Should().BeEmpty();
    }

    private static string? NameOf(ProcessIdentity process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/comm").Trim();
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    [Test]
    public void Cancelled_AgentLooksOften_SoThatFiveSecondsAreEnough()
    {
        TimeSpan most = TimeSpan.FromSeconds(5) / 2; // the other half is for the system to end a process that is killed
        using TempFolder folder = new();
        (new DirectoryJobFolder(folder.Root).Beat / TransferAgent.LooksPerBeat).Should().BeLessThan(most);
        (BlobJobFolder.StandardBeat / TransferAgent.LooksPerBeat).Should().BeLessThan(most);
    }

    /// <summary>A clock by which no wait of more than a few seconds ever ends.</summary>
    private sealed class EndlessPatience : TimeProvider
    {
        private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > Short ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
