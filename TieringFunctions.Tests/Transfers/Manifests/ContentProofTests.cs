using System.Security.Cryptography;
using System.Text;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class ContentProofTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        for (int i = 0; i < 60; i++)
        {
            temp.File($"hot/p/d/{i:D2}", $"content {i % 50:D2}");
            temp.File($"cool/p/d/{i:D2}", $"content {i % 50:D2}");
        }
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Run_Full_GivesTheManifestBackWithEveryMd5()
    {
        long read = 0;
        (ContentProof proof, List<InventoryEntry> manifest, Differences found) = await RunAsync(
            new Proof(ProofMode.Full), options: new ContentProofOptions { Read = bytes => Interlocked.Add(ref read, bytes) });

        found.Any.Should().BeFalse(found.ToString());
        proof.FilesHashed.Should().Be(60);
        proof.BytesHashed.Should().Be(600);
        read.Should().Be(1200);
        manifest.Select(entry => entry.Path).Should().Equal((await Hot.ListAsync()).Select(entry => entry.Path));
        manifest[1].Md5.Should().Be(Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes("content 00"))));
        manifest.Where(entry => entry.Kind == EntryKind.File).Should().OnlyContain(entry => entry.Md5 != null);
    }

    [Test]
    public async Task Run_OtherContentOfTheSameSize_IsNamed()
    {
        temp.File("cool/p/d/17", "CONTENT 17");
        (_, _, Differences found) = await RunAsync(new Proof(ProofMode.Full));
        found.First.Should().ContainSingle().Which.Should().Match<Difference>(d => d.Path == "d/17" && d.Class == DifferenceClass.Md5);
    }

    [Test]
    public async Task Run_SourceThatIsNotWhatLeft_IsNamed()
    {
        (_, _, Differences found) = await RunAsync(new Proof(ProofMode.Full), entry => entry.Path == "d/03" ? entry with { Md5 = "1B2M2Y8AsgTpgAmY7PhCfg==" } : entry);
        found.First.Should().ContainSingle().Which.Path.Should().Be("d/03");
    }

    [Test]
    public async Task Run_Sizes_ReadsNothing()
    {
        temp.File("cool/p/d/17", "CONTENT 17");
        (ContentProof proof, List<InventoryEntry> manifest, Differences found) = await RunAsync(new Proof(ProofMode.Sizes));
        found.Any.Should().BeFalse();
        proof.FilesHashed.Should().Be(0);
        manifest.Should().OnlyContain(entry => entry.Md5 == null);
    }

    [Test]
    public async Task Run_Sample_ReadsTheSameFilesForTheSameSeed()
    {
        List<string> first = await SampleAsync("one", 20);
        first.Should().Equal(await SampleAsync("one", 20)).And.NotEqual(await SampleAsync("two", 20));
        first.Count.Should().BeInRange(2, 30);
        (await SampleAsync("one", 100)).Should().HaveCount(60);
    }

    [Test]
    public async Task Run_SampleOfFewFiles_IsNeverEmpty()
    {
        for (int i = 1; i < 60; i++)
        {
            File.Delete(temp.At("hot", "p", "d", $"{i:D2}"));
            File.Delete(temp.At("cool", "p", "d", $"{i:D2}"));
        }
        (ContentProof proof, _, _) = await RunAsync(new Proof(ProofMode.Sample, 1));
        proof.FilesHashed.Should().Be(1);
    }

    [Test]
    public async Task Run_FileThatIsGoneOrShorter_IsNamed()
    {
        List<InventoryEntry> manifest = await Hot.ListAsync();
        List<InventoryEntry> copy = await Cool.ListAsync();
        File.Delete(temp.At("cool", "p", "d", "05"));
        temp.File("hot/p/d/06", "x");
        Differences found = new();
        await new ContentProof(Hot, Cool, new Proof(ProofMode.Full), new ContentProofOptions()).RunAsync(Of([.. manifest]), Of([.. copy]), found, default).ListAsync();
        found.First.Select(difference => difference.Path).Should().BeEquivalentTo("d/05", "d/06");
    }

    [Test]
    public async Task Run_StoreThatFails_EndsWithItsError()
    {
        List<InventoryEntry> manifest = await Hot.ListAsync();
        List<InventoryEntry> copy = await Cool.ListAsync();
        Directory.Delete(temp.At("cool"), recursive: true);
        ContentProof proof = new(Hot, Cool, new Proof(ProofMode.Full), new ContentProofOptions());
        await FluentActions.Awaiting(() => proof.RunAsync(Of([.. manifest]), Of([.. copy]), new Differences(), default).ListAsync())
            .Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task Run_UpperBound_IsKeptByBothSidesTogether()
    {
        LeapingTime clock = new();
        DateTimeOffset start = clock.GetUtcNow();
        (ContentProof proof, _, Differences found) = await RunAsync(
            new Proof(ProofMode.Full), options: new ContentProofOptions { BytesPerSecond = 100, Time = clock });
        (found.Any, proof.BytesHashed).Should().Be((false, 600));
        (clock.GetUtcNow() - start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(11.9), "1,200 bytes at 100 in a second");
        clock.Waits.Should().BePositive();
    }

    [Test]
    public async Task Run_NoUpperBound_NeverWaits()
    {
        LeapingTime clock = new();
        await RunAsync(new Proof(ProofMode.Full), options: new ContentProofOptions { Time = clock });
        clock.Waits.Should().Be(0);
    }

    private FolderStore Hot => new(new Location(LocationKind.Folder, temp.At("hot", "p"), temp.At("hot")));

    private FolderStore Cool => new(new Location(LocationKind.Folder, temp.At("cool", "p"), temp.At("cool")));

    private async Task<List<string>> SampleAsync(string seed, int percent)
    {
        (ContentProof proof, List<InventoryEntry> manifest, _) = await RunAsync(new Proof(ProofMode.Sample, percent), options: new ContentProofOptions { Seed = seed });
        List<string> hashed = [.. manifest.Where(entry => entry.Md5 != null).Select(entry => entry.Path)];
        proof.FilesHashed.Should().Be(hashed.Count);
        return hashed;
    }

    private async Task<(ContentProof Proof, List<InventoryEntry> Manifest, Differences Found)> RunAsync(
        Proof proof, Func<InventoryEntry, InventoryEntry>? witness = null, ContentProofOptions? options = null)
    {
        Differences found = new();
        ContentProof run = new(Hot, Cool, proof, options ?? new ContentProofOptions());
        List<InventoryEntry> manifest = [.. (await Hot.ListAsync()).Select(witness ?? (entry => entry))];
        return (run, await run.RunAsync(Of([.. manifest]), Cool.ListAsync(default), found, default).ListAsync(), found);
    }
}
