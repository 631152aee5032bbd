using System.Net;
using Tiering.Emulators.Access;
using Tiering.Emulators.Files;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>Which shared access signatures the share accepts, and how it refuses the others.</summary>
public sealed class SasTests
{
    private TempFolder _folder = null!;
    private FileShareEmulator _files = null!;
    private FilesClient _client = null!;

    private static SasBuilder Sas => new(StorageAccount.Development);

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _folder.File("shares/hot/proj/file.txt", "content");
        _files = await FileShareEmulator.StartAsync(new() { Root = _folder.At("shares") });
        _client = new FilesClient(_files);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _files.DisposeAsync();
        _folder.Dispose();
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        StorageAccount stranger = new("devstoreaccount1", Convert.ToBase64String(new byte[64]));
        yield return Case("none", "", "NoAuthenticationInformation", 401);
        yield return Case("other key", new SasBuilder(stranger).ForAccount("r"), "AuthenticationFailed");
        yield return Case("expired", Sas.Until(now.AddMinutes(-1)).ForAccount("r"), "AuthenticationFailed");
        yield return Case("not yet", Sas.From(now.AddDays(7)).ForAccount("r"), "AuthenticationFailed");
        yield return Case("no expiry", Sas.With("se", null).ForAccount("r"), "AuthenticationFailed");
        yield return Case("no time", Sas.With("se", "tomorrow").ForAccount("r"), "AuthenticationFailed");
        yield return Case("permissions changed after signing", Sas.ForAccount("l").Replace("sp=l", "sp=r"), "AuthenticationFailed");
        yield return Case("no permission", Sas.ForAccount("wdl"), "AuthorizationPermissionMismatch");
        yield return Case("blobs only", Sas.With("ss", "b").ForAccount("r"), "AuthorizationServiceMismatch");
        yield return Case("shares only", Sas.With("srt", "sc").ForAccount("r"), "AuthorizationResourceTypeMismatch");
        yield return Case("https only", Sas.With("spr", "https").ForAccount("r"), "AuthorizationProtocolMismatch");
        yield return Case("other address", Sas.With("sip", "10.0.0.1-10.0.0.9").ForAccount("r"), "AuthorizationSourceIPMismatch");
        yield return Case("version too old", Sas.With("sv", "2014-02-14").ForAccount("r"), "AuthenticationFailed");
        yield return Case("other share", Sas.ForShare("r", "cold"), "AuthenticationFailed");
        yield return Case("other file", Sas.ForShare("r", "hot", "proj/other.txt"), "AuthenticationFailed");
        yield return Case("share without read", Sas.ForShare("wdl", "hot"), "AuthorizationPermissionMismatch");
        yield return Case("unknown kind of resource", Sas.With("sr", "d").ForShare("r", "hot"), "AuthenticationFailed");
        yield return Case("unknown policy", Sas.With("si", "policy").ForShare("r", "hot"), "AuthenticationFailed");
        static TestCaseData Case(string name, string sas, string code, int status = 403) => new TestCaseData(sas, status, code).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task GetFile_SasThatDoesNotAllowIt_IsRefusedWithItsCode(string sas, int status, string code)
    {
        Answer answer = await _client.SendAsync("GET", "hot/proj/file.txt", sas: sas);

        ((int)answer.Status).Should().Be(status);
        answer.Code.Should().Be(code);
        answer.Text.Should().NotContain("content").And.Contain($"<Code>{code}</Code>");
    }

    private static IEnumerable<TestCaseData> Grants()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        yield return Case("account", Sas.ForAccount("r"));
        yield return Case("account, old version", Sas.With("sv", "2019-12-12").ForAccount("r"));
        yield return Case("account, version that AzCopy's own tools sign", Sas.With("sv", "2022-11-02").ForAccount("r"));
        yield return Case("account, started", Sas.From(now.AddMinutes(-5)).ForAccount("r"));
        yield return Case("account, expiry by day", Sas.With("se", now.AddDays(2).ToString("yyyy-MM-dd", null)).ForAccount("r"));
        yield return Case("account, objects only", Sas.With("srt", "o").ForAccount("r"));
        yield return Case("account, this address", Sas.With("sip", "127.0.0.1").ForAccount("r"));
        yield return Case("share", Sas.ForShare("r", "hot"));
        yield return Case("file", Sas.ForShare("r", "hot", "proj/file.txt"));
        static TestCaseData Case(string name, string sas) => new TestCaseData(sas).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Grants))]
    public async Task GetFile_SasThatAllowsIt_Answers(string sas) =>
        (await _client.SendAsync("GET", "hot/proj/file.txt", sas: sas)).Text.Should().Be("content");

    [TestCase("PUT", "hot/new.txt", "", "rdl")]
    [TestCase("PUT", "hot/new", "restype=directory", "rdl")]
    [TestCase("PUT", "hot/proj/file.txt", "comp=range", "rcdl")]
    [TestCase("PUT", "hot/proj/file.txt", "comp=properties", "rcdl")]
    [TestCase("PUT", "hot/proj/file.txt", "comp=metadata", "rcdl")]
    [TestCase("DELETE", "hot/proj/file.txt", "", "rwcl")]
    [TestCase("GET", "hot/proj", "restype=directory&comp=list", "rwcd")]
    [TestCase("GET", "hot/proj", "restype=directory", "lwcd")]
    [TestCase("HEAD", "hot/proj/file.txt", "", "lwcd")]
    public async Task Operation_EveryPermissionButItsOwn_IsRefused(string method, string path, string query, string permissions)
    {
        foreach (string sas in (string[])[Sas.ForAccount(permissions), Sas.ForShare(permissions, "hot")])
            (await _client.SendAsync(method, path, query, sas: sas)).Code.Should().Be("AuthorizationPermissionMismatch");
        FolderContent.Of(_folder.At("shares", "hot")).Keys.Should().Equal("proj/file.txt");
    }

    [Test]
    public async Task Share_ServiceSas_CannotReadOrCreateTheShareItself()
    {
        (await _client.SendAsync("GET", "hot", "restype=share", sas: Sas.ForShare("rcwdl", "hot"))).Code.Should().Be("AuthorizationFailure");
        (await _client.SendAsync("PUT", "hot", "restype=share", sas: Sas.ForShare("rcwdl", "hot"))).Code.Should().Be("AuthorizationFailure");
    }

    [Test]
    public async Task AccountSas_IsTheOneThatAzuriteAccepts()
    {
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("box");
        using HttpClient http = new();

        foreach (string version in (string[])["2019-12-12", "2021-12-02", "2022-11-02"])
        {
            string sas = Sas.With("sv", version).ForAccount("rl");
            using HttpResponseMessage answer = await http.GetAsync($"{azurite.UriOf("box")}?restype=container&comp=list&{sas}");
            answer.StatusCode.Should().Be(HttpStatusCode.OK, version);
        }
    }

    [Test]
    public async Task AzCopy_ServiceSasOfTheShare_Works()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        lab.Folder.File("shares/hot/proj/a b/file.txt", "content");
        string source = $"{lab.Files.UriOf("hot", "proj")}?{Sas.ForShare("rl", "hot")}";
        string back = $"{lab.Files.UriOf("hot", "back")}?{Sas.ForShare("rcwdl", "hot")}";

        AzCopyRun cool = await AzCopyRun.CopyAsync(source, lab.BlobUrl("p"), "FileBlob", lab.Folder);
        AzCopyRun restore = await AzCopyRun.CopyAsync(lab.BlobUrl("p"), back, "BlobFile", lab.Folder);

        cool.Status.Should().Be("Completed", cool.Tail);
        restore.Status.Should().Be("Completed", restore.Tail);
        FolderContent.Of(Path.Combine(lab.Hot, "back")).Should().Equal(FolderContent.Of(Path.Combine(lab.Hot, "proj")));
    }

    [Test]
    public async Task AzCopy_ExpiredSas_CopiesNothing()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        lab.Folder.File("shares/hot/proj/file.txt", "content");
        string source = $"{lab.Files.UriOf("hot", "proj")}?{Sas.Until(DateTimeOffset.UtcNow.AddMinutes(-1)).ForAccount("rl")}";

        AzCopyRun cool = await AzCopyRun.CopyAsync(source, lab.BlobUrl("p"), "FileBlob", lab.Folder);

        cool.ExitCode.Should().NotBe(0);
        lab.Log.Ended.Should().Contain(request => request.Server == "files" && request.Status == 403 && request.Code == "AuthenticationFailed");
        (await lab.Azurite.ListAsync("cool")).Should().BeEmpty();
    }
}
