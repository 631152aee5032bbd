using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Inventories;

public sealed class NameRulesTests
{
    private static readonly Location Blob = new(LocationKind.Blob, "http://127.0.0.1:1/account/c/p", "http://127.0.0.1:1/account/c");
    private static readonly Location Share = new(LocationKind.Share, "http://127.0.0.1:1/account/s/p", "http://127.0.0.1:1/account/s");
    private static readonly Location Folder = new(LocationKind.Folder, "/hot/p", "/hot");

    // What must survive folder -> blob -> folder, and does.
    private static readonly string[] Survivors =
    [
        "plain", "with space", " lead", "trail ", "é", "e\u0301", "\U0001F600", "日本", "'single'", "\"double\"", "50%", "%41", "%2F", "%25", "a#b", "a&b", "a+b", "a=b",
        "what?", "star*", "co:lon", "semi;colon", "com,ma", "pi|pe", "<less>", "[x]", "{x}", "`", "^", "~", "$HOME", "!", "@", "(", ")", ".hidden", "..two", "-dash", "--flag",
        "a.b.c", "dot.", "dots..", "dir./file", "a~b", "\u00a0", "\u200b", "\ufeff", "\ud7ff", "\ue000", "\ufffd", "dir with space/#/%/?/*/file", "x/.hidden/y",
        "200-" + new string('n', 196), "longest/" + new string('é', NameRules.LongestDownload / 2), new string('d', 255) + "/in a long folder",
    ];

    [Test]
    public async Task Blob_NamesThatAreAllowed_SurviveTheRealAzCopy()
    {
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
        foreach (string name in Survivors)
            temp.File($"hot/p/{name}", name);
        FolderStore source = new(new Location(LocationKind.Folder, temp.At("hot", "p"), temp.At("hot")));
        FolderStore copy = new(new Location(LocationKind.Folder, temp.Folder("copy", "p"), temp.At("copy")));
        Differences refused = new();
        NameRules rules = new(Blob);
        List<InventoryEntry> files = [.. (await source.ListAsync()).Where(entry => entry.Kind == EntryKind.File)];
        files.ForEach(entry => rules.Check(entry, refused));
        refused.Any.Should().BeFalse(refused.ToString());

        string url = $"{azurite.UriOf("cool", "p").AbsoluteUri}?{AzuriteServer.Sas()}";
        AzCopyRun up = await AzCopyRun.CopyAsync(temp.At("hot", "p"), url, "LocalBlob", temp, "--put-md5"); // as Tiering does: without, 10.18.1 sends an MD5 that is none
        up.ExitCode.Should().Be(0, up.Tail);
        using HttpClient http = ProjectStores.CreateClient();
        string root = azurite.UriOf("cool").AbsoluteUri;
        IProjectStore blobs = new ProjectStores(http).Open(new Location(LocationKind.Blob, $"{root}/p", root), new LocationAccess { OwnSas = AzuriteServer.Sas() });
        (await blobs.ListAsync()).Select(entry => entry.Path).Should().Equal(files.Select(entry => entry.Path));

        AzCopyRun down = await AzCopyRun.CopyAsync(url, temp.At("copy", "p"), "BlobLocal", temp);
        down.ExitCode.Should().Be(0, down.Tail);
        (await copy.ListAsync()).Select(entry => (entry.Path, entry.Size)).Should().Equal((await source.ListAsync()).Select(entry => (entry.Path, entry.Size)));
    }

    [TestCase("back\\slash")]
    [TestCase("bell\u0007")]
    [TestCase("\u0001")]
    [TestCase("new\nline")]
    [TestCase("delete\u007f")]
    [TestCase("\ufffe")]
    [TestCase("\uffff")]
    [TestCase("a//b")]
    public void Blob_NamesThatPoisonOrChange_AreRefused(string path) => Refusal(Blob, FileAt(path)).Should().NotBeNull();

    [Test]
    public void Blob_LongNames_AreRefusedFromTheLimitOn()
    {
        string longest = string.Join('/', Enumerable.Repeat(new string('x', 200), 5)) + "/"; // and "p/": 1,007
        Refusal(Blob, FileAt(longest + new string('x', 17))).Should().BeNull();
        Refusal(Blob, FileAt(longest + new string('x', 18))).Should().NotBeNull();
        Refusal(Blob, FileAt(string.Join('/', Enumerable.Repeat("x", 253)))).Should().BeNull();
        Refusal(Blob, FileAt(string.Join('/', Enumerable.Repeat("x", 254)))).Should().NotBeNull();
    }

    [Test]
    public void Blob_LoneSurrogate_IsRefused() => Refusal(Blob, FileAt("lone\ud800surrogate")).Should().NotBeNull();

    [Test]
    public void Any_FileNameThatAzCopyCannotDownload_IsRefusedWhenAFolderIsInvolved()
    {
        string name = "d/" + new string('x', NameRules.LongestDownload + 1);
        Refusal(Blob, FileAt(name)).Should().NotBeNull("it could never come back");
        Refusal(Folder, FileAt(name)).Should().NotBeNull();
        Refusal(Blob, FileAt(name[..^1])).Should().BeNull();
        new NameRules(Blob, LocationKind.Share).Check(FileAt(name), new Differences()).Should().BeTrue("a share needs no longer name");
    }

    [Test]
    public void Blob_FoldersAndLinks_AreNotChecked()
    {
        Refusal(Blob, FolderAt("back\\slash")).Should().BeNull();
        Refusal(Blob, LinkAt("back\\slash", "x")).Should().BeNull();
    }

    [TestCase("a\"b")]
    [TestCase("a:b")]
    [TestCase("a|b")]
    [TestCase("a<b")]
    [TestCase("a>b")]
    [TestCase("a*b")]
    [TestCase("a?b")]
    [TestCase("a\\b")]
    [TestCase("dot.")]
    [TestCase("space ")]
    [TestCase("dir /x")]
    [TestCase("tab\t")]
    [TestCase("c1\u0081")]
    [TestCase("CON")]
    [TestCase("prn")]
    [TestCase("sub/AUX")]
    [TestCase("nul/x")]
    [TestCase("Com1")]
    [TestCase("COM9")]
    [TestCase("lpt1")]
    [TestCase("LPT9")]
    [TestCase("Clock$")]
    [TestCase("sub./x")]
    [TestCase("..")]
    public void Share_NamesThatAShareRefuses_AreRefused(string path)
    {
        Refusal(Share, FileAt(path)).Should().NotBeNull();
        Refusal(Share, FolderAt(path)).Should().NotBeNull();
    }

    [TestCase("CON.txt")]
    [TestCase("COM10")]
    [TestCase("COM0")]
    [TestCase("console")]
    [TestCase(" lead")]
    [TestCase(".hidden")]
    public void Share_NamesThatOnlyLookLikeThem_AreAllowed(string path) => Refusal(Share, FileAt(path)).Should().BeNull();

    [Test]
    public void Share_LongAndDeepPaths_AreRefusedFromTheLimitOn()
    {
        string long1 = string.Join('/', Enumerable.Repeat(new string('x', 203), 10)); // 2,039, and "p/" before it
        Refusal(Share, FileAt(long1 + "/" + new string('x', 6))).Should().BeNull();
        Refusal(Share, FileAt(long1 + "/" + new string('x', 7))).Should().NotBeNull();
        Refusal(Share, FileAt(string.Join('/', Enumerable.Repeat("x", 249)))).Should().BeNull();
        Refusal(Share, FileAt(string.Join('/', Enumerable.Repeat("x", 250)))).Should().NotBeNull();
    }

    [TestCase("a", "A", true)]
    [TestCase("d/x", "D/y", true)]
    [TestCase("é", "É", true)]
    [TestCase("d/a", "e/A", false)]
    [TestCase("a", "b", false)]
    public void Share_CaseTwins_AreRefused(string one, string other, bool refused)
    {
        NameRules rules = new(Share);
        Differences found = new();
        foreach (string path in ((string[])[one, other]).Order(PathOrder.Instance))
            rules.Check(FileAt(path), found);
        found.Any.Should().Be(refused);
    }

    [Test]
    public void Share_LinksAndLongNames_AreRefused()
    {
        Refusal(Share, LinkAt("l", "x")).Should().NotBeNull();
        Refusal(Share, FileAt(new string('x', 255))).Should().BeNull();
        Refusal(Share, FileAt(new string('x', 256))).Should().NotBeNull();
    }

    [TestCase("../x")]
    [TestCase("a/./b")]
    [TestCase("a//b")]
    [TestCase("nul\0")]
    public void Folder_PathsThatLeaveItOrCannotBe_AreRefused(string path) => Refusal(Folder, FileAt(path)).Should().NotBeNull();

    [Test]
    public void Folder_NamesOfMoreThan255Bytes_AreRefused()
    {
        Refusal(Folder, FolderAt("d/" + new string('é', 127) + "x")).Should().BeNull();
        Refusal(Folder, FolderAt("d/" + new string('é', 128))).Should().NotBeNull();
    }

    [Test]
    public void Folder_BlobThatIsFileAndFolder_IsRefused()
    {
        NameRules rules = new(Folder);
        Differences found = new();
        foreach (string path in (string[])["a", "a!", "a/b", "b"])
            rules.Check(FileAt(path), found);
        found.First.Select(difference => difference.Path).Should().Equal("a/b");
    }

    [Test]
    public void Any_ThingThatCannotBeMoved_IsNamedWithItsReason()
    {
        InventoryEntry socket = new("s", EntryKind.Other, 0) { Refusal = "it is a socket" };
        foreach (Location location in (Location[])[Blob, Share, Folder])
            Refusal(location, socket).Should().Be("s: it is a socket");
    }

    [Test]
    public void Any_UnprintableName_IsShownByItsCodes() => Refusal(Blob, FileAt("a\u0001\ufffe")).Should().StartWith("a\\u0001\\uFFFE: ");

    private static string? Refusal(Location destination, InventoryEntry entry)
    {
        Differences found = new();
        bool allowed = new NameRules(destination).Check(entry, found);
        allowed.Should().Be(!found.Any);
        found.Of(DifferenceClass.NotRepresentable).Should().Be(found.Count);
        return found.First.SingleOrDefault()?.ToString();
    }
}
