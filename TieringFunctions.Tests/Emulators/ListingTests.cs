using System.Net;

namespace Tiering.Tests.Emulators;

public sealed class ListingTests : FilesTest
{
    [Test]
    public async Task List_InPages_GivesEveryEntryOnceInOrder([Values(1, 2, 7, 100)] int size)
    {
        string[] names = ["b", "A", "c 1", "ä", "日本", "z.txt", "folder"];
        foreach (string name in names)
            Folder.File($"shares/hot/dir/{name}", name);
        Folder.Folder("shares", "hot", "dir", "sub");
        List<string> listed = [];
        string marker = "";
        do
        {
            Answer page = await Client.ListAsync("hot/dir", $"&maxresults={size}{marker}");
            page.Status.Should().Be(HttpStatusCode.OK);
            page.Names.Count().Should().BeLessThanOrEqualTo(size);
            listed.AddRange(page.Names);
            marker = page.Xml.Element("NextMarker")!.Value is { Length: > 0 } next ? $"&marker={Uri.EscapeDataString(next)}" : "";
        }
        while (marker.Length > 0);

        listed.Should().Equal(names.Append("sub").Order(StringComparer.OrdinalIgnoreCase));
    }

    [Test]
    public async Task List_EntriesAddedAndRemovedBetweenPages_KeepsTheRest()
    {
        for (int i = 0; i < 6; i++)
            Folder.File($"shares/hot/dir/{i}", "");
        Answer first = await Client.ListAsync("hot/dir", "&maxresults=3");
        File.Delete(Folder.At("shares", "hot", "dir", "3"));
        Folder.File("shares/hot/dir/00", "");

        Answer second = await Client.ListAsync("hot/dir", $"&maxresults=9&marker={first.Xml.Element("NextMarker")!.Value}");

        first.Names.Should().Equal("0", "1", "2");
        second.Names.Should().Equal("4", "5");
    }

    [Test]
    public async Task List_WithPrefix_IgnoresCase()
    {
        foreach (string name in (string[])["Report-1", "report-2", "other"])
            Folder.File($"shares/hot/{name}", "");

        (await Client.ListAsync("hot", "&prefix=REPORT")).Names.Should().Equal("Report-1", "report-2");
    }

    [Test]
    public async Task List_IncludingEverything_TellsWhatTheFilesTell()
    {
        await Client.CreateDirectoryAsync("hot/dir");
        await Client.CreateFileAsync("hot/dir/f", 5, ("x-ms-file-attributes", "Hidden|Archive"), ("x-ms-file-last-write-time", "2020-02-03T04:05:06.1234567Z"));
        Answer head = await Client.SendAsync("HEAD", "hot/dir/f");

        Answer list = await Client.ListAsync("hot/dir", "&include=Timestamps,ETag,Attributes,PermissionKey");

        System.Xml.Linq.XElement file = list.Xml.Descendants("File").Single();
        System.Xml.Linq.XElement properties = file.Element("Properties")!;
        properties.Element("Content-Length")!.Value.Should().Be("5");
        properties.Element("LastWriteTime")!.Value.Should().Be("2020-02-03T04:05:06.1234567Z");
        properties.Element("CreationTime")!.Value.Should().Be(head.Headers["x-ms-file-creation-time"]);
        properties.Element("ChangeTime")!.Value.Should().Be(head.Headers["x-ms-file-change-time"]);
        properties.Element("Last-Modified")!.Value.Should().Be(head.Headers["Last-Modified"]);
        properties.Element("Etag")!.Value.Should().Be(head.Headers["ETag"]);
        file.Element("Attributes")!.Value.Should().Be("Hidden|Archive");
        file.Element("FileId")!.Value.Should().Be(head.Headers["x-ms-file-id"]);
        file.Element("PermissionKey")!.Value.Should().Be(head.Headers["x-ms-file-permission-key"]);
        list.Xml.Element("DirectoryId")!.Value.Should().Be(head.Headers["x-ms-file-parent-id"]);
    }

    [Test]
    public async Task List_NameThatXmlCannotHold_IsEncoded()
    {
        Folder.File("shares/hot/odd\uFFFEname", "");

        Answer list = await Client.ListAsync("hot");

        System.Xml.Linq.XElement name = list.Xml.Descendants("Name").Single();
        name.Attribute("Encoded")!.Value.Should().Be("true");
        Uri.UnescapeDataString(name.Value).Should().Be("odd\uFFFEname");
    }

    [TestCase("&marker=nonsense", "InvalidMarker")]
    [TestCase("&maxresults=0", "OutOfRangeQueryParameterValue")]
    [TestCase("&maxresults=-1", "OutOfRangeQueryParameterValue")]
    [TestCase("&include=Secrets", "InvalidQueryParameterValue")]
    public async Task List_BadParameter_IsRefused(string query, string code)
    {
        Answer answer = await Client.ListAsync("hot", query);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Code.Should().Be(code);
    }

    [Test]
    public async Task List_WhatIsNotThere_SaysWhatIsMissing()
    {
        (await Client.ListAsync("cold")).Code.Should().Be("ShareNotFound");
        (await Client.ListAsync("hot/none")).Code.Should().Be("ResourceNotFound");
        Folder.File("shares/hot/file", "");
        (await Client.ListAsync("hot/file")).Code.Should().Be("ResourceNotFound");
    }

    [TestCase("a:b")]
    [TestCase("dot.")]
    [TestCase("con")]
    [TestCase("tab\there")]
    public async Task List_FolderHoldsWhatAShareCannot_FailsAndNamesIt(string name)
    {
        Folder.File($"shares/hot/dir/{name}", "");
        Folder.File("shares/hot/dir/fine", "");

        Answer answer = await Client.ListAsync("hot/dir");

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Text.Should().Contain(name.Replace('\t', '?'));
    }

    [Test]
    public async Task List_FolderHoldsCaseTwinsOrLinks_Fails()
    {
        Folder.File("shares/hot/twins/name", "");
        Folder.File("shares/hot/twins/NAME", "");
        Folder.Folder("shares", "hot", "links");
        File.CreateSymbolicLink(Folder.At("shares", "hot", "links", "link"), "/etc/passwd");

        (await Client.ListAsync("hot/twins")).Status.Should().Be(HttpStatusCode.BadRequest);
        (await Client.ListAsync("hot/links")).Status.Should().Be(HttpStatusCode.BadRequest);
        (await Client.SendAsync("GET", "hot/links/link")).Code.Should().Be("ResourceNotFound");
    }
}
