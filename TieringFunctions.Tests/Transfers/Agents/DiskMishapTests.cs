using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Disks that are full or fill up, and the budget of plans and logs, with the real AzCopy: each ends FAILED with the reason, and a retry goes well.</summary>
public sealed class DiskMishapTests : SurvivalFixture
{
    [Test]
    public async Task DiskFullForPlans_IsRefusedBeforeAnythingIsTouched()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Temp.Folder("small"), "1m");
        Lab.Options = Lab.Options with { WorkFolder = disk.Folder };
        Lab.WriteProject("plans");

        TransferVerdict verdict = await Lab.RunAsync("plans", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("bytes left");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task DiskThatFillsUpUnderThePlans_FailsWithTheReasonAndARetryGoesWell()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Temp.Folder("small"), "8m");
        Lab.Options = Lab.Options with { WorkFolder = disk.Folder };
        Lab.WriteProject("filled");
        // The disk has room when AzCopy is looked after, and none when it writes its plan.
        Lab.Restrict($"case \"$1\" in copy|jobs) head -c 20000000 /dev/zero > '{disk.Folder}/filler' 2>/dev/null;; esac");

        TransferVerdict verdict = await Lab.RunAsync("filled", OperationType.Cool).WaitAsync(Limit);

        // AzCopy may end before it has told a job; then its room is looked at once more.
        verdict.Error!.Code.Should().BeOneOf("azcopy-disk-full", "disk-full", "azcopy-start-failed", "azcopy-disk-budget");
        (verdict.Error.Message + string.Join('\n', verdict.Error.Details?.Values ?? [])).Should().ContainAny("no space left", "no room left", "disk is full", "bytes left");
        File.Delete(Path.Combine(disk.Folder, "filler"));
        Lab.TellTheTruth();
        (await Lab.RunAsync("filled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task DiskBudgetUsedUp_IsRefusedAndSaysWhichSetting()
    {
        Lab.Options = Lab.Options with { DiskBudgetBytes = 1_000_000 };
        Lab.WriteProject("budget");

        TransferVerdict verdict = await Lab.RunAsync("budget", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("AZCOPY_DISK_BUDGET_GB");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task DiskBudgetOutgrownInTheCopy_EndsAzCopyAndSaysWhichSetting()
    {
        ManualTime clock = new(DateTimeOffset.UtcNow);
        Lab.Clock = clock;
        Lab.Options = Lab.Options with { DiskBudgetBytes = 20_000_000 };
        Lab.WriteProject("outgrown");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\nhang");
        OperationKey key = await Lab.PrepareAsync("outgrown", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(Lab.JobOf(key), JobFiles.Progress)) && Lab.ReadAsync(key).Result.Progress?.AzCopyJobs.Count == 1);
        await File.WriteAllBytesAsync(Path.Combine(Logs(key), "log"), new byte[30_000_000]);

        while (!attempt.IsCompleted) // its looks are seconds apart, by a clock that we move
        {
            clock.Advance(TimeSpan.FromSeconds(16));
            await Task.WhenAny(attempt, Task.Delay(50));
        }
        TransferVerdict verdict = await attempt;

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("AZCOPY_DISK_BUDGET_GB").And.Contain("have grown");
        Lab.Options = Lab.Options with { DiskBudgetBytes = 20L << 30 };
        Lab.TellTheTruth();
        (await Lab.RunAsync("outgrown", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task PlansAndLogs_AreRemovedAfterSuccessAndLogsKeptAfterAFailure()
    {
        Lab.WriteProject("pruned");
        OperationKey good = await Lab.PrepareAsync("pruned", OperationType.Cool);
        (await Lab.AttemptAsync(good)).Error.Should().BeNull();
        Lab.Lie("[copy]\ninit\nend Failed TransfersCompleted=0\nexit 1\n[resume]\ninit\nend Failed TransfersCompleted=0\nexit 1");
        Lab.WriteProject("kept");
        OperationKey bad = await Lab.PrepareAsync("kept", OperationType.Cool);
        (await Lab.AttemptAsync(bad)).Error.Should().NotBeNull();

        Directory.Exists(Plans(good)).Should().BeFalse();
        Directory.Exists(Logs(good)).Should().BeFalse();
        Directory.Exists(Plans(bad)).Should().BeFalse();
        Directory.EnumerateFiles(Logs(bad)).Should().NotBeEmpty();
    }
}
