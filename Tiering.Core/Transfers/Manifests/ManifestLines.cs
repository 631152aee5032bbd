using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>One entry as one line of JSON and back, by hand: a manifest may have millions. Names are short, what is null is left out.</summary>
internal static class ManifestLines
{
    public static JsonWriterOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never embedded in HTML
        SkipValidation = true,
    };

    public static void Write(Utf8JsonWriter json, InventoryEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("p"u8, entry.Path);
        json.WriteString("k"u8, entry.Kind switch { EntryKind.File => "f"u8, EntryKind.Folder => "d"u8, _ => "l"u8 });
        if (entry.Kind == EntryKind.File)
            json.WriteNumber("s"u8, entry.Size);
        Write(json, "m"u8, entry.Modified);
        if (entry.ModifiedNanoseconds != 0)
            json.WriteNumber("n"u8, entry.ModifiedNanoseconds);
        Write(json, "c"u8, entry.Changed);
        if (entry.Mode is { } mode)
            json.WriteNumber("o"u8, mode);
        Write(json, "l"u8, entry.Target);
        Write(json, "e"u8, entry.ETag);
        Write(json, "h"u8, entry.Md5);
        Write(json, "t"u8, entry.Tier);
        Write(json, "a"u8, entry.Attributes);
        Write(json, "b"u8, entry.Created);
        json.WriteEndObject();
    }

    /// <summary>Whether a line is an entry; header and trailer begin otherwise.</summary>
    public static bool IsEntry(ReadOnlySpan<byte> line) => line.StartsWith("{\"p\":"u8);

    /// <exception cref="JsonException">The line is no entry.</exception>
    /// <exception cref="FormatException">A value has another form.</exception>
    /// <exception cref="InvalidOperationException">A value has another type.</exception>
    public static InventoryEntry Read(ReadOnlySpan<byte> line)
    {
        Utf8JsonReader json = new(line);
        json.Read();
        string? path = null;
        EntryKind? kind = null;
        long size = 0;
        (DateTimeOffset? modified, DateTimeOffset? changed, DateTimeOffset? created) = (null, null, null);
        (string? target, string? etag, string? md5, string? tier, string? attributes) = (null, null, null, null, null);
        int nanoseconds = 0;
        int? mode = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            byte name = json.ValueSpan.Length == 1 ? json.ValueSpan[0] : (byte)0;
            json.Read();
            switch (name)
            {
                case (byte)'p': path = json.GetString(); break;
                case (byte)'k': kind = Kind(json.ValueSpan); break;
                case (byte)'s': size = json.GetInt64(); break;
                case (byte)'m': modified = json.GetDateTimeOffset(); break;
                case (byte)'n': nanoseconds = json.GetInt32(); break;
                case (byte)'c': changed = json.GetDateTimeOffset(); break;
                case (byte)'o': mode = json.GetInt32(); break;
                case (byte)'l': target = json.GetString(); break;
                case (byte)'e': etag = json.GetString(); break;
                case (byte)'h': md5 = json.GetString(); break;
                case (byte)'t': tier = json.GetString(); break;
                case (byte)'a': attributes = json.GetString(); break;
                case (byte)'b': created = json.GetDateTimeOffset(); break;
                default: throw new JsonException("An entry has an unknown property.");
            }
        }
        if (json.TokenType != JsonTokenType.EndObject || json.Read() || string.IsNullOrEmpty(path) || kind is null || size < 0)
            throw new JsonException("An entry is not complete.");
        return new InventoryEntry(path, kind.Value, size)
        {
            Modified = modified,
            ModifiedNanoseconds = nanoseconds,
            Changed = changed,
            Mode = mode,
            Target = target,
            ETag = etag,
            Md5 = md5,
            Tier = tier,
            Attributes = attributes,
            Created = created,
        };
    }

    private static EntryKind? Kind(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'f'] => EntryKind.File,
        [(byte)'d'] => EntryKind.Folder,
        [(byte)'l'] => EntryKind.Link,
        _ => null,
    };

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } value)
            json.WriteString(name, value.UtcDateTime);
    }
}

/// <summary>
/// Adds up a manifest: the counts, the order, the hash over every line, and the root, which is SHA-256 over
/// <c>path NUL kind NUL size NUL time NUL content LF</c> of every entry in order. The kind is <c>f</c>, <c>d</c> or <c>l</c>; the time is in
/// nanoseconds since 1970 or empty; the content is the MD5 in base64, a link's target, or empty. Before them comes, from version 2 on, the project's
/// own folder, if the header has it, with the path <c>.</c> and the content <c>MODE|ATTRIBUTES|CREATED</c>: octal, names as the share gives them, nanoseconds since 1970.
/// </summary>
internal sealed class ManifestSums : IDisposable
{
    private readonly IncrementalHash lines = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = new byte[512];
    private string? last;
    private long files;
    private long bytes;
    private long folders;
    private long links;

    /// <summary>Adds what the header says of the project's own folder.</summary>
    public void AddRoot(InventoryEntry folder)
    {
        string mode = folder.Mode is { } bits ? Convert.ToString(bits, 8).PadLeft(4, '0') : "";
        string created = folder.Created is { } time ? Nanoseconds(time, 0).ToString(CultureInfo.InvariantCulture) : "";
        Hash(folder with { Path = "." }, $"{mode}|{folder.Attributes}|{created}");
    }

    public void AddLine(ReadOnlySpan<byte> line)
    {
        lines.AppendData(line);
        lines.AppendData("\n"u8);
    }

    /// <summary>False when the entry does not come after the one before.</summary>
    public bool AddEntry(InventoryEntry entry)
    {
        if (last is not null && PathOrder.Compare(last, entry.Path) >= 0)
            return false;
        last = entry.Path;
        _ = entry.Kind switch
        {
            EntryKind.File => files++,
            EntryKind.Folder => folders++,
            _ => links++,
        };
        bytes = checked(bytes + entry.Size);
        Hash(entry, entry.Md5 ?? entry.Target ?? "");
        return true;
    }

    public ManifestTrailer Trailer() => new(
        new(files, bytes),
        folders,
        links,
        Convert.ToHexStringLower(root.GetCurrentHash()),
        Convert.ToHexStringLower(lines.GetCurrentHash()));

    public void Dispose()
    {
        lines.Dispose();
        root.Dispose();
    }

    private void Hash(InventoryEntry entry, string content)
    {
        int most = Encoding.UTF8.GetMaxByteCount(entry.Path.Length + content.Length) + 80;
        if (buffer.Length < most)
            buffer = new byte[most * 2];
        int used = Encoding.UTF8.GetBytes(entry.Path, buffer);
        buffer[used++] = 0;
        buffer[used++] = entry.Kind switch { EntryKind.File => (byte)'f', EntryKind.Folder => (byte)'d', _ => (byte)'l' };
        buffer[used++] = 0;
        used += Append(entry.Size, used);
        buffer[used++] = 0;
        if (entry.Modified is { } modified)
            used += Append(Nanoseconds(modified, entry.ModifiedNanoseconds), used);
        buffer[used++] = 0;
        used += Encoding.UTF8.GetBytes(content, buffer.AsSpan(used));
        buffer[used++] = (byte)'\n';
        root.AppendData(buffer, 0, used);
    }

    private static Int128 Nanoseconds(DateTimeOffset time, int more) => ((Int128)(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100) + more;

    private int Append<T>(T number, int used)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(buffer.AsSpan(used), out int written, default, CultureInfo.InvariantCulture);
        return written;
    }
}
