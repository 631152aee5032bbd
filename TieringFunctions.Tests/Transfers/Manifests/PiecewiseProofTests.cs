using System.Security.Cryptography;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class PiecewiseProofTests
{
    private static readonly OperationKey Key = new(ProjectSlug.Parse("p"), OperationType.Cool, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));
    private TempFolder temp = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        temp = new TempFolder();
        for (int i = 0; i < 40; i++)
        {
            temp.File($"hot/p/d/{i:D2}", $"content {i:D2}");
            temp.File($"cool/p/d/{i:D2}", $"content {i:D2}");
        }
        temp.Folder("hot", "p", "empty");
        temp.File("cool/p/d/15 more", "only there");
        await using ManifestWriter writer = ManifestWriter.Create(temp.At("manifest"), new ManifestHeader(Key.Project, Key, LocationKind.Folder, DateTimeOffset.UnixEpoch));
        await foreach (InventoryEntry entry in Hot.ListAsync(default))
            await writer.WriteAsync(entry, default);
        await writer.CompleteAsync(default);
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Run_PiecesWithoutTime_EachGoesOnAndTheLastHasEveryMd5()
    {
        List<long> proved = [];
        ProofReach reached = Start;
        for (bool done = false; !done; proved.Add(reached.Proved.Files))
        {
            (reached, done, Differences found) = await RunAsync(reached);
            found.Any.Should().BeFalse(found.ToString());
            File.Move(temp.At("target"), temp.At("manifest"), overwrite: true);
        }

        proved.Should().HaveCountGreaterThan(2).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
        reached.Proved.Should().Be(reached.Total);
        List<InventoryEntry> entries = await ManifestReader.ReadAsync(temp.At("manifest"), default).ListAsync();
        entries.Select(entry => entry.Path).Should().Equal((await Hot.ListAsync()).Select(entry => entry.Path));
        entries.Where(entry => entry.Kind == EntryKind.File).Should().OnlyContain(entry => entry.Md5 == Convert.ToBase64String(MD5.HashData(File.ReadAllBytes(temp.At("hot", "p", entry.Path)))));
    }

    [Test]
    public async Task Run_TimeForAll_IsOnePiece()
    {
        (ProofReach reached, bool done, _) = await RunAsync(Start, TimeSpan.FromDays(1));

        done.Should().BeTrue();
        reached.Proved.Should().Be(reached.Total);
    }

    [Test]
    public async Task Run_ChangedBehindWhatIsProved_IsFound([Values("gone", "longer", "other")] string how)
    {
        (ProofReach reached, bool done, _) = await RunAsync(Start);
        done.Should().BeFalse();
        File.Move(temp.At("target"), temp.At("manifest"), overwrite: true);
        string changed = temp.At("cool", "p", "d", "39");
        if (how == "gone")
            File.Delete(changed);
        else
            File.WriteAllText(changed, how == "longer" ? "content 39 and more" : "CONTENT 39");

        (_, _, Differences found) = await RunAsync(reached, TimeSpan.FromDays(1));

        found.First.Should().OnlyContain(difference => difference.Path == "d/39").And.NotBeEmpty();
        File.Exists(temp.At("target")).Should().BeFalse("what differs is no manifest");
    }

    private FolderStore Hot => Store("hot");

    private static ProofReach Start => new("", default, new DataSize(40, 400), DateTimeOffset.UnixEpoch);

    private FolderStore Store(string root) => new(new Location(LocationKind.Folder, temp.At(root, "p"), temp.At(root)));

    private async Task<(ProofReach Reached, bool Done, Differences Found)> RunAsync(ProofReach reached, TimeSpan piece = default)
    {
        Differences found = new();
        PiecewiseProof proof = new(new ContentProof(Hot, Store("cool"), new Proof(ProofMode.Full), new ContentProofOptions()), TimeProvider.System);
        (ProofReach now, bool done) = await proof.RunAsync(temp.At("manifest"), Store("cool").ListAsync(default), temp.At("target"), reached, piece, found, default);
        return (now, done, found);
    }
}
