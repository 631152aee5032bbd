using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Manifests;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class RoomNeededTests
{
    private const int Piece = 8 << 20;

    [Test]
    public void NothingThere_NeedsAllThatComesAndNoSecondCopies()
    {
        RoomNeeded needed = new(new AzCopyDownloads(Files: 64, BufferBytes: 0));
        needed.Add(FileAt("a", 7), there: null);
        needed.Add(FolderAt("d"), there: null);

        (needed.Lasting, needed.SecondCopies, needed.Bytes).Should().Be((7, 0, 7));
    }

    [Test]
    public void FilesThatAreThere_NeedTheirGrowthAndSecondCopies()
    {
        RoomNeeded needed = new(new AzCopyDownloads(Files: 64, BufferBytes: 0));
        needed.Add(FileAt("same", 100), FileAt("same", 100));
        needed.Add(FileAt("grows", 100), FileAt("grows", 40));
        needed.Add(FileAt("shrinks", 40), FileAt("shrinks", 100)); // perhaps last: its room is no help
        needed.Add(coming: null, FileAt("goes", 5));
        needed.Add(FileAt("was a folder", 3), FolderAt("was a folder"));

        (needed.Lasting, needed.SecondCopies).Should().Be((60 - 5 + 3, 100 + 40 + 40));
    }

    [Test]
    public void MoreFilesThanComeAtOnce_NeedSecondCopiesOfTheLargestAndOfTheBuffers()
    {
        RoomNeeded needed = new(new AzCopyDownloads(Files: 2, BufferBytes: Piece));
        foreach (int pieces in (int[])[1, 9, 3, 7, 5])
            needed.Add(FileAt($"{pieces}", (long)pieces * Piece), FileAt($"{pieces}", (long)pieces * Piece));

        (needed.Lasting, needed.SecondCopies).Should().Be((0L, (9L + 7 + 5 + 1) * Piece), "three are begun at once, and the buffers hold one piece of the rest");
    }
}
