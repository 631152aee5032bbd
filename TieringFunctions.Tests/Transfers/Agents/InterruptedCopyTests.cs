using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Copies that are killed, cancelled or run out of room: with the AzCopy that the tests run with, and in each run with the oldest that transfers are tested with.</summary>
[TestFixture((string?)null), TestFixture("10.18.1")]
public sealed class InterruptedCopyTests(string? version) : SurvivalFixture
{
    [SetUp]
    public void ChooseAzCopy()
    {
        if (version is not null)
            Lab.AzCopy = Tools.AzCopyOf(version) ?? throw new IgnoreException($"AzCopy {version} is not there; tools/setup.sh --versions brings it.");
    }

    [Test]
    public async Task AzCopyKilled_IsResumedByTheSameAgent()
    {
        WriteLarge("killed");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync("killed", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key, held);
        await Signals.KillAsync(AzCopyOrphans.Find(Lab.JobOf(key)).Select(process => process.Id));
        held.Dispose();

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle("the job that was killed is resumed");
        Lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task MachineRebooted_PlanThere_IsResumedByTheNextAttempt()
    {
        OperationKey key = await LoseAgentAsync("rebooted");

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle();
        Lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task DestinationDiskThatFillsUp_FailsWithTheReasonAndARetryGoesWell()
    {
        WriteLarge("full");
        IReadOnlyList<string> before = FolderListing.Of(Lab.Hot("full"));
        (await Lab.RunAsync("full", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(Lab.Hot("full"), "*", SearchOption.AllDirectories))
            File.Delete(file);
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Hot("full"), "60m"); // a file that is there is replaced by a second one
        // Somebody else takes the room that was there.
        Lab.Restrict($"case \"$1\" in copy) [ -e '{Lab.Temp.At("taken")}' ] || {{ touch '{Lab.Temp.At("taken")}'; head -c 50000000 /dev/zero > '{disk.Folder}/somebody-elses'; }};; esac");

        TransferVerdict verdict = await Lab.RunAsync("full", OperationType.Restore).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("disk-full", verdict.Error.ToString());
        File.Delete(Path.Combine(disk.Folder, "somebody-elses"));
        Lab.TellTheTruth();
        (await Lab.RunAsync("full", OperationType.Restore)).Error.Should().BeNull();
        FolderListing.Of(Lab.Hot("full")).Should().Equal(before);
    }

    [Test]
    public async Task Cancelled_InACool_EndsAzCopyTakesBackWhatWasWrittenAndARetryGoesWell()
    {
        WriteLarge("cancelled");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync("cancelled", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key, held);
        await Eventually.IsTrueAsync(async () => (await Lab.BlobsAsync("cancelled")).Count == 2); // what is not held: no write under way outlives the cancellation
        ProcessIdentity copying = AzCopyOrphans.Find(Lab.JobOf(key)).Should().ContainSingle().Subject;
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        copying.IsAlive().Should().BeFalse();
        (await Lab.BlobsAsync("cancelled")).Should().BeEmpty();
        long.Parse(verdict.Error.Details!["taken_back_files"], CultureInfo.InvariantCulture).Should().BePositive();
        held.Dispose();
        (await Lab.RunAsync("cancelled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task Cancelled_InARestore_TakesBackItsOwnAndNothingElse()
    {
        string project = WriteLarge("partial");
        IReadOnlyList<string> all = FolderListing.Of(project);
        (await Lab.RunAsync("partial", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(project, "large*"))
            File.Delete(file);
        HeldRequests held = (await Lab.FrontAsync()).HoldReads("cool/partial/large2.bin");
        OperationKey key = await Lab.PrepareAsync("partial", OperationType.Restore);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key, held);
        await Eventually.IsTrueAsync(() => Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Count() > 3);
        await File.WriteAllTextAsync(Path.Combine(project, "somebody-elses.txt"), "written meanwhile");
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(project, file))
            .Should().BeEquivalentTo("small.txt", "sub/deep.txt", "somebody-elses.txt");
        File.Delete(Path.Combine(project, "somebody-elses.txt"));
        held.Dispose();
        TransferVerdict again = await Lab.RunAsync("partial", OperationType.Restore);
        again.Error.Should().BeNull(again.Error?.ToString());
        FolderListing.Of(project).Should().Equal(all);
    }
}
