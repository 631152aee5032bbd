using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;

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
