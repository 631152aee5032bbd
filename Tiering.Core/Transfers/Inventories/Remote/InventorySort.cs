using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>Puts entries into the order of inventories, in bounded memory: more than fit are sorted in parts, which lie in a temporary file each.</summary>
internal static class InventorySort
{
    public const int DefaultPart = 100_000;

    /// <param name="entries">In any order; entries of the same path stay in theirs.</param>
    /// <param name="part">How many are held in memory.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async IAsyncEnumerable<InventoryEntry> SortAsync(
        IAsyncEnumerable<InventoryEntry> entries,
        int part,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<InventoryEntry> held = [];
        List<SpilledPart> parts = [];
        try
        {
            await foreach (InventoryEntry entry in entries.WithCancellation(cancellation))
            {
                held.Add(entry);
                if (held.Count < part)
                    continue;
                parts.Add(SpilledPart.Write(Sorted(held)));
                held.Clear();
            }
            IEnumerator<InventoryEntry>[] sources = [.. parts.Select(spilled => spilled.Read()), ((IEnumerable<InventoryEntry>)Sorted(held)).GetEnumerator()];
            foreach (InventoryEntry entry in Merge(sources))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return entry;
            }
        }
        finally
        {
            parts.ForEach(spilled => spilled.Dispose());
        }
    }

    private static List<InventoryEntry> Sorted(List<InventoryEntry> held)
    {
        for (int i = 1; i < held.Count; i++)
        {
            if (PathOrder.Compare(held[i - 1].Path, held[i].Path) > 0)
                return [.. held.OrderBy(entry => entry.Path, PathOrder.Instance)]; // stable
        }
        return held; // most services list in this order already
    }

    private static IEnumerable<InventoryEntry> Merge(IEnumerator<InventoryEntry>[] sources)
    {
        PriorityQueue<int, (string Path, int Source)> next = new(Comparer<(string Path, int Source)>.Create((left, right) =>
            PathOrder.Compare(left.Path, right.Path) is not 0 and int order ? order : left.Source.CompareTo(right.Source)));
        for (int i = 0; i < sources.Length; i++)
        {
            if (sources[i].MoveNext())
                next.Enqueue(i, (sources[i].Current.Path, i));
        }
        while (next.TryPeek(out int source, out _))
        {
            yield return sources[source].Current;
            if (sources[source].MoveNext())
                next.DequeueEnqueue(source, (sources[source].Current.Path, source));
            else
                next.Dequeue();
        }
    }

    /// <summary>A sorted part in a file that goes with the process, whatever happens to it.</summary>
    private sealed class SpilledPart(FileStream file) : IDisposable
    {
        public static SpilledPart Write(IEnumerable<InventoryEntry> sorted)
        {
            string path = Path.Combine(Path.GetTempPath(), $"tiering-{Guid.NewGuid():N}.part");
            FileStream file = new(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = AtomicFile.Private,
                BufferSize = 1 << 16,
            });
            try
            {
                File.Delete(path); // the open file stays readable, and nothing is left behind by a kill
                ArrayBufferWriter<byte> buffer = new();
                using Utf8JsonWriter json = new(buffer, ManifestLines.Options);
                foreach (InventoryEntry entry in sorted)
                {
                    ManifestLines.Write(json, entry);
                    json.Flush();
                    json.Reset();
                    buffer.Write("\n"u8);
                    file.Write(buffer.WrittenSpan);
                    buffer.ResetWrittenCount();
                }
                file.Flush();
                return new SpilledPart(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        public IEnumerator<InventoryEntry> Read()
        {
            file.Position = 0;
            using StreamReader lines = new(file, leaveOpen: true);
            while (lines.ReadLine() is { } line)
                yield return ManifestLines.Read(System.Text.Encoding.UTF8.GetBytes(line));
        }

        public void Dispose() => file.Dispose();
    }
}
