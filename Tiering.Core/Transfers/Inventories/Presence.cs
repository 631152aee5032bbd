using System.Runtime.CompilerServices;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>Reads inventories of places where there may be nothing yet.</summary>
public static class Presence
{
    /// <summary>The same entries; none when there is no project.</summary>
    public static async IAsyncEnumerable<InventoryEntry> Of(IAsyncEnumerable<InventoryEntry> inventory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using IAsyncEnumerator<InventoryEntry> entries = inventory.GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await entries.MoveNextAsync())
                    yield break;
            }
            catch (ProjectDataMissingException)
            {
                yield break;
            }
            yield return entries.Current;
        }
    }
}
