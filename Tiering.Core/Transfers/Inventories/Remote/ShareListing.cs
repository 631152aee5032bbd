using System.Globalization;
using System.Xml;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>
/// One page of what lies in a directory of a share. Source: https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files
/// </summary>
/// <param name="Entries">Their paths are names only.</param>
/// <param name="NextMarker">Empty at the end.</param>
internal sealed record ShareListing(IReadOnlyList<InventoryEntry> Entries, string NextMarker)
{
    /// <exception cref="XmlException">The page is cut off, or is no listing.</exception>
    public static ShareListing Read(Stream page)
    {
        using XmlReader xml = XmlReader.Create(page, new XmlReaderSettings { CheckCharacters = false, DtdProcessing = DtdProcessing.Prohibit, IgnoreComments = true });
        List<InventoryEntry> entries = [];
        string? marker = null;
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "EnumerationResults")
            throw new XmlException("This is no listing.");
        xml.Read();
        while (!xml.EOF)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "File" or "Directory" && xml.Depth == 2)
                entries.Add(ReadEntry(xml, xml.LocalName == "Directory"));
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "NextMarker")
                marker = xml.ReadElementContentAsString();
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName is not "Entries")
                xml.Skip();
            else
                xml.Read();
        }
        return new ShareListing(entries, marker ?? throw new XmlException("A listing does not say whether it goes on."));
    }

    private static InventoryEntry ReadEntry(XmlReader xml, bool folder)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        int depth = xml.Depth;
        xml.Read();
        while (xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName == "Properties")
            {
                xml.Read();
                continue;
            }
            string name = xml.LocalName;
            bool encoded = xml.GetAttribute("Encoded") == "true";
            string value = xml.ReadElementContentAsString();
            values[name] = encoded ? Uri.UnescapeDataString(value) : value;
        }
        string path = values.GetValueOrDefault("Name") is { Length: > 0 } text ? text : throw new XmlException("An entry has no name.");
        long size = 0;
        if (!folder && !long.TryParse(values.GetValueOrDefault("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out size))
            throw new XmlException("A file has no size.");
        return new InventoryEntry(path, folder ? EntryKind.Folder : EntryKind.File, size)
        {
            Modified = Time(values, "LastWriteTime"),
            Changed = Time(values, "ChangeTime"),
            Created = Time(values, "CreationTime"),
            ETag = values.GetValueOrDefault("Etag") is { Length: > 0 } etag ? etag : null,
            Attributes = values.GetValueOrDefault("Attributes") is { Length: > 0 } attributes ? attributes : null,
        };
    }

    private static DateTimeOffset? Time(Dictionary<string, string> values, string name) =>
        DateTimeOffset.TryParse(values.GetValueOrDefault(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;
}
