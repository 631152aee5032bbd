using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Tests.Transfers.Plans;

public sealed class DurationModelTests
{
    private static readonly Proof Sizes = new(ProofMode.Sizes);
    private static readonly Proof Full = new(ProofMode.Full);
    private static readonly DurationBounds None = new();
    private static readonly DataSize Gigabytes = new(100, 10_000_000_000);

    [Test]
    public void Estimate_NothingKnown_SaysSo()
    {
        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, None, []);

        estimate.Should().Be(new DurationEstimate(105, 35, 315, "default", 0)); // 4 + 100 x 0.01 + 10^10 / 10^8
    }

    [Test]
    public void Estimate_OperationsOfItsSize_TakesTheMiddleOfWhatTheyTook()
    {
        PastTransfer[] past = [Took(210), Took(105), Took(1050), Took(210), Took(420)]; // 2, 1, 10, 2 and 4 times the model

        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, None, past);

        estimate.Seconds.Should().BeApproximately(210, 0.001);
        estimate.From.Should().BeApproximately(210, 0.001);
        estimate.To.Should().BeApproximately(420, 0.001);
        (estimate.Basis, estimate.Operations).Should().Be(("past-operations", 5));
    }

    [Test]
    public void Estimate_FewOperationsOfItsSize_IsNoMoreCertainThanTheModel()
    {
        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, None, [Took(210), Took(105), Took(1050)]);

        estimate.Seconds.Should().BeApproximately(210, 0.001);
        estimate.From.Should().BeApproximately(70, 0.001, "the quarter is 157.5, a third of the middle less");
        estimate.To.Should().BeApproximately(630, 0.001);
        (estimate.Basis, estimate.Operations).Should().Be(("past-operations", 3));
    }

    [Test]
    public void Estimate_UnderABound_IsNeverLessThanWhatItAllows()
    {
        PastTransfer[] quick = [Took(105), Took(105), Took(105), Took(105)]; // before there was a bound

        // 10^10 bytes at 8 Mbps are 10,000 s; with a full proof 2 x 10^10 more at 2 x 10^6 a second are 10,000 s again.
        DurationEstimate copied = DurationModel.Estimate(Gigabytes, Sizes, new DurationBounds(CapMbps: 8, ProofBytesPerSecond: 2_000_000), quick);
        DurationEstimate proved = DurationModel.Estimate(Gigabytes, Full, new DurationBounds(CapMbps: 8, ProofBytesPerSecond: 2_000_000), []);

        copied.Should().Be(new DurationEstimate(10_000, 10_000, 10_000, "past-operations", 4));
        proved.Should().Be(new DurationEstimate(20_000, 20_000, 60_000, "default", 0));
    }

    [Test]
    public void Estimate_UnderABoundThatHoldsNothingBack_IsWhatItWasWithout() => DurationModel
        .Estimate(Gigabytes, Sizes, new DurationBounds(CapMbps: 10_000), []).Should().Be(DurationModel.Estimate(Gigabytes, Sizes, None, []));

    [TestCase(0, 0, Description = "the model finds an empty project within a factor of ten")]
    [TestCase(10, 12L << 20, Description = "a tenth of the bytes, and far fewer files")]
    [TestCase(1000, 11L << 20, Description = "as many files, and less than a tenth of the bytes")]
    public void Estimate_OperationsUnlikeInFilesOrBytes_AreOfOtherSizes(long files, long bytes)
    {
        PastTransfer[] past = [.. Enumerable.Repeat(new PastTransfer(new DataSize(files, bytes), Sizes, TimeSpan.FromSeconds(5)), 5)];

        DurationEstimate estimate = DurationModel.Estimate(new DataSize(1000, 120L << 20), Sizes, None, past);

        (estimate.Basis, estimate.Operations).Should().Be(("other-sizes", 5));
        estimate.To.Should().BeApproximately(3 * estimate.Seconds, 0.001);
        estimate.From.Should().BeApproximately(estimate.Seconds / 3, 0.001);
    }

    [Test]
    public void Estimate_OnlyOperationsOfOtherSizes_SaysSo()
    {
        PastTransfer tiny = new(new DataSize(1, 1), Sizes, TimeSpan.FromSeconds(8.02)); // twice its 4.01 s

        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, None, [tiny]);

        (estimate.Basis, estimate.Operations).Should().Be(("other-sizes", 1));
        estimate.Seconds.Should().BeApproximately(210, 0.001);
    }

    [Test]
    public void Estimate_FarOtherSizesBesideItsOwn_DoNotCount() => DurationModel
        .Estimate(Gigabytes, Sizes, None, [Took(105), new PastTransfer(new DataSize(1, 1), Sizes, TimeSpan.FromHours(1))])
        .Should().Be(new DurationEstimate(105, 35, 315, "past-operations", 1));

    [Test]
    public void PastTransfer_OfAFailedOperation_IsNone() => PastTransfer.Of(
        new LifecycleOperation(new OperationKey(ProjectSlug.Parse("p"), OperationType.Cool, Guid.NewGuid()), default).Fail(default, new OperationError("x", "y")))
        .Should().BeNull();

    private static PastTransfer Took(double seconds) => new(Gigabytes, Sizes, TimeSpan.FromSeconds(seconds));
}
