using System.Globalization;
using System.Text;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Agents;

/// <summary>One part of a copy that is too large for one AzCopy job.</summary>
/// <param name="List">The name of the file, in the job's local folder, that lists what belongs to it: folders with all that is in them, and files.</param>
/// <param name="Size">The files in it.</param>
public sealed record CopyPart(string List, DataSize Size);

/// <summary>
/// Splits a manifest into parts of at most so many files, by folders where they allow it: a folder that fits into a part is split only when leaving it to the
/// next one would leave this one less than half full. Memory does not grow with the manifest: a part's list is written as it comes, and the lines of a folder
/// that turns out to be whole are taken back for its name alone.
/// </summary>
public sealed class CopyParts : IDisposable
{
    /// <summary>What the lists are called.</summary>
    public static readonly IReadOnlyList<string> Lists = ["part-*.txt", "rest-*.txt"];

    private readonly string folder;
    private readonly string name;
    private readonly long limit;
    private readonly List<CopyPart> parts = [];
    private readonly Stack<OpenFolder> open = new();
    private FileStream list;
    private DataSize size;

    private CopyParts(string folder, string name, long limit)
    {
        (this.folder, this.name, this.limit) = (folder, name, limit);
        list = CreateList();
    }

    /// <param name="files">A manifest, in order.</param>
    /// <param name="limit">How many files a part has at most, from 1.</param>
    /// <param name="folder">Where the lists are written; lists of the same names are replaced.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The parts, in order; their lists are on disk.</returns>
    public static async Task<IReadOnlyList<CopyPart>> PlanAsync(IAsyncEnumerable<InventoryEntry> files, long limit, string folder, CancellationToken cancellation)
    {
        using CopyParts planning = new(folder, "part", limit);
        await foreach (InventoryEntry entry in files.WithCancellation(cancellation))
        {
            if (entry.Kind == EntryKind.File)
                planning.Add(entry);
        }
        return planning.Complete();
    }

    /// <summary>Lists some of the files: folders of which all are among them by their name alone.</summary>
    /// <param name="files">All files of a manifest, in order, each with whether it is one of them.</param>
    /// <param name="folder">Where the list is written; the one before is replaced.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<CopyPart> ListAsync(IAsyncEnumerable<(InventoryEntry File, bool IsIn)> files, string folder, CancellationToken cancellation)
    {
        using CopyParts planning = new(folder, "rest", long.MaxValue);
        await foreach ((InventoryEntry file, bool isIn) in files.WithCancellation(cancellation))
        {
            if (isIn)
                planning.Add(file);
            else
                planning.Pass(file.Path);
        }
        return planning.Complete()[0];
    }

    public void Dispose() => list.Dispose();

    private void Add(InventoryEntry file)
    {
        if (file.Path.AsSpan().ContainsAny('\n', '\r'))
            throw new TransferFailedException("not-representable", "A name with a line break cannot be copied in parts.");
        Leave(file.Path);
        if (size.Files == limit)
            Cut();
        Open(file.Path);
        Write(file.Path);
        size += new DataSize(1, file.Size);
    }

    /// <summary>Leaves a file out: no folder above it is whole.</summary>
    private void Pass(string path)
    {
        Leave(path);
        Open(path);
        Renew(one => one with { Offset = null });
    }

    private List<CopyPart> Complete()
    {
        Leave(path: "");
        Close();
        AtomicFile.SyncFolder(folder);
        return parts;
    }

    private void Open(string path)
    {
        for (int end = path.IndexOf('/', open.TryPeek(out OpenFolder? parent) ? parent.Path.Length + 1 : 0); end >= 0; end = path.IndexOf('/', end + 1))
            open.Push(new OpenFolder(path[..end], list.Position, size));
    }

    /// <summary>Closes the folders that a path does not lie in: what is whole in this part is named by its folder alone.</summary>
    private void Leave(string path)
    {
        while (open.TryPeek(out OpenFolder? last) && !PathRange.Contains(last.Path, path))
        {
            open.Pop();
            if (last.Offset is not { } offset)
                continue;
            list.SetLength(offset);
            list.Position = offset;
            Write(last.Path);
        }
    }

    /// <summary>Ends the part, before the outermost open folder that may be left to the next one.</summary>
    private void Cut()
    {
        OpenFolder? moved = open.Reverse().FirstOrDefault(one => one.Offset is not null && one.Before.Files >= Math.Max(1, (limit + 1) / 2));
        if (moved is null)
        {
            Close();
            list = CreateList();
            Renew(one => one with { Offset = null }); // a part of each lies in the part before
            return;
        }
        long start = moved.Offset!.Value;
        byte[] lines = new byte[list.Position - start];
        list.Position = start;
        list.ReadExactly(lines);
        list.SetLength(start);
        DataSize rest = new(size.Files - moved.Before.Files, size.Bytes - moved.Before.Bytes);
        size = moved.Before;
        Close();
        list = CreateList();
        list.Write(lines);
        size = rest;
        Renew(one => one.Path.Length < moved.Path.Length
            ? one with { Offset = null }
            : one with { Offset = one.Offset - start, Before = new DataSize(one.Before.Files - moved.Before.Files, one.Before.Bytes - moved.Before.Bytes) });
    }

    private void Renew(Func<OpenFolder, OpenFolder> change)
    {
        List<OpenFolder> folders = [.. open.Reverse()];
        open.Clear();
        foreach (OpenFolder one in folders)
            open.Push(change(one));
    }

    private void Close()
    {
        list.Flush(flushToDisk: true);
        parts.Add(new CopyPart(Path.GetFileName(list.Name), size));
        list.Dispose();
        size = default;
    }

    private FileStream CreateList() => new(
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{parts.Count + 1:D4}.txt")),
        new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, UnixCreateMode = AtomicFile.Private });

    private void Write(string line)
    {
        list.Write(Encoding.UTF8.GetBytes(line));
        list.WriteByte((byte)'\n');
    }

    /// <param name="Path">The folder.</param>
    /// <param name="Offset">Where its lines begin in the list; null when a part of it lies in an earlier part.</param>
    /// <param name="Before">What the part held when the folder began.</param>
    private sealed record OpenFolder(string Path, long? Offset, DataSize Before);
}
