using Tiering.Core.Transfers.Jobs;

namespace Tiering.Tests.Transfers.Jobs;

public sealed class ProofAheadTests
{
    [TestCase(1000L, null, 100.0, false, 10.0, Description = "each side is read as fast as the copy goes, both at a time")]
    [TestCase(1000L, 50L, 100.0, false, 40.0, Description = "its own bound holds for both sides together")]
    [TestCase(1000L, 500L, 100.0, false, 10.0, Description = "a bound that is not reached")]
    [TestCase(1000L, 500L, 1.0, true, 4.0, Description = "the copy is held back, the reading is not")]
    [TestCase(1000L, null, 1.0, true, 0.0, Description = "then nothing is known of it")]
    [TestCase(1000L, null, null, false, 0.0)]
    [TestCase(1000L, null, 0.0, false, 0.0)]
    [TestCase(0L, 50L, 100.0, false, 0.0, Description = "sizes alone")]
    public void TimeAfter_OfACopy_ComesFromWhatHoldsTheProofBack(long bytes, long? bound, double? copied, bool isCapped, double seconds) =>
        new ProofAhead(bytes, bound).TimeAfter(copied, isCapped).TotalSeconds.Should().BeApproximately(seconds, 0.001);
}
