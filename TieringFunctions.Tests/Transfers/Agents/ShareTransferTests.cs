using System.Globalization;
using System.Text;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Emulators;
using Tiering.Tests.Journeys;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>File share to blobs and back, by the real agent and the real AzCopy.</summary>
public sealed class ShareTransferTests
{
    private AgentLab lab = null!;

    private string Project => lab.Hot("demo");

    [SetUp]
    public async Task SetUpAsync() => lab = await AgentLab.StartShareAsync();

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task CoolDeleteRestore_HardNamesTimesAndAttributes_BringBackWhatLeft()
    {
        string[] names =
        [
            "plain.txt", "with space.txt", "e\u0301 nfd.txt", "\u00e9 nfc.txt", "資料/分析 結果.md", "😀.bin", "100%25 of & #1 + (2) [x]; a=b, 'c'.txt",
            "$home ^ ! ~ @ `.txt", ".settings/.hidden", $"long/{new string('n', 250)}", "deep/1/2/3/4/5/6/7/8/9/file", "run 1/a.csv", "run 1/b.csv",
            "a%2Fb %5C %3A %22 %7C %3C %3E %3F %2A.txt", "dir %2F/%2f",
        ];
        foreach (string name in names)
            Write(name, name);
        Write("empty.bin", "");
        FolderContent.WriteLarge(Path.Combine(Project, "large.bin"), 20_000_003, seed: 3);
        Directory.CreateDirectory(Path.Combine(Project, "empty/two/three/four/five"));
        SetTimes();
        await SetSmbAsync("run 1/a.csv", "ReadOnly | Hidden", new DateTimeOffset(1999, 12, 31, 23, 59, 58, TimeSpan.Zero).AddTicks(1_234_567));
        await SetSmbAsync("empty/two", "Directory | Hidden", new DateTimeOffset(2003, 4, 5, 6, 7, 8, TimeSpan.Zero));
        IProjectStore share = await lab.StoreAsync("demo", StorageRole.Hot);
        DateTimeOffset time = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await share.PutBackRootAsync(new InventoryEntry(".", EntryKind.Folder, 0) { Attributes = "Directory | Hidden", Created = time, Modified = time.AddTicks(7_654_321) }, default);
        InventoryEntry? own = await share.DescribeRootAsync(default);
        IReadOnlyList<string> before = await ListAsync();
        SortedDictionary<string, string> content = FolderContent.Of(Project);

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);
        cooled.Error.Should().BeNull();
        cooled.FilesHashed.Should().Be(17);
        cooled.Copied.Should().Be(cooled.Total);

        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        Directory.Exists(Project).Should().BeFalse();

        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);
        restored.Error.Should().BeNull();
        restored.Unwitnessed.Should().BeFalse();
        FolderContent.Of(Project).Should().Equal(content);
        (await ListAsync()).Should().Equal(before);
        own!.Attributes.Should().Contain("Hidden");
        (await share.DescribeRootAsync(default)).Should().Be(own);
        lab.Log.Ended.Should().Contain(request => request.Operation == "PutBlobFromUrl" || request.Operation == "PutBlockFromUrl").And.Contain(request => request.Operation == "PutRangeFromUrl");
    }

    [Test]
    public async Task Cool_EmptyProject_ComesAndGoes()
    {
        Directory.CreateDirectory(Path.Combine(Project, "a/b"));
        IReadOnlyList<string> before = await ListAsync();
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);
        restored.Error.Should().BeNull();
        restored.Copied.Should().Be(default(DataSize));
        (await ListAsync()).Should().Equal(before);
    }

    [Test]
    public async Task ThreeCycles_EditedInBetween_AreRightEachTime()
    {
        Write("notes.txt", "notes");
        Write("runs/1/data.bin", new string('d', 9_000_000));
        Write("runs/1/old.txt", "old");
        Write("kept.txt", "read-only");
        await SetSmbAsync("kept.txt", "ReadOnly", DateTimeOffset.UnixEpoch);
        for (int cycle = 1; cycle <= 3; cycle++)
        {
            IReadOnlyList<string> before = await ListAsync();
            SortedDictionary<string, string> content = FolderContent.Of(Project);
            (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull($"in COOL {cycle}");
            if (cycle == 2) // in the others HOT is left in place
                await lab.DeleteSourceAsync("demo", OperationType.Cool);
            (await lab.RunAsync("demo", OperationType.Restore)).Error.Should().BeNull($"in RESTORE {cycle}");
            (await ListAsync()).Should().Equal(before);
            FolderContent.Of(Project).Should().Equal(content);

            Write("notes.txt", $"notes, changed in cycle {cycle}");
            Write($"new {cycle}/file.txt", "new");
            Directory.Delete(Path.Combine(Project, cycle == 1 ? "runs" : $"new {cycle - 1}"), recursive: true);
        }
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        (await lab.Azurite.ListAsync("cool")).Should().Equal("demo/kept.txt", "demo/new 3/file.txt", "demo/notes.txt");
    }

    [Test]
    public async Task Restore_NamesThatAShareCannotHold_EndBeforeAByteMoves()
    {
        string[] names = ["a:b", "what?", "star*", "dot.", "sub/space ", "NUL", "sub/Com1", "Twin/x", "twin/y"];
        foreach (string name in names.Append("good.txt"))
            await lab.Azurite.PutBlobAsync("cool", $"demo/{name}", Encoding.UTF8.GetBytes(name));

        TransferVerdict verdict = await lab.RunAsync("demo", OperationType.Restore);

        verdict.Error!.Code.Should().Be("not-representable");
        verdict.Error.Details!["differences"].Should().Be("8");
        verdict.Error.Details["first"].Should().ContainAll("a:b", "what?", "star*", "dot.", "sub/space ", "NUL", "sub/Com1", "twin/y");
        verdict.TouchedDestination.Should().BeFalse();
        lab.Log.Ended.Should().NotContain(request => request.Writes);
        Directory.Exists(Project).Should().BeFalse();
    }

    [Test]
    public async Task Cool_NamesThatCouldNotComeBack_EndBeforeAByteMoves()
    {
        Write("sub/space ", "x"); // some clients can make it; nobody's rules promise that it can be made again
        Write("good.txt", "x");

        TransferVerdict verdict = await lab.RunAsync("demo", OperationType.Cool);

        verdict.Error!.Code.Should().Be("not-representable");
        verdict.Error.Details!["first"].Should().Contain("sub/space ");
        lab.Log.Ended.Should().NotContain(request => request.Writes);
    }

    [Test]
    public async Task Restore_UnknownFileInTheShare_EndsBeforeAByteMoves()
    {
        Write("a.txt", "a");
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        Write("stranger.txt", "never cooled");
        long before = lab.Log.Ended.Count(request => request.Writes);

        TransferVerdict verdict = await lab.RunAsync("demo", OperationType.Restore);

        verdict.Error!.Code.Should().Be("destination-not-explained");
        verdict.Error.Details!["first"].Should().Contain("stranger.txt");
        lab.Log.Ended.Count(request => request.Writes).Should().Be((int)before);
        File.ReadAllText(Path.Combine(Project, "stranger.txt")).Should().Be("never cooled");
    }

    [Test]
    public async Task CoolDeleteRestore_HardFolderLessWhatAShareCannotHold_IsIdentical()
    {
        HardProject.Fill(Project, files: 300, bytes: 10_000_000, bigBytes: 10_000_000);
        DataSize size = await RemoveWhatAShareCannotHoldAsync();
        size.Files.Should().BeGreaterThan(150);
        await RoundTripAsync(size);
    }

    [Test]
    [Category("Long")]
    public async Task CoolAndRestore_TenThousandSmallFiles_AreIdentical()
    {
        for (int i = 0; i < 10_000; i++)
            Write(string.Create(CultureInfo.InvariantCulture, $"run {i % 97}/{i % 7}/file {i}.txt"), $"{i}");
        await RoundTripAsync(new DataSize(10_000, 38_890));
    }

    [Test]
    [Category("Long")]
    public async Task CoolAndRestore_FourGibibytesInOneFile_AreIdentical()
    {
        await lab.DisposeAsync();
        lab = await AgentLab.StartShareAsync(onDisk: true);
        FolderContent.WriteLarge(Path.Combine(Project, "huge.bin"), 4L << 30, seed: 5);
        await RoundTripAsync(new DataSize(1, 4L << 30));
    }

    /// <summary>Links, and names that the rules refuse; the emulated share lists nothing as long as one of them is there.</summary>
    /// <returns>What is left.</returns>
    private async Task<DataSize> RemoveWhatAShareCannotHoldAsync()
    {
        FolderStore folder = new(new Location(LocationKind.Folder, Project, Path.GetDirectoryName(Project)!));
        DataSize left = default;
        NameRules rules = new(new Location(LocationKind.Share, "http://127.0.0.1/hot/demo", "http://127.0.0.1/hot"));
        Differences refused = new(kept: int.MaxValue);
        foreach (InventoryEntry entry in await folder.ListAsync())
        {
            if (rules.Check(entry, refused) && entry.Kind == EntryKind.File)
                left += new DataSize(1, entry.Size);
        }
        foreach (string path in refused.First.Select(difference => Path.Combine(Project, difference.Path)).OrderByDescending(path => path, StringComparer.Ordinal))
        {
            if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
                Directory.Delete(path); // all in it has gone
            else
                File.Delete(path);
        }
        return left;
    }

    private async Task RoundTripAsync(DataSize size)
    {
        IReadOnlyList<string> before = await ListAsync();
        SortedDictionary<string, string> content = FolderContent.Of(Project);
        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);
        cooled.Error.Should().BeNull();
        cooled.Copied.Should().Be(size);
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);
        restored.Error.Should().BeNull();
        restored.Copied.Should().Be(size);
        FolderContent.Of(Project).Should().Equal(content);
        (await ListAsync()).Should().Equal(before);
    }

    private void Write(string path, string content)
    {
        string file = Path.Combine(Project, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>Every file and folder gets a time of its own, in the past and to 100 ns.</summary>
    private void SetTimes()
    {
        DateTime time = new(1998, 7, 12, 20, 30, 0, DateTimeKind.Utc);
        foreach (FileSystemInfo entry in new DirectoryInfo(Project).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderByDescending(entry => entry.FullName, StringComparer.Ordinal))
            entry.LastWriteTimeUtc = time += TimeSpan.FromTicks(TimeSpan.TicksPerDay * 41 + 1_234_567);
    }

    private async Task SetSmbAsync(string path, string attributes, DateTimeOffset created)
    {
        IProjectStore store = await lab.StoreAsync("demo", StorageRole.Hot);
        InventoryEntry entry = (await store.ListAsync()).Single(entry => entry.Path == path);
        await store.PutBackAsync(Entries.Of(entry with { Attributes = attributes, Created = created }), default);
    }

    /// <summary>What the share says of every entry: attributes and times, less what changes with every write.</summary>
    private async Task<IReadOnlyList<string>> ListAsync()
    {
        List<string> lines = [];
        await foreach (InventoryEntry entry in (await lab.StoreAsync("demo", StorageRole.Hot)).ListAsync(default))
            lines.Add($"{entry.Kind} {entry.Path} {entry.Size} {entry.Modified:O} {entry.Created:O} {entry.Attributes}");
        return lines;
    }
}
