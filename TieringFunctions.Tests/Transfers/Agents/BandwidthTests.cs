using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

public sealed class BandwidthTests
{
    [Test]
    public async Task Copy_WhenAnotherBoundBeginsToHold_GoesOnWithItAsTheSameJob()
    {
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
        await using LocalLab lab = new(azurite);
        ManualTime clock = new(new DateTimeOffset(2026, 3, 12, 11, 30, 0, TimeSpan.Zero)); // 12:30 in Paris
        lab.Clock = clock;
        lab.Options = lab.Options with { Caps = BandwidthTimetable.Parse("none;08:00-13:00=8", LocalZone.Paris) };
        Directory.CreateDirectory(lab.Hot("demo"));
        byte[] content = new byte[60_000_000]; // a minute at 8 Mbps
        new Random(3).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(lab.Hot("demo"), "large.bin"), content);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);

        Task<TransferVerdict> running = lab.AttemptAsync(key);
        while (!running.IsCompleted && !(lab.Progress.Count > 0 && lab.Progress[^1] is { Phase: TransferPhase.Copy, Copied.Bytes: > 0 }))
            await Task.Delay(50);
        lab.Progress[^1].Copied.Files.Should().Be(0, "the file is not whole yet, and its bytes show");
        clock.Advance(TimeSpan.FromHours(1));
        TransferVerdict verdict = await running;

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle();
        string log = string.Join("\n", lab.Log.Lines);
        log.Should().Contain("--cap-mbps=8").And.Contain("jobs resume").And.Contain("From now on");
        log[log.IndexOf("jobs resume", StringComparison.Ordinal)..].Should().NotContain("--cap-mbps");
    }

    [Test]
    public async Task Copy_WhenTheServiceTellsAnotherBound_GoesOnWithItAsTheSameJob()
    {
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
        await using LocalLab lab = new(azurite);
        lab.Options = lab.Options with { Caps = BandwidthTimetable.Parse("2", LocalZone.Paris) };
        Directory.CreateDirectory(lab.Hot("demo"));
        byte[] content = new byte[60_000_000]; // four minutes at 2 Mbps
        new Random(3).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(lab.Hot("demo"), "large.bin"), content);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        string limits = Path.Combine(lab.JobOf(key), JobFiles.Limits);

        Task<TransferVerdict> running = lab.AttemptAsync(key);
        while (!running.IsCompleted && !(lab.Progress.Count > 0 && lab.Progress[^1] is { Phase: TransferPhase.Copy, Copied.Bytes: > 0 }))
            await Task.Delay(50);
        AtomicFile.WriteJson(limits, new JobLimits("nonsense", "Nowhere")); // is not listened to
        AtomicFile.WriteJson(limits, new JobLimits("none", "UTC"));
        TransferVerdict verdict = await running;

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle();
        string log = string.Join("\n", lab.Log.Lines);
        log.Should().Contain("--cap-mbps=2").And.Contain("jobs resume").And.Contain("From now on");
        log[log.IndexOf("jobs resume", StringComparison.Ordinal)..].Should().NotContain("--cap-mbps");
    }
}
