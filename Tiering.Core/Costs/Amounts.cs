using System.Globalization;

namespace Tiering.Core.Costs;

/// <summary>Amounts of money for people. Pure.</summary>
public static class Amounts
{
    private const decimal Cent = 0.01m;

    /// <summary>At least two decimals and at most four; of what is less than 0.01 the first two digits that are not zero: nothing that costs something shows as 0.00.</summary>
    public static string Text(decimal amount)
    {
        decimal size = Math.Abs(amount);
        int decimals = 4;
        for (decimal scaled = size; size is > 0 and < Cent && decimals < 28 && scaled < Cent / 10; scaled *= 10)
            decimals++;
        return Math.Round(amount, decimals).ToString("#,0.00" + new string('#', decimals - 2), CultureInfo.InvariantCulture);
    }
}
