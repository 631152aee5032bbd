using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>What a request asks to change of an entry's properties, as its headers say.</summary>
/// <param name="LastWritten">The new SMB last-write time; null leaves what is on disk.</param>
/// <param name="ApplyTo">Gives the record after the change, from the record before and the time of the request.</param>
internal sealed record EntryChange(DateTimeOffset? LastWritten, Func<EntryRecord, DateTimeOffset, EntryRecord> ApplyTo)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly HashSet<string> Known = new(
        ["ReadOnly", "Hidden", "System", "Archive", "Temporary", "Offline", "NotContentIndexed", "NoScrubData", "Directory"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Content was written: its hash is no longer known.</summary>
    /// <param name="lastWritten">The SMB last-write time to set; null leaves what the write made of it.</param>
    public static EntryChange Content(DateTimeOffset? lastWritten) =>
        new(lastWritten, (record, now) => record with { ContentMd5 = null, Changed = now });

    public static EntryChange Metadata(HttpRequest request)
    {
        IReadOnlyDictionary<string, string> metadata = MetadataOf(request);
        return new(null, (record, now) => record with { Metadata = metadata, Changed = now });
    }

    /// <summary>Everything that may be given when an entry is created.</summary>
    public static EntryChange Creation(HttpRequest request, bool folder, DateTimeOffset now)
    {
        EntryChange smb = Smb(request, folder, now);
        IReadOnlyDictionary<string, string> metadata = MetadataOf(request);
        return smb with { ApplyTo = (record, at) => ContentHeaders(request, smb.ApplyTo(record, at)) with { Metadata = metadata } };
    }

    /// <summary>SMB properties, and for a file the HTTP headers: those that are not given are removed, as the service does.</summary>
    public static EntryChange Properties(HttpRequest request, bool folder, DateTimeOffset now)
    {
        EntryChange smb = Smb(request, folder, now);
        return folder ? smb : smb with { ApplyTo = (record, at) => ContentHeaders(request, smb.ApplyTo(record, at)) };
    }

    /// <summary>A time as the service writes it: UTC with seven decimals.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static EntryChange Smb(HttpRequest request, bool folder, DateTimeOffset now)
    {
        DateTimeOffset? created = TimeOf(request, "x-ms-file-creation-time", now);
        DateTimeOffset? written = TimeOf(request, "x-ms-file-last-write-time", now);
        DateTimeOffset? changed = TimeOf(request, "x-ms-file-change-time", now);
        string? attributes = Header(request, "x-ms-file-attributes");
        string? listed = attributes is null or "preserve" or "Preserve" ? null : AttributesOf(attributes, folder);
        string? permission = Header(request, "x-ms-file-permission-key");
        return new(written, (record, at) => record with
        {
            Created = created ?? record.Created,
            Changed = changed ?? at,
            Attributes = listed ?? record.Attributes,
            PermissionKey = permission ?? record.PermissionKey,
        });
    }

    private static EntryRecord ContentHeaders(HttpRequest request, EntryRecord record) => record with
    {
        ContentType = Header(request, "x-ms-content-type"),
        ContentEncoding = Header(request, "x-ms-content-encoding"),
        ContentLanguage = Header(request, "x-ms-content-language"),
        CacheControl = Header(request, "x-ms-cache-control"),
        ContentDisposition = Header(request, "x-ms-content-disposition"),
        ContentMd5 = Header(request, "x-ms-content-md5"),
    };

    private static Dictionary<string, string> MetadataOf(HttpRequest request) => request.Headers
        .Where(header => header.Key.StartsWith("x-ms-meta-", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(header => header.Key["x-ms-meta-".Length..], header => header.Value.ToString(), StringComparer.Ordinal);

    private static string AttributesOf(string text, bool folder)
    {
        string[] given = text.Split('|', StringSplitOptions.TrimEntries);
        if (given is [{ } only] && only.Equals("None", StringComparison.OrdinalIgnoreCase))
            return folder ? "Directory" : "Archive";
        string? wrong = Array.Find(given, name => !Known.Contains(name) || (!folder && name.Equals("Directory", StringComparison.OrdinalIgnoreCase)));
        if (wrong is not null)
            throw StorageException.InvalidHeader("x-ms-file-attributes", $"'{wrong}' is not an attribute of {(folder ? "a directory" : "a file")}");
        // As the service spells them, in its order, once each.
        IEnumerable<string> all = folder ? given.Append("Directory") : given;
        return string.Join('|', Known.Where(name => all.Contains(name, StringComparer.OrdinalIgnoreCase)));
    }

    private static DateTimeOffset? TimeOf(HttpRequest request, string header, DateTimeOffset now)
    {
        string? text = Header(request, header);
        if (text is null || text.Equals("preserve", StringComparison.OrdinalIgnoreCase))
            return null;
        if (text.Equals("now", StringComparison.OrdinalIgnoreCase))
            return now;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw StorageException.InvalidHeader(header, "it is neither a time nor now nor preserve");
    }

    private static string? Header(HttpRequest request, string name) => request.Headers[name] is [{ Length: > 0 } value] ? value : null;
}
