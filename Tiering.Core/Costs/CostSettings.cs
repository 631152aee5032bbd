using System.Globalization;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Costs;

/// <summary>What storage costs, and when a COOL is refused for its cost, from the settings.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
/// <exception cref="ConfigurationException">A setting is wrong; the message names it.</exception>
public sealed class CostSettings(Func<string, string?> setting)
{
    private const int MostMonths = 1200;

    /// <summary>TIERING_PRICES: a file; without it <see cref="PriceTable.Default"/>.</summary>
    public PriceTable Prices { get; } = PriceTable.Read(setting("TIERING_PRICES"));

    /// <summary>
    /// TIERING_COST_VETO_MONTHS, 1 to 1200: a COOL that does not save within so many months what it costs is refused; null for never.
    /// </summary>
    public int? VetoMonths { get; } = setting("TIERING_COST_VETO_MONTHS")?.Trim() switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int months) && months is >= 1 and <= MostMonths => months,
        _ => throw new ConfigurationException($"TIERING_COST_VETO_MONTHS must be a whole number from 1 to {MostMonths}"),
    };

    /// <summary>What an agent has to check before it copies; null for nothing.</summary>
    public CostVeto? VetoOf(LifecycleOperation operation) =>
        operation.Key.Type == OperationType.Cool && !operation.IgnoreCost && VetoMonths is { } months ? new CostVeto(months, Prices) : null;
}

/// <summary>A COOL is to go on only if it is worth its cost.</summary>
/// <param name="Months">Within so many months it has to save what it costs.</param>
/// <param name="Prices">By these prices.</param>
public sealed record CostVeto(int Months, PriceTable Prices)
{
    /// <summary>When the project's last COOL that succeeded ended: what it left at COOL has lain there since then. Null when there was none.</summary>
    public DateTimeOffset? CooledAt { get; init; }
}
