using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Costs;

/// <summary>
/// What moving a project means in requests and billed bytes, added up entry by entry. The counts follow what AzCopy was seen to send: blocks of 8
/// MiB to and from blobs, ranges of 4 MiB to shares.
/// </summary>
/// <param name="source">Where it comes from.</param>
/// <param name="destination">Where it goes.</param>
/// <param name="minimumObjectBytes">What the cool side bills at least for an object.</param>
/// <param name="blockBytes">The pieces that AzCopy is told to copy files in; null for its own choice.</param>
public sealed class TransferSurvey(LocationKind source, LocationKind destination, long minimumObjectBytes, long? blockBytes = null)
{
    /// <summary>Inventories of each side, and AzCopy's own scan of the source.</summary>
    private const int SourceListings = 3, DestinationListings = 3;

    private const int ListPage = 5000;
    private const long BlobBlock = 8L << 20, ShareRange = 4L << 20;

    /// <summary>A blob has 50,000 blocks at most: larger files get larger ones.</summary>
    private const long MostBlocks = 50_000;

    public DataSize Size { get; private set; }

    public long Folders { get; private set; }

    public long Links { get; private set; }

    /// <summary>What the cool side bills for: every file with the least size that it bills.</summary>
    public long BilledBytes { get; private set; }

    /// <summary>Requests that read at the source, the copy alone.</summary>
    public long SourceReads { get; private set; }

    /// <summary>Requests that write at the destination.</summary>
    public long DestinationWrites { get; private set; }

    /// <summary>Requests that look at what was written.</summary>
    public long DestinationReads => destination == LocationKind.Folder ? 0 : Size.Files;

    public long SourceLists => SourceListings * Pages(source);

    public long DestinationLists => DestinationListings * Pages(destination);

    public void Add(InventoryEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.File:
                Size += new DataSize(1, entry.Size);
                BilledBytes = checked(BilledBytes + Math.Max(entry.Size, minimumObjectBytes));
                SourceReads += ReadsOf(entry.Size);
                DestinationWrites += WritesOf(entry.Size);
                break;
            case EntryKind.Folder:
                Folders++;
                if (destination == LocationKind.Share)
                    DestinationWrites++;
                break;
            default:
                Links++;
                break;
        }
    }

    /// <summary>How many of the bytes a proof reads on either side.</summary>
    public long ProofBytes(Proof proof) => proof.BytesOf(Size);

    /// <summary>How many of the files a proof reads on either side, a request each.</summary>
    public long ProofReads(Proof proof) => proof.Mode switch
    {
        ProofMode.Full => Size.Files,
        ProofMode.Sample => Math.Min(Size.Files, Pieces(Size.Files * proof.SamplePercent, 100)),
        _ => 0,
    };

    private long ReadsOf(long bytes) => source switch
    {
        LocationKind.Blob => 1 + Math.Max(1, Pieces(bytes, destination == LocationKind.Share ? Piece(bytes, ShareRange) : Piece(bytes, BlobBlock))),
        LocationKind.Share => 2 + Math.Max(1, Pieces(bytes, Piece(bytes, BlobBlock))), // it looks at each file twice
        _ => 0,
    };

    private long WritesOf(long bytes) => destination switch
    {
        LocationKind.Blob => Pieces(bytes, Piece(bytes, BlobBlock)) is var blocks and > 1 ? blocks + 1 : 1, // the blocks, then their list
        LocationKind.Share => 2 + Pieces(bytes, Piece(bytes, ShareRange)), // made, filled range by range, its properties put back
        _ => 0,
    };

    private long Piece(long bytes, long standard)
    {
        if (blockBytes is { } told)
            return told;
        long piece = standard;
        while (standard == BlobBlock && bytes > piece * MostBlocks)
            piece *= 2;
        return piece;
    }

    /// <summary>Blobs are listed all together, shares folder by folder.</summary>
    private long Pages(LocationKind kind) => kind switch
    {
        LocationKind.Blob => Math.Max(1, Pieces(Size.Files, ListPage)),
        LocationKind.Share => Folders + 1 + (Size.Files / ListPage),
        _ => 0,
    };

    private static long Pieces(long amount, long piece) => (amount + piece - 1) / piece;
}
