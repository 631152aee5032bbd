using System.Net;
using System.Security.Cryptography;
using Tiering.Emulators.Blobs;

namespace Tiering.Tests.Emulators;

public sealed class BlobFrontTests
{
    private StorageLab _lab = null!;
    private FilesClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _lab = await StorageLab.StartAsync();
        _client = new FilesClient(_lab.Blobs);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _lab.DisposeAsync();
    }

    [Test]
    public async Task Requests_ThatAzuriteKnows_PassUnchanged()
    {
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);

        Answer put = await _client.SendAsync("PUT", "cool/a b/ä#%?+.bin", "", content, null, ("x-ms-blob-type", "BlockBlob"), ("x-ms-meta-one", "1"));
        Answer get = await _client.SendAsync("GET", "cool/a b/ä#%?+.bin");
        Answer head = await _client.SendAsync("HEAD", "cool/a b/ä#%?+.bin");
        Answer list = await _client.SendAsync("GET", "cool", "restype=container&comp=list");
        Answer delete = await _client.SendAsync("DELETE", "cool/a b/ä#%?+.bin");
        Answer missing = await _client.SendAsync("GET", "cool/none");

        put.Status.Should().Be(HttpStatusCode.Created);
        get.Content.Should().Equal(content);
        head.Headers["Content-Length"].Should().Be("3000000");
        head.Headers["x-ms-meta-one"].Should().Be("1");
        head.Headers["ETag"].Should().Be(put.Headers["ETag"]);
        list.Names.Should().Contain("a b/ä#%?+.bin");
        delete.Status.Should().Be(HttpStatusCode.Accepted);
        missing.Code.Should().Be("BlobNotFound");
    }

    [Test]
    public async Task Signature_ThatIsWrong_IsRefusedByAzurite()
    {
        Answer answer = await _client.SendAsync("GET", "cool", "restype=container&comp=list", sas: StorageLab.Sas("rl").Replace("sp=rl", "sp=rwl"));

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task PutBlobFromUrl_OfAFile_StoresContentTierAndProperties()
    {
        _lab.Folder.File("shares/hot/dir/a b.txt", "content");
        using FilesClient files = new(_lab.Files);
        await files.SendAsync("PUT", "hot/dir/a b.txt", "comp=properties", headers: [("x-ms-content-type", "text/csv")]);

        Answer put = await CopyAsync("cool/copy", _lab.ShareUrl("dir/a b.txt"), ("x-ms-blob-type", "BlockBlob"), ("x-ms-access-tier", "Cool"));

        put.Status.Should().Be(HttpStatusCode.Created);
        Answer get = await _client.SendAsync("GET", "cool/copy");
        get.Text.Should().Be("content");
        get.Headers["Content-Type"].Should().Be("text/csv");
        (await _client.SendAsync("HEAD", "cool/copy")).Headers["x-ms-access-tier"].Should().Be("Cool");
    }

    [Test]
    public async Task PutBlockFromUrl_OfParts_MakesTheWhole()
    {
        _lab.Folder.File("shares/hot/f", "0123456789");
        string[] ids = [Convert.ToBase64String("1"u8), Convert.ToBase64String("2"u8)];
        foreach ((string id, string range) in ids.Zip(["bytes=5-9", "bytes=0-4"]))
            (await CopyAsync("cool/copy", _lab.ShareUrl("f"), $"comp=block&blockid={Uri.EscapeDataString(id)}", ("x-ms-source-range", range))).Status.Should().Be(HttpStatusCode.Created);
        byte[] list = System.Text.Encoding.UTF8.GetBytes($"<BlockList><Latest>{ids[0]}</Latest><Latest>{ids[1]}</Latest></BlockList>");

        Answer commit = await _client.SendAsync("PUT", "cool/copy", "comp=blocklist", list);

        commit.Status.Should().Be(HttpStatusCode.Created);
        (await _client.SendAsync("GET", "cool/copy")).Text.Should().Be("5678901234");
    }

    [Test]
    public async Task PutBlobFromUrl_SourceThatIsRefused_SaysSoAndStoresNothing()
    {
        _lab.Folder.File("shares/hot/f", "x");

        Answer missing = await CopyAsync("cool/copy", _lab.ShareUrl("none"), ("x-ms-blob-type", "BlockBlob"));
        Answer refused = await CopyAsync("cool/copy", $"{_lab.Files.UriOf("hot", "f")}?{StorageLab.Sas("w")}", ("x-ms-blob-type", "BlockBlob"));
        Answer nowhere = await CopyAsync("cool/copy", "http://127.0.0.1:1/none", ("x-ms-blob-type", "BlockBlob"));
        Answer nonsense = await CopyAsync("cool/copy", "file:///etc/passwd", ("x-ms-blob-type", "BlockBlob"));

        (missing.Status, missing.Code).Should().Be((HttpStatusCode.NotFound, "CannotVerifyCopySource"));
        (refused.Status, refused.Code).Should().Be((HttpStatusCode.Forbidden, "CannotVerifyCopySource"));
        (nowhere.Status, nowhere.Code).Should().Be((HttpStatusCode.InternalServerError, "CannotVerifyCopySource"));
        nonsense.Code.Should().Be("InvalidHeaderValue");
        (await _lab.Azurite.ListAsync("cool")).Should().BeEmpty();
    }

    [Test]
    public async Task PutBlobFromUrl_WithoutRightAtTheDestination_IsRefusedByAzurite()
    {
        _lab.Folder.File("shares/hot/f", "x");

        Answer answer = await _client.SendAsync("PUT", "cool/copy", "", null, StorageLab.Sas("r"), ("x-ms-blob-type", "BlockBlob"), ("x-ms-copy-source", _lab.ShareUrl("f")));

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
        (await _lab.Azurite.ListAsync("cool")).Should().BeEmpty();
    }

    [Test]
    public async Task Azurite_Gone_IsABadGateway()
    {
        await using BlobFrontEmulator alone = await BlobFrontEmulator.StartAsync(new() { Azurite = new Uri("http://127.0.0.1:1") });
        using FilesClient client = new(alone);

        (await client.SendAsync("GET", "cool/x")).Status.Should().Be(HttpStatusCode.BadGateway);
    }

    private Task<Answer> CopyAsync(string path, string source, params (string Name, string Value)[] headers) => CopyAsync(path, source, "", headers);

    private Task<Answer> CopyAsync(string path, string source, string query, params (string Name, string Value)[] headers) =>
        _client.SendAsync("PUT", path, query, null, null, [("x-ms-copy-source", source), .. headers]);
}
