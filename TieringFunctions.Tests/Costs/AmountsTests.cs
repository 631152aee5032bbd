using Tiering.Core.Costs;

namespace Tiering.Tests.Costs;

public sealed class AmountsTests
{
    [TestCase(0, "0.00")]
    [TestCase("0.8", "0.80")]
    [TestCase("1.301", "1.301")]
    [TestCase("1234.56789", "1,234.5679")]
    [TestCase("0.01", "0.01")]
    [TestCase("0.00966", "0.0097")]
    [TestCase("0.00099", "0.00099")]
    [TestCase("0.0000153", "0.000015")]
    [TestCase("-0.005", "-0.005")]
    public void Text_OfAnAmount_HasDigitsThatTellSomething(decimal amount, string text) => Amounts.Text(amount).Should().Be(text);
}
