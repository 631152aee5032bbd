using System.Xml.Linq;

namespace Tiering.Emulators.Faults;

/// <summary>Makes a listing lie: leaves entries out, or ends before its end.</summary>
internal static class ListingFault
{
    private static readonly HashSet<string> EntryElements = ["File", "Directory", "Blob", "BlobPrefix"];

    public static byte[] Apply(FaultRule rule, byte[] body)
    {
        using MemoryStream input = new(body);
        XDocument listing = XDocument.Load(input, LoadOptions.PreserveWhitespace);
        List<XElement> entries = [.. listing.Descendants().Where(element => EntryElements.Contains(element.Name.LocalName))];
        if (rule.OmitEntries is { } pattern)
        {
            foreach (XElement entry in entries.FindAll(entry => Fault.Pattern(pattern, entry.Element("Name")?.Value ?? "")))
            {
                entry.Remove();
                entries.Remove(entry);
            }
        }
        if (rule.TruncateListing is { } kept)
        {
            entries.Skip(kept).Remove();
            listing.Root?.Element("NextMarker")?.ReplaceWith(new XElement("NextMarker"));
        }
        using MemoryStream output = new();
        listing.Save(output, SaveOptions.DisableFormatting);
        return output.ToArray();
    }
}
