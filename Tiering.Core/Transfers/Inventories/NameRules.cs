using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>Finds, before a byte moves, the entries of a source that the destination cannot hold or that would poison it.</summary>
/// <param name="destination">Where they are going.</param>
public sealed class NameRules(Location destination)
{
    /// <summary>Checks one entry of the source; a sequence must come in order. Every refusal goes to <paramref name="found"/> as <see cref="DifferenceClass.NotRepresentable"/>.</summary>
    /// <returns>Whether the entry can be moved.</returns>
    public bool Check(InventoryEntry entry, Differences found)
    {
        _ = destination;
        throw new NotSupportedException();
    }
}
