using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class ManifestTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(1969, 12, 31, 23, 59, 58, TimeSpan.Zero).AddTicks(7654321);

    private static readonly ManifestHeader Header = new(
        ProjectSlug.Parse("p"),
        new OperationKey(ProjectSlug.Parse("p"), OperationType.Cool, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55")),
        LocationKind.Folder,
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private static readonly InventoryEntry[] Sample =
    [
        Entries.FolderAt("a") with { Mode = 0x1ed, Modified = Time, ModifiedNanoseconds = 99 },
        new("a/\"quoted\" \u0001 \ufffe é e\u0301 \U0001F600", EntryKind.File, long.MaxValue)
        {
            Modified = Time,
            ModifiedNanoseconds = 1,
            Changed = DateTimeOffset.MaxValue,
            Mode = 0xfff,
            ETag = "\"0x8D\"",
            Md5 = "1B2M2Y8AsgTpgAmY7PhCfg==",
            Tier = "Cool",
            Attributes = "ReadOnly | Hidden",
            Created = DateTimeOffset.UnixEpoch,
        },
        Entries.LinkAt("a0", "../..//x y"),
        Entries.FileAt("b", 0),
    ];

    private static readonly InventoryEntry OwnFolder = new(".", EntryKind.Folder, 0)
    {
        Mode = 0x5e8,
        Modified = Time,
        ModifiedNanoseconds = 42,
        Attributes = "Hidden | Archive",
        Created = DateTimeOffset.UnixEpoch.AddSeconds(1),
    };

    private TempFolder temp = null!;

    private string File => temp.At("m.jsonl.gz");

    [SetUp]
    public void SetUp() => temp = new TempFolder();

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Read_WhatWasWritten_IsTheSame()
    {
        ManifestTrailer trailer = await WriteAsync(Sample);

        (await ManifestReader.ReadHeaderAsync(File, default)).Should().Be(Header);
        (await ManifestReader.ReadAsync(File, default).ListAsync()).Should().Equal(Sample);
        (await ManifestReader.VerifyAsync(File, default)).Should().Be(trailer);
        trailer.Size.Should().Be(new DataSize(2, long.MaxValue));
        (trailer.Folders, trailer.Links).Should().Be((1, 1));
        System.IO.File.GetUnixFileMode(File).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Test]
    public async Task Root_GoldenManifest_StaysTheSame() =>
        (await WriteAsync([Entries.FolderAt("a"), Entries.FileAt("a/b", 3, "kAFQmDzST7DWlj99KOF/cg==") with { Modified = DateTimeOffset.UnixEpoch.AddSeconds(1) }, Entries.LinkAt("c", "a")]))
            .Root.Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
                "a\0d\00\0\0\na/b\0f\03\01000000000\0kAFQmDzST7DWlj99KOF/cg==\nc\0l\00\0\0a\n"u8)));

    /// <summary>Written by hand, the hashes by another program: what is kept of projects must be readable for ever.</summary>
    [TestCase(1)]
    [TestCase(2)]
    public async Task Manifest_OfEveryVersion_IsReadAndWrittenByteForByte(int version)
    {
        string golden = await System.IO.File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Fixtures", "manifests", string.Create(CultureInfo.InvariantCulture, $"version-{version}.jsonl")));
        Compress(golden);
        ManifestHeader header = await ManifestReader.ReadHeaderAsync(File, default);
        header.Should().Be(Header with { Version = version, Root = OwnFolder });
        List<InventoryEntry> entries = await ManifestReader.ReadAsync(File, default).ListAsync();
        entries.Should().Equal(
            Entries.FolderAt("a") with { Mode = 0x1ed, Modified = DateTimeOffset.UnixEpoch },
            Entries.FileAt("a/b", 3, "kAFQmDzST7DWlj99KOF/cg==") with { Mode = 0x1a4, Modified = DateTimeOffset.UnixEpoch.AddSeconds(1), ModifiedNanoseconds = 5 },
            Entries.LinkAt("c", "a"));

        await WriteAsync(entries, header);
        Decompress().Should().Be(golden);
    }

    [Test]
    public async Task Root_AnyFieldOfTheProjectsOwnFolder_Changes()
    {
        List<string> roots = [];
        foreach (InventoryEntry? folder in (InventoryEntry?[])
            [null, OwnFolder, OwnFolder with { Mode = 0x1ed }, OwnFolder with { Mode = null }, OwnFolder with { Modified = Time.AddTicks(1) }, OwnFolder with { ModifiedNanoseconds = 1 },
                OwnFolder with { Attributes = "Hidden" }, OwnFolder with { Created = Time }])
            roots.Add((await WriteAsync(Sample, Header with { Root = folder })).Root);
        roots.Should().OnlyHaveUniqueItems();

        string old = (await WriteAsync(Sample, Header with { Version = 1 })).Root;
        (await WriteAsync(Sample, Header with { Version = 1, Root = OwnFolder })).Root.Should().Be(old, "the first format leaves it out").And.Be(roots[0]);
    }

    [Test]
    public async Task Root_AnyFieldOfTheProof_Changes()
    {
        InventoryEntry entry = Entries.FileAt("a", 1, "x") with { Modified = Time };
        List<string> roots = [];
        foreach (InventoryEntry other in (InventoryEntry[])
            [entry, entry with { Path = "b" }, entry with { Size = 2 }, entry with { Modified = Time.AddTicks(1) }, entry with { ModifiedNanoseconds = 1 }, entry with { Md5 = "y" }, new("a", EntryKind.Folder, 1) { Modified = Time, Md5 = "x" }])
            roots.Add((await WriteAsync([other])).Root);
        roots.Should().OnlyHaveUniqueItems();
    }

    [Test]
    public async Task Write_OutOfOrderTwiceOrUnmovable_IsRefused()
    {
        foreach (InventoryEntry[] wrong in (InventoryEntry[][])
            [[Entries.FileAt("b"), Entries.FileAt("a")], [Entries.FileAt("a"), Entries.FileAt("a")], [new("a", EntryKind.Other, 0) { Refusal = "it is a socket" }]])
        {
            await FluentActions.Awaiting(() => WriteAsync(wrong)).Should().ThrowAsync<ArgumentException>();
            Directory.EnumerateFileSystemEntries(temp.Root).Should().BeEmpty("nothing half is left behind");
        }
    }

    [Test]
    public async Task Read_CutOffAnywhere_IsCorrupt()
    {
        await WriteAsync(Sample);
        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        for (int length = 0; length < whole.Length - 8; length++) // the last eight bytes are gzip's own check; ours stands before it
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..length]);
            await FluentActions.Awaiting(() => ManifestReader.VerifyAsync(File, default)).Should().ThrowAsync<ManifestCorruptException>($"{length} bytes are not all");
        }
    }

    [Test]
    public async Task Read_AnyByteAltered_IsCorrupt()
    {
        await WriteAsync(Sample);
        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        for (int i = 10; i < whole.Length; i++) // the ten bytes of gzip's own header say nothing of the content
        {
            byte[] altered = [.. whole];
            altered[i] ^= 0x10;
            await System.IO.File.WriteAllBytesAsync(File, altered);
            await FluentActions.Awaiting(() => ManifestReader.VerifyAsync(File, default)).Should().ThrowAsync<ManifestCorruptException>($"byte {i} is altered");
        }
    }

    [Test]
    public async Task Read_LinesAlteredAndCompressedAgain_IsCorrupt()
    {
        await WriteAsync(Sample);
        string text = Decompress();
        string[] lines = text.TrimEnd('\n').Split('\n');
        Dictionary<string, string> cases = new()
        {
            ["a mode altered"] = text.Replace("\"o\":493", "\"o\":511", StringComparison.Ordinal),
            ["a size altered"] = text.Replace("\"s\":0", "\"s\":1", StringComparison.Ordinal),
            ["an entry removed"] = string.Join('\n', lines.Where((_, i) => i != 2)) + "\n",
            ["two entries swapped"] = string.Join('\n', (string[])[lines[0], lines[2], lines[1], .. lines[3..]]) + "\n",
            ["no trailer"] = string.Join('\n', lines[..^1]) + "\n",
            ["something behind the end"] = text + "{}\n",
            ["another version"] = text.Replace("\"version\":2", "\"version\":3", StringComparison.Ordinal),
            ["an unknown property"] = text.Replace("{\"p\":\"b\"", "{\"p\":\"b\",\"z\":1", StringComparison.Ordinal),
            ["not JSON"] = "hello\n",
            ["nothing"] = "",
        };
        foreach ((string what, string content) in cases)
        {
            content.Should().NotBe(text, what);
            Compress(content);
            await FluentActions.Awaiting(() => ManifestReader.VerifyAsync(File, default)).Should().ThrowAsync<ManifestCorruptException>(what);
        }
        Compress(text);
        await FluentActions.Awaiting(() => ManifestReader.VerifyAsync(File, default)).Should().NotThrowAsync("the cases above fail by what they alter");
    }

    [Test]
    public async Task Read_MissingFile_IsCorrupt() =>
        await FluentActions.Awaiting(() => ManifestReader.VerifyAsync(temp.At("none"), default)).Should().ThrowAsync<ManifestCorruptException>();

    [Test]
    public async Task Write_NotCompleted_LeavesTheOldManifest()
    {
        await WriteAsync(Sample);
        await using (ManifestWriter writer = ManifestWriter.Create(File, Header))
            await writer.WriteAsync(Entries.FileAt("x"), default);
        (await ManifestReader.ReadAsync(File, default).ListAsync()).Should().HaveCount(Sample.Length);
        Directory.EnumerateFiles(temp.Root).Should().ContainSingle();
    }

    [Test]
    public async Task Read_ManyEntriesAndLongNames_IsTheSame()
    {
        InventoryEntry[] many = [.. Enumerable.Range(0, 20_000).Select(i => Entries.FileAt($"{i:D8}{new string('ä', i % 300)}", i))];
        await WriteAsync(many);
        (await ManifestReader.ReadAsync(File, default).ListAsync()).Should().Equal(many);
    }

    private async Task<ManifestTrailer> WriteAsync(IEnumerable<InventoryEntry> entries, ManifestHeader? header = null)
    {
        await using ManifestWriter writer = ManifestWriter.Create(File, header ?? Header);
        foreach (InventoryEntry entry in entries)
            await writer.WriteAsync(entry, default);
        return await writer.CompleteAsync(default);
    }

    private string Decompress()
    {
        using GZipStream stream = new(System.IO.File.OpenRead(File), CompressionMode.Decompress);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Compress(string text)
    {
        using GZipStream stream = new(System.IO.File.Create(File), CompressionMode.Compress);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }
}
