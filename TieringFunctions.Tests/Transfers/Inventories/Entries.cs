using Tiering.Core.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Inventories;

/// <summary>Inventories for tests.</summary>
internal static class Entries
{
    public static InventoryEntry FileAt(string path, long size = 1, string? md5 = null) => new(path, EntryKind.File, size) { Md5 = md5 };

    public static InventoryEntry FolderAt(string path) => new(path, EntryKind.Folder, 0);

    public static InventoryEntry LinkAt(string path, string target) => new(path, EntryKind.Link, 0) { Target = target };

    public static async IAsyncEnumerable<InventoryEntry> Of(params InventoryEntry[] entries)
    {
        await Task.Yield();
        foreach (InventoryEntry entry in entries)
            yield return entry;
    }

    public static IAsyncEnumerable<InventoryEntry> Sorted(IEnumerable<InventoryEntry> entries) =>
        Of([.. entries.OrderBy(entry => entry.Path, PathOrder.Instance)]);

    public static async Task<List<InventoryEntry>> ListAsync(this IAsyncEnumerable<InventoryEntry> entries)
    {
        List<InventoryEntry> all = [];
        await foreach (InventoryEntry entry in entries)
            all.Add(entry);
        return all;
    }

    public static async Task<List<InventoryEntry>> ListAsync(this IProjectStore store) => await store.ListAsync(CancellationToken.None).ListAsync();
}
