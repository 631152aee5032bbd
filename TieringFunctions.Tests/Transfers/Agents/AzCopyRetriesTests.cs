using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.Agents;

public sealed class AzCopyRetriesTests
{
    [TestCase(AzCopyCause.Exited)]
    [TestCase(AzCopyCause.Asked)]
    [TestCase(AzCopyCause.Stalled)]
    [TestCase(AzCopyCause.Crashed)]
    [TestCase(AzCopyCause.WrongJob)]
    public void Again_FailuresWithoutAFile_EndAfterThree(AzCopyCause cause) => EndsOf(() => End(cause)).Should().Be(AzCopyRetries.MaxFailures);

    [Test]
    public void Again_KillsWithoutAByte_EndAfterTen() => EndsOf(() => End(AzCopyCause.Killed)).Should().Be(AzCopyRetries.MaxFruitless);

    [Test]
    public void Again_KillsWithEverMoreBytes_EndAtTheLimitOfAll()
    {
        long bytes = 0;
        EndsOf(() => End(AzCopyCause.Killed, bytes: bytes += 10)).Should().Be(AzCopyRetries.MaxEnds);
    }

    [Test]
    public void Again_FailuresWithEverMoreFiles_EndAtTheLimitOfAll()
    {
        long files = 0;
        EndsOf(() => End(AzCopyCause.Exited, files: ++files)).Should().Be(AzCopyRetries.MaxEnds);
    }

    [Test]
    public void Again_RenewedAccess_IsAnInterruption()
    {
        AzCopyRetries own = new();
        for (int i = 1; i < AzCopyRetries.MaxFruitless; i++)
            own.Again(End(AzCopyCause.Exited), renewed: true).Should().BeTrue();
        own.Failures.Should().Be(0);
    }

    [TestCase(AzCopyCause.Killed, "azcopy-killed", "AzCopy was killed 10 times in a row without getting on: by the system for want of memory (AZCOPY_BUFFER_GB), or by somebody.")]
    [TestCase(AzCopyCause.Stalled, "stalled", "AzCopy made no progress any more, 3 times in a row.")]
    public void Failure_WithoutGettingOn_TellsTheRow(AzCopyCause cause, string code, string message) =>
        FailureOf(() => End(cause)).Should().BeEquivalentTo(new { Code = code, Message = message });

    [TestCase(AzCopyCause.Killed, "azcopy-killed", "AzCopy was killed, and has now ended too early 50 times, although it got on in between: by the system for want of memory (AZCOPY_BUFFER_GB), or by somebody.")]
    [TestCase(AzCopyCause.Stalled, "stalled", "AzCopy made no progress any more, and has now ended too early 50 times, although it got on in between.")]
    public void Failure_ThoughItGotOn_TellsAllTheEnds(AzCopyCause cause, string code, string message)
    {
        long files = 0;
        FailureOf(() => End(cause, files: ++files)).Should().BeEquivalentTo(new { Code = code, Message = message });
    }

    [Test]
    public void Failure_StalledWithRenewedAccess_TellsTheRow() =>
        FailureOf(() => End(AzCopyCause.Stalled), renewed: true).Message.Should().Be("AzCopy made no progress any more, 10 times in a row.");

    private static TransferFailedException FailureOf(Func<AzCopyEnd> end, bool renewed = false)
    {
        AzCopyRetries own = new();
        AzCopyEnd last = end();
        while (own.Again(last, renewed))
            last = end();
        OperationKey key = new(ProjectSlug.Parse("p"), OperationType.Cool, Guid.Empty);
        return AzCopyFailures.Of(last, own, [], new TransferJob(key, new Location(LocationKind.Folder, "/hot/p", "/hot"), new Location(LocationKind.Blob, "http://h/a/c/p", "http://h/a/c")));
    }

    private static int EndsOf(Func<AzCopyEnd> end)
    {
        AzCopyRetries own = new();
        int ends = 1;
        while (own.Again(end(), renewed: false))
            ends++;
        return ends;
    }

    private static AzCopyEnd End(AzCopyCause cause, long files = 0, long bytes = 0) =>
        new(new AzCopySummary(null, AzCopyState.Failed, null, null, new AzCopyCounts { Completed = files, BytesTransferred = bytes }), cause);
}
