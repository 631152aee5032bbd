using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Ends a transfer job as failed: the reason goes into the verdict.</summary>
public sealed class TransferFailedException(string code, string message, IReadOnlyDictionary<string, string>? details = null, Exception? inner = null)
    : TieringException(code, message, isTransient: false, inner)
{
    public OperationError Error => new(Code, Message, details);

    /// <summary>The same failure with more details.</summary>
    public TransferFailedException With(IReadOnlyDictionary<string, string> more)
    {
        Dictionary<string, string> all = new(more, StringComparer.Ordinal);
        foreach ((string name, string value) in details ?? new Dictionary<string, string>())
            all[name] = value;
        return new TransferFailedException(Code, Message, all, this);
    }

    /// <summary>A failure that names differences: how many of each class, and the first ones.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="differences">Where.</param>
    /// <param name="after">A sentence without its full stop that comes after; empty for none.</param>
    public static TransferFailedException Of(string code, string what, Differences differences, string after = "") =>
        new(code, $"{what}: {differences}.{(after.Length == 0 ? "" : after + ".")}", Details(differences));

    private static Dictionary<string, string> Details(Differences differences)
    {
        Dictionary<string, string> details = new(StringComparer.Ordinal) { ["differences"] = differences.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        foreach ((string name, long count) in differences.ByClass())
            details[$"differences.{name}"] = count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        details["first"] = string.Join('\n', differences.First.Take(50).Select(difference => $"{Differences.NameOf(difference.Class)}: {difference}"));
        return details;
    }
}
