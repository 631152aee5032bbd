using System.Globalization;
using System.Text.Json;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Reads AzCopy's JSON, in which numbers are strings or numbers, and any field may be missing.</summary>
internal static class AzCopyJson
{
    public static AzCopyCounts Counts(JsonElement summary) => new()
    {
        Total = Number(summary, "TotalTransfers"),
        Files = Number(summary, "FileTransfers"),
        Folders = Number(summary, "FolderPropertyTransfers"),
        Links = Number(summary, "SymlinkTransfers"),
        Completed = Number(summary, "TransfersCompleted"),
        Failed = Math.Max(Number(summary, "TransfersFailed"), Number(summary, "FoldersFailed")),
        Skipped = Number(summary, "TransfersSkipped"),
        BytesExpected = Math.Max(Number(summary, "TotalBytesExpected"), Number(summary, "TotalBytesEnumerated")),
        BytesTransferred = Number(summary, "TotalBytesTransferred"),
        BytesOverWire = Number(summary, "BytesOverWire"),
        Percent = Fraction(summary, "PercentComplete"),
        LeftOut = Number(summary, "SkippedSymlinkCount") + Number(summary, "SkippedHardlinkCount") + Number(summary, "SkippedSpecialFileCount"),
    };

    public static IReadOnlyList<AzCopyTransfer> Transfers(JsonElement summary, string name)
    {
        if (!summary.TryGetProperty(name, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return [];
        List<AzCopyTransfer> transfers = [];
        foreach (JsonElement one in list.EnumerateArray())
        {
            if (transfers.Count == AzCopyReport.MaxTransfers)
                break;
            if (one.ValueKind == JsonValueKind.Object)
            {
                transfers.Add(new AzCopyTransfer(
                    SecretRedactor.Excerpt(Text(one, "Src"), AzCopyReport.MaxMessageChars),
                    SecretRedactor.Excerpt(Text(one, "Dst"), AzCopyReport.MaxMessageChars),
                    Number(one, "TransferSize"),
                    SecretRedactor.Excerpt(Text(one, "TransferStatus"), 100),
                    SecretRedactor.Excerpt(Text(one, "ErrorCode"), 100)));
            }
        }
        return transfers;
    }

    /// <summary>A string, or anything else as it is written; null when it is missing.</summary>
    public static string? Text(JsonElement parent, string name) => !parent.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        _ => value.GetRawText(),
    };

    /// <summary>Not negative; 0 when it is missing or no number.</summary>
    private static long Number(JsonElement parent, string name) =>
        long.TryParse(Text(parent, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? Math.Max(0, value) : 0;

    private static double Fraction(JsonElement parent, string name) =>
        double.TryParse(Text(parent, name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? Math.Clamp(value, 0, 100) : 0;
}
