using System.Net;
using System.Security.Cryptography;

namespace Tiering.Tests.Emulators;

public sealed class FileOperationsTests : FilesTest
{
    [Test]
    public async Task File_WrittenInRanges_IsReadWholeAndInParts()
    {
        (await Client.CreateFileAsync("hot/f", 10)).Status.Should().Be(HttpStatusCode.Created);
        Answer empty = await Client.SendAsync("GET", "hot/f");
        empty.Content.Should().Equal(new byte[10]);

        await Client.PutRangeAsync("hot/f", 6, "6789"u8.ToArray());
        Answer put = await Client.PutRangeAsync("hot/f", 0, "012345"u8.ToArray());

        put.Status.Should().Be(HttpStatusCode.Created);
        put.Headers["Content-MD5"].Should().Be(Convert.ToBase64String(MD5.HashData("012345"u8)));
        Answer whole = await Client.SendAsync("GET", "hot/f");
        whole.Text.Should().Be("0123456789");
        whole.Headers["ETag"].Should().Be(put.Headers["ETag"]).And.NotBe(empty.Headers["ETag"]);
        Answer part = await Client.SendAsync("GET", "hot/f", headers: [("x-ms-range", "bytes=3-5")]);
        part.Status.Should().Be(HttpStatusCode.PartialContent);
        part.Text.Should().Be("345");
        part.Headers["Content-Range"].Should().Be("bytes 3-5/10");
        (await Client.SendAsync("GET", "hot/f", headers: [("Range", "bytes=8-")])).Text.Should().Be("89");
        (await Client.SendAsync("GET", "hot/f", headers: [("Range", "bytes=8-99")])).Text.Should().Be("89");
        (await Client.SendAsync("GET", "hot/f", headers: [("Range", "bytes=10-")])).Code.Should().Be("InvalidRange");
        File.ReadAllText(Path.Combine(Hot, "f")).Should().Be("0123456789");
    }

    [Test]
    public async Task Range_ClearedOfASparseFile_IsListedAsAHole()
    {
        const int block = 64 << 10;
        await Client.CreateFileAsync("hot/f", 4 * block);
        (await Client.SendAsync("GET", "hot/f", "comp=rangelist")).Xml.Elements().Should().BeEmpty();
        await Client.PutRangeAsync("hot/f", 0, Enumerable.Repeat((byte)1, 3 * block).ToArray());

        Answer clear = await Client.SendAsync("PUT", "hot/f", "comp=range", headers: [("x-ms-write", "clear"), ("x-ms-range", $"bytes={block}-{(2 * block) - 1}")]);

        clear.Status.Should().Be(HttpStatusCode.Created);
        byte[] content = (await Client.SendAsync("GET", "hot/f")).Content;
        content.Select(b => (int)b).Sum().Should().Be(2 * block);
        content.Skip(block).Take(block).Should().OnlyContain(b => b == 0);
        Answer list = await Client.SendAsync("GET", "hot/f", "comp=rangelist");
        list.Headers["x-ms-content-length"].Should().Be($"{4 * block}");
        list.Xml.Elements("Range").Select(range => (range.Element("Start")!.Value, range.Element("End")!.Value))
            .Should().Equal(("0", $"{block - 1}"), ($"{2 * block}", $"{(3 * block) - 1}"));
    }

    [TestCase("bytes=0-10", 11, "InvalidRange", TestName = "PutRange_BehindTheEnd_IsRefused")]
    [TestCase("bytes=0-3", 5, "InvalidHeaderValue", TestName = "PutRange_LengthThatIsNotTheRange_IsRefused")]
    [TestCase("bytes=3", 1, "InvalidHeaderValue", TestName = "PutRange_RangeWithoutEnd_IsRefused")]
    public async Task PutRange_WithBadRange_IsRefused(string range, int length, string code)
    {
        await Client.CreateFileAsync("hot/f", 10);

        Answer answer = await Client.SendAsync("PUT", "hot/f", "comp=range", new byte[length], null, ("x-ms-write", "update"), ("x-ms-range", range));

        answer.Code.Should().Be(code);
    }

    [Test]
    public async Task PutRange_ContentThatDoesNotFitItsHash_WritesNothing()
    {
        await Client.CreateFileAsync("hot/f", 4);

        Answer answer = await Client.PutRangeAsync("hot/f", 0, "data"u8.ToArray(), ("Content-MD5", Convert.ToBase64String(MD5.HashData("atad"u8))));

        answer.Code.Should().Be("Md5Mismatch");
        (await Client.SendAsync("GET", "hot/f")).Content.Should().Equal(new byte[4]);
    }

    [Test]
    public async Task PutRange_LargerThanFourMebibytes_IsRefused()
    {
        await Client.CreateFileAsync("hot/f", 5 << 20);

        Answer answer = await Client.PutRangeAsync("hot/f", 0, new byte[(4 << 20) + 1]);

        answer.Status.Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Test]
    public async Task PutRangeFromUrl_OfAnotherFile_CopiesThatPart()
    {
        Folder.File("shares/hot/source", "abcdefgh");
        await Client.CreateFileAsync("hot/copy", 3);
        string source = $"{Files.UriOf("hot", "source")}?{StorageLab.Sas("r")}";

        Answer answer = await Client.SendAsync("PUT", "hot/copy", "comp=range", headers:
            [("x-ms-write", "update"), ("x-ms-range", "bytes=0-2"), ("x-ms-copy-source", source), ("x-ms-source-range", "bytes=2-4")]);

        answer.Status.Should().Be(HttpStatusCode.Created);
        (await Client.SendAsync("GET", "hot/copy")).Text.Should().Be("cde");
    }

    [TestCase("hot/none", "r", 404)]
    [TestCase("hot/source", "w", 403)]
    public async Task PutRangeFromUrl_SourceThatIsRefused_SaysSo(string path, string permissions, int status)
    {
        Folder.File("shares/hot/source", "abcdefgh");
        await Client.CreateFileAsync("hot/copy", 3);
        string source = $"{Files.Endpoint}/{path}?{StorageLab.Sas(permissions)}";

        Answer answer = await Client.SendAsync("PUT", "hot/copy", "comp=range", headers:
            [("x-ms-write", "update"), ("x-ms-range", "bytes=0-2"), ("x-ms-copy-source", source), ("x-ms-source-range", "bytes=2-4")]);

        ((int)answer.Status).Should().Be(status);
        answer.Code.Should().Be("CannotVerifyCopySource");
    }

    [Test]
    public async Task Create_Anew_ReplacesContentPropertiesAndMetadata()
    {
        await Client.CreateFileAsync("hot/f", 4, ("x-ms-meta-Owner", "someone"), ("x-ms-file-attributes", "Hidden"), ("x-ms-content-type", "text/plain"));
        await Client.PutRangeAsync("hot/f", 0, "data"u8.ToArray());

        await Client.CreateFileAsync("hot/f", 2);

        Answer head = await Client.SendAsync("HEAD", "hot/f");
        head.Headers["Content-Length"].Should().Be("2");
        head.Headers["x-ms-file-attributes"].Should().Be("Archive");
        head.Headers["Content-Type"].Should().Be("application/octet-stream");
        head.Headers.Keys.Should().NotContain(name => name.StartsWith("x-ms-meta-", StringComparison.OrdinalIgnoreCase));
        (await Client.SendAsync("GET", "hot/f")).Content.Should().Equal(0, 0);
    }

    [Test]
    public async Task Properties_Set_AreShownAndOutliveARestart()
    {
        await Client.CreateDirectoryAsync("hot/dir", ("x-ms-meta-kind", "folder"), ("x-ms-file-attributes", "Hidden|Directory"));
        await Client.CreateFileAsync("hot/dir/f", 4);
        await Client.PutRangeAsync("hot/dir/f", 0, "data"u8.ToArray());
        string md5 = Convert.ToBase64String(MD5.HashData("data"u8));
        await Client.SendAsync("PUT", "hot/dir/f", "comp=metadata", headers: [("x-ms-meta-one", "1"), ("x-ms-meta-two", "zwei")]);
        Answer set = await Client.SendAsync("PUT", "hot/dir/f", "comp=properties", headers:
        [
            ("x-ms-file-attributes", "ReadOnly | System"), ("x-ms-file-creation-time", "2001-02-03T04:05:06.7654321Z"),
            ("x-ms-file-last-write-time", "2002-02-03T04:05:06.7654321Z"), ("x-ms-file-change-time", "2003-02-03T04:05:06.7654321Z"),
            ("x-ms-content-type", "text/csv"), ("x-ms-content-md5", md5), ("x-ms-file-permission-key", "12*34"),
        ]);
        set.Status.Should().Be(HttpStatusCode.OK);

        await RestartAsync();

        Answer head = await Client.SendAsync("HEAD", "hot/dir/f");
        head.Headers.Should().Contain(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ETag"] = set.Headers["ETag"],
            ["x-ms-type"] = "File",
            ["x-ms-file-attributes"] = "ReadOnly|System",
            ["x-ms-file-creation-time"] = "2001-02-03T04:05:06.7654321Z",
            ["x-ms-file-last-write-time"] = "2002-02-03T04:05:06.7654321Z",
            ["x-ms-file-change-time"] = "2003-02-03T04:05:06.7654321Z",
            ["x-ms-file-permission-key"] = "12*34",
            ["Content-Type"] = "text/csv",
            ["Content-MD5"] = md5,
            ["x-ms-meta-one"] = "1",
            ["x-ms-meta-two"] = "zwei",
        });
        Answer folder = await Client.SendAsync("GET", "hot/dir", "restype=directory");
        folder.Headers["x-ms-meta-kind"].Should().Be("folder");
        folder.Headers["x-ms-file-attributes"].Should().Be("Hidden|Directory");
    }

    [Test]
    public async Task File_ReadOnly_IsNeitherWrittenNorReplacedNorRemoved()
    {
        await Client.CreateFileAsync("hot/f", 4, ("x-ms-file-attributes", "ReadOnly"));

        (await Client.PutRangeAsync("hot/f", 0, "data"u8.ToArray())).Code.Should().Be("ReadOnlyAttribute");
        (await Client.CreateFileAsync("hot/f", 1)).Code.Should().Be("ReadOnlyAttribute");
        (await Client.SendAsync("DELETE", "hot/f")).Code.Should().Be("ReadOnlyAttribute");
        await Client.SendAsync("PUT", "hot/f", "comp=properties", headers: [("x-ms-file-attributes", "None")]);
        (await Client.SendAsync("DELETE", "hot/f")).Status.Should().Be(HttpStatusCode.Accepted);
    }

    [Test]
    public async Task File_ChangedFromOutside_GetsAnotherETagAndLosesItsHash()
    {
        await Client.CreateFileAsync("hot/f", 4, ("x-ms-content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), ("x-ms-file-attributes", "Hidden"));
        Answer before = await Client.SendAsync("HEAD", "hot/f");
        File.WriteAllText(Path.Combine(Hot, "f"), "other content");
        File.SetLastWriteTimeUtc(Path.Combine(Hot, "f"), new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        Answer after = await Client.SendAsync("HEAD", "hot/f");

        before.Headers.Should().ContainKey("Content-MD5");
        after.Headers["ETag"].Should().NotBe(before.Headers["ETag"]);
        after.Headers["Last-Modified"].Should().Be("Wed, 02 Jan 2030 03:04:05 GMT");
        after.Headers["Content-Length"].Should().Be("13");
        after.Headers["x-ms-file-attributes"].Should().Be("Hidden");
        after.Headers.Should().NotContainKey("Content-MD5");
    }

    [Test]
    public async Task Directory_Life_AnswersAsTheService()
    {
        (await Client.CreateDirectoryAsync("hot/a/b")).Code.Should().Be("ParentNotFound");
        (await Client.CreateDirectoryAsync("hot/a")).Status.Should().Be(HttpStatusCode.Created);
        (await Client.CreateDirectoryAsync("hot/a")).Code.Should().Be("ResourceAlreadyExists");
        (await Client.CreateFileAsync("hot/a/f", 0)).Status.Should().Be(HttpStatusCode.Created);
        (await Client.CreateDirectoryAsync("hot/a/f")).Code.Should().Be("ResourceTypeMismatch");
        (await Client.CreateFileAsync("hot/a", 0)).Code.Should().Be("ResourceTypeMismatch");
        (await Client.SendAsync("HEAD", "hot/a")).Code.Should().Be("ResourceNotFound");
        (await Client.SendAsync("DELETE", "hot/a", "restype=directory")).Code.Should().Be("DirectoryNotEmpty");
        (await Client.SendAsync("DELETE", "hot/a/f")).Status.Should().Be(HttpStatusCode.Accepted);
        (await Client.SendAsync("DELETE", "hot/a/f")).Code.Should().Be("ResourceNotFound");
        (await Client.SendAsync("DELETE", "hot/a", "restype=directory")).Status.Should().Be(HttpStatusCode.Accepted);
        (await Client.SendAsync("GET", "hot/a", "restype=directory")).Code.Should().Be("ResourceNotFound");
    }

    [Test]
    public async Task Share_Life_AnswersAsTheService()
    {
        (await Client.SendAsync("GET", "new-share", "restype=share")).Code.Should().Be("ShareNotFound");
        (await Client.SendAsync("PUT", "new-share", "restype=share")).Status.Should().Be(HttpStatusCode.Created);
        (await Client.SendAsync("PUT", "new-share", "restype=share")).Code.Should().Be("ShareAlreadyExists");
        (await Client.SendAsync("GET", "new-share", "restype=share")).Headers["x-ms-enabled-protocols"].Should().Be("SMB");
        (await Client.SendAsync("PUT", "New", "restype=share")).Code.Should().Be("InvalidResourceName");
        Directory.Exists(Folder.At("shares", "new-share")).Should().BeTrue();
    }

    [TestCase("a:b")]
    [TestCase("a\\b")]
    [TestCase("what?")]
    [TestCase("star*")]
    [TestCase("a\"b")]
    [TestCase("a<b")]
    [TestCase("a|b")]
    [TestCase("dot.")]
    [TestCase("..")]
    [TestCase("../shares/hot/x")]
    [TestCase("a/../../../x")]
    [TestCase("a//b")]
    [TestCase("Lpt1")]
    [TestCase("bell\a")]
    public async Task Create_NameThatAShareRefuses_IsRefused(string name)
    {
        Answer answer = await Client.CreateFileAsync($"hot/{name}", 0);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Code.Should().Be("InvalidResourceName");
        Directory.EnumerateFileSystemEntries(Hot).Should().BeEmpty();
    }

    [Test]
    public async Task Create_PathsThatAreTooLong_AreRefused()
    {
        (await Client.CreateFileAsync($"hot/{new string('n', 256)}", 0)).Code.Should().Be("InvalidResourceName");
        (await Client.CreateFileAsync($"hot/{new string('n', 255)}", 0)).Status.Should().Be(HttpStatusCode.Created);
        (await Client.CreateFileAsync($"hot/{string.Join('/', Enumerable.Repeat("123456789", 206))}", 0)).Code.Should().Be("InvalidResourceName");
        (await Client.CreateFileAsync($"hot/{string.Join('/', Enumerable.Repeat("d", 251))}", 0)).Code.Should().Be("InvalidResourceName");
    }

    [Test]
    public async Task Names_DifferingInCaseOnly_AreOne()
    {
        await Client.CreateDirectoryAsync("hot/Dir");
        await Client.CreateFileAsync("hot/dir/File.TXT", 1);

        (await Client.CreateDirectoryAsync("hot/DIR")).Code.Should().Be("ResourceAlreadyExists");
        await Client.CreateFileAsync("hot/DIR/file.txt", 7);

        (await Client.SendAsync("HEAD", "hot/dir/FILE.txt")).Headers["Content-Length"].Should().Be("7");
        FolderContent.Of(Hot).Keys.Should().Equal("Dir/File.TXT");
    }

    [Test]
    public async Task Names_CreatedConcurrentlyInManySpellings_StayOne()
    {
        string[] spellings = [.. Enumerable.Range(0, 32).Select(i => string.Concat("fghij".Select((c, at) => (i >> at & 1) == 1 ? char.ToUpperInvariant(c) : c)))];

        Answer[] answers = await Task.WhenAll(spellings.Select(name => Client.CreateDirectoryAsync($"hot/{name}")));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).Should().Be(1);
        answers.Count(answer => answer.Code == "ResourceAlreadyExists").Should().Be(31);
        Directory.EnumerateDirectories(Hot).Should().ContainSingle();
    }

    [TestCase("hot%2Fa%20b%2Fc%2525.txt", "a b/c%25.txt")]
    [TestCase("hot/%C3%A4", "ä")]
    [TestCase("hot/a+b", "a+b")]
    public async Task Target_Escaped_IsDecodedOnce(string target, string path)
    {
        Folder.File($"shares/hot/{path}", "content");

        (await Client.SendRawAsync("GET", $"{target}?{StorageLab.Sas()}", null)).Text.Should().Be("content");
    }

    [TestCase("hot/%zz")]
    [TestCase("hot/%C3")]
    public async Task Target_NotWellFormed_IsRefused(string target) =>
        (await Client.SendRawAsync("GET", $"{target}?{StorageLab.Sas()}", null)).Code.Should().Be("InvalidUri");

    [Test]
    public async Task Operation_NotEmulated_SaysSo()
    {
        (await Client.SendAsync("PUT", "hot/f", "comp=lease")).Code.Should().Be("NotEmulated");
        (await Client.SendAsync("GET", "hot", "restype=share&comp=acl")).Status.Should().Be(HttpStatusCode.NotImplemented);
    }

    [Test]
    public async Task Writes_ConcurrentOnOneFile_AllArrive()
    {
        const int piece = 10_000;
        await Client.CreateFileAsync("hot/f", 40 * piece);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(i => Client.PutRangeAsync("hot/f", i * piece, Enumerable.Repeat((byte)i, piece).ToArray())));

        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.Created);
        answers.Select(answer => answer.Headers["ETag"]).Should().OnlyHaveUniqueItems();
        byte[] content = (await Client.SendAsync("GET", "hot/f")).Content;
        content.Should().Equal(Enumerable.Range(0, 40 * piece).Select(i => (byte)(i / piece)));
        answers.Select(answer => answer.Headers["ETag"]).Should().Contain((await Client.SendAsync("HEAD", "hot/f")).Headers["ETag"]);
    }
}
