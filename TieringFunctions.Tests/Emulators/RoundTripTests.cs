using System.Text;

namespace Tiering.Tests.Emulators;

/// <summary>The real AzCopy, from the share to blobs and back.</summary>
public sealed class RoundTripTests
{
    private static readonly string[] Names =
    [
        "plain.txt", "with space.txt", "Ümlaut.txt", "cafe\u0301 nfd.txt", "caf\u00e9 nfc.txt", "日本語.txt", "😀.bin", "per%20cent%.txt", "hash#.txt",
        "a+b&c=d;e.txt", "it's (1) [2] {3}.txt", ".leading", "$dollar@at!.txt", "~tilde`.txt", "comma,.txt", new string('n', 200),
    ];

    [Test]
    public async Task Tree_CooledAndRestored_IsIdentical()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        string source = lab.Folder.Folder("shares", "hot", "proj");
        foreach (string name in Names)
            lab.Folder.File($"shares/hot/proj/names/{name}", name);
        for (int i = 0; i < 200; i++)
            lab.Folder.File($"shares/hot/proj/small/{i % 7}/file {i}.txt", new string('x', i));
        lab.Folder.File("shares/hot/proj/a/b/c/d/e/f/deep.txt", "deep");
        lab.Folder.File("shares/hot/proj/empty.bin", "");
        FolderContent.WriteLarge(Path.Combine(source, "large.bin"), 300_000_001, seed: 1);

        AzCopyRun cool = await lab.CoolAsync("proj", "p1");
        cool.Status.Should().Be("Completed", cool.Tail);
        cool.Summary!.Value.GetProperty("TransfersFailed").GetString().Should().Be("0");
        AzCopyRun restore = await lab.RestoreAsync("p1", "back");
        restore.Status.Should().Be("Completed", restore.Tail);

        FolderContent.Of(Path.Combine(lab.Hot, "back")).Should().Equal(FolderContent.Of(source));
        lab.Log.Ended.Should().Contain(request => request.Operation == "PutBlockFromUrl")
            .And.Contain(request => request.Operation == "PutBlobFromUrl")
            .And.Contain(request => request.Operation == "PutRangeFromUrl");
        lab.Log.Ended.Should().OnlyContain(request => !request.Query.Contains("sig=", StringComparison.Ordinal) || request.Query.Contains("sig=REDACTED", StringComparison.Ordinal));
    }

    [Test]
    public async Task Listing_OfMoreThanAPage_IsWholeForAzCopy()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        string source = lab.Folder.Folder("shares", "hot", "wide");
        for (int i = 0; i < 5_050; i++)
            File.WriteAllBytes(Path.Combine(source, $"f{i}"), i < 10 ? Encoding.UTF8.GetBytes($"{i}") : []);

        AzCopyRun cool = await lab.CoolAsync("wide", "w1");

        cool.Status.Should().Be("Completed", cool.Tail);
        cool.Summary!.Value.GetProperty("TransfersCompleted").GetString().Should().Be("5050");
        lab.Log.Ended.Count(request => request.Operation == "ListDirectory" && request.Path == "hot/wide").Should().BeGreaterThanOrEqualTo(2);
    }

    [Test]
    public async Task Folder_UploadedToTheShareAndDownloaded_IsIdentical()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        lab.Folder.File("local/a b/ä.txt", "content");
        lab.Folder.File("local/empty", "");
        FolderContent.WriteLarge(lab.Folder.At("local", "large.bin"), 9_000_001, seed: 4);

        AzCopyRun up = await AzCopyRun.CopyAsync(lab.Folder.At("local"), lab.ShareUrl("up"), "LocalFile", lab.Folder, "--put-md5");
        AzCopyRun down = await AzCopyRun.CopyAsync(lab.ShareUrl("up"), lab.Folder.At("down"), "FileLocal", lab.Folder, "--check-md5=FailIfDifferentOrMissing");

        up.Status.Should().Be("Completed", up.Tail);
        down.Status.Should().Be("Completed", down.Tail);
        FolderContent.Of(lab.Folder.At("down")).Should().Equal(FolderContent.Of(lab.Folder.At("local")));
    }
}
