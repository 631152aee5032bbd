namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>
/// The names in one folder, in the order in which a walk by whole paths meets them. A folder occurs twice: as itself, and, with '/' behind
/// its name, where its content belongs; between the two come siblings such as <c>name-2</c>. The bytes of all names share one buffer, so
/// that a folder of millions of files fits into memory.
/// </summary>
internal sealed class FolderNames
{
    private const byte FolderType = 4; // DT_DIR
    private const byte UnknownType = 0; // DT_UNKNOWN

    private readonly List<Item> items = [];
    private byte[] bytes = new byte[1024];
    private int used;

    private readonly record struct Item(int Start, int Length, bool Content);

    public int Count => items.Count;

    /// <summary>The name, ended by a zero; without the '/'.</summary>
    public ReadOnlySpan<byte> Name(int index) => bytes.AsSpan(items[index].Start, items[index].Length + 1);

    /// <summary>Whether this is the place of a folder's content.</summary>
    public bool IsContent(int index) => items[index].Content;

    /// <exception cref="TieringException">The folder could not be read to its end.</exception>
    public static FolderNames Read(FolderHandle folder, string display)
    {
        FolderNames names = new();
        nint open = Posix.OpenNames(folder);
        if (open == 0)
            throw FolderErrors.Of(Posix.LastError, $"listing {display}");
        try
        {
            while (Posix.NextName(open, out ReadOnlySpan<byte> name, out byte type))
            {
                if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                    continue;
                names.Add(folder, name, type);
            }
            if (Posix.LastError != 0)
                throw FolderErrors.Of(Posix.LastError, $"listing {display}");
        }
        finally
        {
            Posix.CloseNames(open);
        }
        names.items.Sort(names.Compare);
        return names;
    }

    private void Add(FolderHandle folder, ReadOnlySpan<byte> name, byte type)
    {
        if (bytes.Length - used <= name.Length)
            Array.Resize(ref bytes, checked(Math.Max(bytes.Length * 2, used + name.Length + 1)));
        name.CopyTo(bytes.AsSpan(used));
        bytes[used + name.Length] = 0;
        Item item = new(used, name.Length, Content: false);
        used += name.Length + 1;
        items.Add(item);
        if (type == FolderType || (type == UnknownType && Posix.Stat(folder, bytes.AsSpan(item.Start, item.Length + 1), out FileStatus status) && status.IsFolder))
            items.Add(item with { Content = true });
    }

    private int Compare(Item left, Item right)
    {
        ReadOnlySpan<byte> first = bytes.AsSpan(left.Start, left.Length);
        ReadOnlySpan<byte> second = bytes.AsSpan(right.Start, right.Length);
        int same = first.CommonPrefixLength(second);
        // Behind the end of a name comes nothing (-1), or the '/' that stands before its content.
        int next = same < first.Length ? first[same] : left.Content ? '/' : -1;
        int other = same < second.Length ? second[same] : right.Content ? '/' : -1;
        return next.CompareTo(other);
    }
}
