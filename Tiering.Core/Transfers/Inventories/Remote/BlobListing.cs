using System.Globalization;
using System.Xml;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>One blob of a listing.</summary>
/// <param name="Name">Its whole name.</param>
/// <param name="Size">In bytes.</param>
/// <param name="IsFolder">Whether it stands for a folder: marked so, or its name ends in '/'.</param>
internal sealed record ListedBlob(string Name, long Size, bool IsFolder)
{
    public string? ETag { get; init; }

    public string? Md5 { get; init; }

    public string? Tier { get; init; }

    public DateTimeOffset? Modified { get; init; }
}

/// <summary>One page of a listing of blobs. Source: https://learn.microsoft.com/rest/api/storageservices/list-blobs</summary>
internal sealed record BlobListing(IReadOnlyList<ListedBlob> Blobs, string NextMarker)
{
    /// <exception cref="XmlException">The page is cut off, or is no listing.</exception>
    public static BlobListing Read(Stream page)
    {
        // Characters are not checked: a name may hold some that XML does not allow.
        using XmlReader xml = XmlReader.Create(page, new XmlReaderSettings { CheckCharacters = false, DtdProcessing = DtdProcessing.Prohibit, IgnoreComments = true });
        List<ListedBlob> blobs = [];
        string? marker = null;
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "EnumerationResults")
            throw new XmlException("This is no listing.");
        xml.Read();
        while (!xml.EOF)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "Blob")
            {
                blobs.Add(ReadBlob(xml));
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "NextMarker")
            {
                marker = xml.ReadElementContentAsString();
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "Prefix" or "Marker" or "MaxResults" or "Delimiter")
            {
                xml.Skip();
            }
            else
            {
                xml.Read();
            }
        }
        return new BlobListing(blobs, marker ?? throw new XmlException("A listing does not say whether it goes on."));
    }

    private static ListedBlob ReadBlob(XmlReader xml)
    {
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        int depth = xml.Depth;
        string group = "";
        xml.Read();
        while (xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                xml.Read();
            }
            else if (xml.LocalName is "Properties" or "Metadata" && xml.Depth == depth + 1)
            {
                group = xml.LocalName + "/";
                xml.Read();
            }
            else
            {
                string name = xml.Depth == depth + 1 ? xml.LocalName : group + xml.LocalName;
                bool encoded = xml.GetAttribute("Encoded") == "true";
                string value = xml.ReadElementContentAsString();
                values[name] = encoded ? Uri.UnescapeDataString(value) : value;
            }
        }
        string blob = values.GetValueOrDefault("Name") ?? throw new XmlException("A blob has no name.");
        if (!long.TryParse(values.GetValueOrDefault("Properties/Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out long size))
            throw new XmlException("A blob has no size.");
        bool marked = IsTrue(values.GetValueOrDefault("Metadata/hdi_isfolder")) || values.GetValueOrDefault("Properties/ResourceType") == "directory";
        return new ListedBlob(blob, size, (marked || blob.EndsWith('/')) && size == 0)
        {
            ETag = Present(values.GetValueOrDefault("Properties/Etag")),
            Md5 = Present(values.GetValueOrDefault("Properties/Content-MD5")),
            Tier = Present(values.GetValueOrDefault("Properties/AccessTier")),
            Modified = DateTimeOffset.TryParse(
                values.GetValueOrDefault("Properties/Last-Modified"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                ? time
                : null,
        };
    }

    public static bool IsTrue(string? text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);

    private static string? Present(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
