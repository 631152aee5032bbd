namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// How much AzCopy downloads at once. Each file gets its full length on the disk when it is begun, under another name, and takes the place of the one that is
/// there when it is whole. Seen with 10.18.1 and 10.32.2: so many files are begun at once, and all whose pieces have found room in the buffers besides.
/// </summary>
/// <param name="Files">How many files it begins at once.</param>
/// <param name="BufferBytes">What its buffers hold.</param>
public sealed record AzCopyDownloads(int Files, long BufferBytes)
{
    /// <summary>A larger file is downloaded in pieces of so many bytes.</summary>
    private const long BlockBytes = 8L << 20;

    /// <summary>How many files larger than a piece it can have begun at once.</summary>
    public int MostLargeFiles => (int)Math.Min(int.MaxValue, Files + (BufferBytes / BlockBytes));
}
