using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>The room that a RESTORE needs where the files lie already, with the real AzCopy.</summary>
public sealed class RestoreRoomTests : SurvivalFixture
{
    [Test]
    public async Task Restore_OverFilesThatAreThere_KeepsASecondCopyOfEachInFullLength()
    {
        string project = WriteLarge("second");
        (await Lab.RunAsync("second", OperationType.Cool)).Error.Should().BeNull();
        HeldRequests held = (await Lab.FrontAsync()).HoldReads("cool/second/large*");
        OperationKey key = await Lab.PrepareAsync("second", OperationType.Restore);

        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);

        await Eventually.IsTrueAsync(() => Directory.GetFiles(project, ".azDownload-*-large*").Count(file => new FileInfo(file).Length == LargeBytes / 3) == 3);
        Directory.GetFiles(project, "large*").Should().HaveCount(3, "what is there stays until the new one is whole");
        held.Dispose();
        (await attempt).Error.Should().BeNull();
        Directory.GetFiles(project, ".azDownload-*").Should().BeEmpty();
    }

    [Test]
    public async Task Restore_WithoutRoomForSecondCopies_IsRefusedBeforeAByteMoves()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Temp.Folder("hot", "scarce"), "40m");
        string project = WriteLarge("scarce");
        IReadOnlyList<string> before = FolderListing.Of(project);
        (await Lab.RunAsync("scarce", OperationType.Cool)).Error.Should().BeNull();

        TransferVerdict verdict = await Lab.RunAsync("scarce", OperationType.Restore);

        verdict.Error!.Code.Should().Be("disk-full");
        verdict.Error.Message.Should().Contain("24000009 are needed, 24000009 of them for a while");
        verdict.TouchedDestination.Should().BeFalse();
        FolderListing.Of(project).Should().Equal(before);
        File.Delete(Path.Combine(project, "large0.bin"));
        File.Delete(Path.Combine(project, "large1.bin"));
        (await Lab.RunAsync("scarce", OperationType.Restore)).Error.Should().BeNull();
        FolderListing.Of(project).Should().Equal(before);
    }
}
