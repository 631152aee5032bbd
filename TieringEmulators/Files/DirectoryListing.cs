using System.Globalization;
using System.Text;
using System.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>One page of a directory. Source: "List Directories and Files".</summary>
internal static class DirectoryListing
{
    private const int LargestPage = 5000;
    private const string MarkerVersion = "1!";

    private static readonly string[] Includable = ["timestamps", "etag", "attributes", "permissionkey"];

    public static async Task WriteAsync(FileExchange exchange)
    {
        StorageTarget target = exchange.Target;
        int size = PageSize(target.Query("maxresults"));
        string prefix = target.Query("prefix") ?? "";
        string? from = target.Query("marker") is { Length: > 0 } marker ? ReadMarker(marker) : null;
        HashSet<string> include = Include(target.Query("include"));
        bool extended = include.Count > 0 || exchange.Header("x-ms-file-extended-info") == "true";
        ShareEntry folder = exchange.Share.Folder(exchange.Names);
        List<ShareEntry> page = [.. exchange.Share.Children(folder, from, prefix).Take(size + 1)];

        using MemoryStream body = new();
        // The service begins its listings with a byte order mark.
        using (XmlWriter xml = XmlWriter.Create(body, new XmlWriterSettings { Encoding = new UTF8Encoding(true) }))
        {
            xml.WriteStartElement("EnumerationResults");
            xml.WriteAttributeString("ServiceEndpoint", $"{exchange.Request.Scheme}://{exchange.Request.Host}/{target.Account}/");
            xml.WriteAttributeString("ShareName", target.Container);
            xml.WriteAttributeString("DirectoryPath", Printable(folder.Path));
            if (prefix.Length > 0)
                xml.WriteElementString("Prefix", Printable(prefix));
            if (from is not null)
                xml.WriteElementString("Marker", target.Query("marker"));
            if (target.Query("maxresults") is not null)
                xml.WriteElementString("MaxResults", size.ToString(CultureInfo.InvariantCulture));
            if (extended)
                xml.WriteElementString("DirectoryId", folder.Id);
            xml.WriteStartElement("Entries");
            foreach (ShareEntry entry in page.Take(size))
                WriteEntry(xml, entry, include, extended);
            xml.WriteEndElement();
            xml.WriteElementString("NextMarker", page.Count > size ? WriteMarker(page[size].Name) : "");
            xml.WriteEndElement();
        }
        exchange.Response.ContentType = "application/xml";
        exchange.Response.ContentLength = body.Length;
        await exchange.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), exchange.Aborted);
    }

    private static void WriteEntry(XmlWriter xml, ShareEntry entry, HashSet<string> include, bool extended)
    {
        xml.WriteStartElement(entry.IsFolder ? "Directory" : "File");
        if (extended)
            xml.WriteElementString("FileId", entry.Id);
        xml.WriteStartElement("Name");
        if (entry.Name.All(IsXml))
        {
            xml.WriteString(entry.Name);
        }
        else
        {
            xml.WriteAttributeString("Encoded", "true");
            xml.WriteString(Uri.EscapeDataString(entry.Name));
        }
        xml.WriteEndElement();
        xml.WriteStartElement("Properties");
        if (!entry.IsFolder)
            xml.WriteElementString("Content-Length", entry.Length.ToString(CultureInfo.InvariantCulture));
        if (include.Contains("timestamps"))
        {
            xml.WriteElementString("CreationTime", EntryChange.Format(entry.Created));
            xml.WriteElementString("LastAccessTime", EntryChange.Format(entry.LastWritten));
            xml.WriteElementString("LastWriteTime", EntryChange.Format(entry.LastWritten));
            xml.WriteElementString("ChangeTime", EntryChange.Format(entry.Changed));
            xml.WriteElementString("Last-Modified", entry.LastModified.ToString("R", CultureInfo.InvariantCulture));
        }
        if (include.Contains("etag"))
            xml.WriteElementString("Etag", entry.ETag);
        xml.WriteEndElement();
        if (include.Contains("attributes"))
            xml.WriteElementString("Attributes", entry.Attributes);
        if (include.Contains("permissionkey"))
            xml.WriteElementString("PermissionKey", entry.PermissionKey);
        xml.WriteEndElement();
    }

    private static int PageSize(string? text)
    {
        if (text is null)
            return LargestPage;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size == 0)
            throw new StorageException(400, "OutOfRangeQueryParameterValue", "maxresults must be 1 or more.");
        return Math.Min(size, LargestPage);
    }

    private static HashSet<string> Include(string? text)
    {
        HashSet<string> include = new((text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase);
        return include.All(name => Includable.Contains(name, StringComparer.OrdinalIgnoreCase))
            ? include
            : throw new StorageException(400, "InvalidQueryParameterValue", "include takes Timestamps, ETag, Attributes and PermissionKey.");
    }

    private static string WriteMarker(string name) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(MarkerVersion + name));

    private static string ReadMarker(string marker)
    {
        try
        {
            string text = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(marker));
            if (text.StartsWith(MarkerVersion, StringComparison.Ordinal))
                return text[MarkerVersion.Length..];
        }
        catch (FormatException)
        {
            // Answered below.
        }
        throw new StorageException(400, "InvalidMarker", "The specified marker is invalid.");
    }

    private static bool IsXml(char c) => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c);

    private static string Printable(string text) => string.Concat(text.Select(c => IsXml(c) ? c : '?'));
}
