using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Tests.Transfers.Plans;

public sealed class DurationModelTests
{
    private static readonly Proof Sizes = new(ProofMode.Sizes);
    private static readonly DataSize Gigabytes = new(100, 10_000_000_000);

    [Test]
    public void Estimate_NothingKnown_SaysSo()
    {
        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, []);

        estimate.Should().Be(new DurationEstimate(105, 35, 315, "default", 0)); // 4 + 100 x 0.01 + 10^10 / 10^8
    }

    [Test]
    public void Estimate_OperationsOfItsSize_TakesTheMiddleOfWhatTheyTook()
    {
        PastTransfer[] past = [Took(210), Took(105), Took(1050)]; // 2, 1 and 10 times the model

        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, past);

        estimate.Seconds.Should().BeApproximately(210, 0.001);
        estimate.From.Should().BeApproximately(157.5, 0.001);
        estimate.To.Should().BeApproximately(630, 0.001);
        (estimate.Basis, estimate.Operations).Should().Be(("past-operations", 3));
    }

    [Test]
    public void Estimate_OnlyOperationsOfOtherSizes_SaysSo()
    {
        PastTransfer tiny = new(new DataSize(1, 1), Sizes, TimeSpan.FromSeconds(8.02)); // twice its 4.01 s

        DurationEstimate estimate = DurationModel.Estimate(Gigabytes, Sizes, [tiny]);

        (estimate.Basis, estimate.Operations).Should().Be(("other-sizes", 1));
        estimate.Seconds.Should().BeApproximately(210, 0.001);
    }

    [Test]
    public void Estimate_FarOtherSizesBesideItsOwn_DoNotCount() => DurationModel
        .Estimate(Gigabytes, Sizes, [Took(105), new PastTransfer(new DataSize(1, 1), Sizes, TimeSpan.FromHours(1))])
        .Should().Be(new DurationEstimate(105, 105, 105, "past-operations", 1));

    [Test]
    public void PastTransfer_OfAFailedOperation_IsNone() => PastTransfer.Of(
        new LifecycleOperation(new OperationKey(ProjectSlug.Parse("p"), OperationType.Cool, Guid.NewGuid()), default).Fail(default, new OperationError("x", "y")))
        .Should().BeNull();

    private static PastTransfer Took(double seconds) => new(Gigabytes, Sizes, TimeSpan.FromSeconds(seconds));
}
