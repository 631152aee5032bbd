using System.Net;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Identity;
using static Tiering.Tests.Transfers.Inventories.ScriptedService;

namespace Tiering.Tests.Transfers.Inventories;

/// <summary>What a service that fails, lies or falls silent makes of a listing and of a read: the whole truth, or an error.</summary>
public sealed class BlobStoreFaultTests
{
    private const string Sas = "sv=2021-12-02&sig=c2VjcmV0";

    [Test]
    public async Task List_TransientFailures_AreTriedAgain()
    {
        ScriptedService service = new(
            _ => Status(HttpStatusCode.InternalServerError),
            _ => Status(HttpStatusCode.ServiceUnavailable, "ServerBusy"),
            _ => throw new HttpRequestException("refused"),
            _ => Page("m", "p/b"),
            _ => Status((HttpStatusCode)429),
            _ => Page("", "p/a"));

        (await Open(service).ListAsync()).Select(entry => entry.Path).Should().Equal("a", "b");
    }

    [Test]
    public async Task List_FailureThatLasts_IsUnavailableAndShowsNoToken()
    {
        ScriptedService service = new(_ => Status(HttpStatusCode.InternalServerError, "InternalError"));
        (await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreUnavailableException>())
            .Which.ToString().Should().NotContain("c2VjcmV0");
        service.Asked.Should().Be(5);
    }

    [TestCase(HttpStatusCode.Forbidden)]
    [TestCase(HttpStatusCode.Unauthorized)]
    [TestCase(HttpStatusCode.BadRequest)]
    public async Task List_Refusal_IsNotTriedAgain(HttpStatusCode status)
    {
        ScriptedService service = new(_ => Status(status, "AuthenticationFailed"));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreRefusedException>();
        service.Asked.Should().Be(1);
    }

    [Test]
    public async Task List_FailureOnTheSecondPage_IsAnErrorAndNotHalfAList()
    {
        ScriptedService service = new(_ => Page("m", "p/a"), _ => Status(HttpStatusCode.Forbidden));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreRefusedException>();
    }

    [TestCase("<?xml version=\"1.0\"?><EnumerationResults><Blobs></Blobs></EnumerationResults>", TestName = "List_NoWordOfWhetherItGoesOn_IsUnavailable")]
    [TestCase("<?xml version=\"1.0\"?><EnumerationResults><Blobs><Blob><Name>p/a</Name>", TestName = "List_CutOffAnswer_IsUnavailable")]
    [TestCase("<html><body>Sign in</body></html>", TestName = "List_AnswerOfSomebodyElse_IsUnavailable")]
    [TestCase("", TestName = "List_EmptyAnswer_IsUnavailable")]
    [TestCase("<EnumerationResults><Blobs><Blob><Name>p/a</Name></Blob></Blobs><NextMarker/></EnumerationResults>", TestName = "List_BlobWithoutSize_IsUnavailable")]
    public async Task List_AnswerThatIsNone_IsUnavailable(string text)
    {
        ScriptedService service = new(_ => Text(text));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_SamePageAgain_EndsWithAnError()
    {
        ScriptedService service = new(_ => Page("m", "p/a"));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_NameTwice_IsAnError()
    {
        ScriptedService service = new(_ => Page("m", "p/a"), _ => Page("", "p/a"));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_NamesThatWereNotAskedFor_AreAnError()
    {
        ScriptedService service = new(_ => Page("", "other/a"));
        await FluentActions.Awaiting(() => Open(service).ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_EncodedName_IsDecoded()
    {
        ScriptedService service = new(_ => Text(
            "<EnumerationResults><Blobs><Blob><Name Encoded=\"true\">p/%EF%BF%BE%25</Name><Properties><Content-Length>1</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>"));
        (await Open(service).ListAsync()).Single().Path.Should().Be("\ufffe%");
    }

    [Test]
    public async Task Read_ConnectionThatBreaks_GoesOnWhereItStopped()
    {
        byte[] content = new byte[1000];
        new Random(7).NextBytes(content);
        ScriptedService service = new(
            _ => Content(content[..400], breaks: true),
            request => Part(content, request, upTo: 700),
            request => Part(content, request, upTo: 1000));

        await using Stream stream = await Open(service).OpenReadAsync(Entries.FileAt("a", 1000) with { ETag = "0x1" }, default);
        using MemoryStream read = new();
        await stream.CopyToAsync(read);

        read.ToArray().Should().Equal(content);
        service.Asked.Should().Be(3);
    }

    [Test]
    public async Task Read_ContentThatStaysShort_IsUnavailable()
    {
        byte[] content = new byte[999];
        ScriptedService service = new(request => request.Headers.Range is null ? Content(content, breaks: false) : Part(content, request, upTo: 999));
        await using Stream stream = await Open(service).OpenReadAsync(Entries.FileAt("a", 1000), default);
        await FluentActions.Awaiting(() => stream.CopyToAsync(Stream.Null)).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task Read_ContentThatIsTooLong_HasChanged()
    {
        ScriptedService service = new(_ => Content(new byte[1001], breaks: false));
        await using Stream stream = await Open(service).OpenReadAsync(Entries.FileAt("a", 1000), default);
        await FluentActions.Awaiting(() => stream.CopyToAsync(Stream.Null)).Should().ThrowAsync<EntryChangedException>();
    }

    [Test]
    public async Task Read_OtherVersionAfterABreak_HasChanged()
    {
        ScriptedService service = new(_ => Content(new byte[400], breaks: true), _ => Status(HttpStatusCode.PreconditionFailed, "ConditionNotMet"));
        await using Stream stream = await Open(service).OpenReadAsync(Entries.FileAt("a", 1000) with { ETag = "0x1" }, default);
        await FluentActions.Awaiting(() => stream.CopyToAsync(Stream.Null)).Should().ThrowAsync<EntryChangedException>();
    }

    [Test]
    public async Task Requests_RenewedAccess_IsUsedAtOnce()
    {
        List<string> queries = [];
        ScriptedService service = new(request => Recorded(request, Page("m", "p/a")), request => Recorded(request, Page("", "p/b")));
        Queue<string> tokens = new(["sig=first", "sig=second"]);
        BlobStore store = new(Location, new StorageRequests(new HttpClient(service), () => new LocationAccess { OwnSas = tokens.Dequeue() }, identity: null));

        await store.ListAsync();

        queries[0].Should().EndWith("sig=first");
        queries[1].Should().EndWith("sig=second");

        HttpResponseMessage Recorded(HttpRequestMessage request, HttpResponseMessage answer)
        {
            queries.Add(request.RequestUri!.Query);
            return answer;
        }
    }

    [Test]
    public async Task Requests_WithoutSas_SignInAndAskAgainForATokenThatWasTakenBack()
    {
        List<HttpRequestMessage> requests = [];
        ScriptedService service = new(
            request => Keep(request, Status(HttpStatusCode.Unauthorized, "InvalidAuthenticationInfo")),
            request => Keep(request, Page("", "p/a")));
        FixedToken identity = new("old", "new");
        BlobStore store = new(Location, new StorageRequests(new HttpClient(service), () => LocationAccess.None, identity, TimeSpan.FromMilliseconds(1)));

        (await store.ListAsync()).Should().ContainSingle();

        requests.Select(request => request.Headers.Authorization!.ToString()).Should().Equal("Bearer old", "Bearer new");
        requests[1].RequestUri!.Query.Should().NotContain("sig=");
        requests[1].Headers.GetValues("x-ms-version").Should().Equal("2022-11-02");
        requests[1].Headers.Contains("x-ms-file-request-intent").Should().BeFalse("only file shares want to know");
        identity.Resources.Should().OnlyContain(resource => resource == TokenResources.Storage);

        HttpResponseMessage Keep(HttpRequestMessage request, HttpResponseMessage answer)
        {
            requests.Add(request);
            return answer;
        }
    }

    [Test]
    public async Task Requests_RefusedTwiceAsTheIdentity_AreRefused()
    {
        ScriptedService service = new(_ => Status(HttpStatusCode.Unauthorized, "InvalidAuthenticationInfo"));
        BlobStore store = new(Location, new StorageRequests(new HttpClient(service), () => LocationAccess.None, new FixedToken("abc"), TimeSpan.FromMilliseconds(1)));
        (await FluentActions.Awaiting(() => store.ListAsync()).Should().ThrowAsync<StoreRefusedException>()).Which.ToString().Should().NotContain("abc");
        service.Asked.Should().Be(2);
    }

    [Test]
    public async Task Requests_ToAShareWithoutSas_SayThatTheyAreForBackup()
    {
        HttpRequestMessage? asked = null;
        ScriptedService service = new(request =>
        {
            asked = request;
            return Status(HttpStatusCode.NotFound, "ResourceNotFound");
        });
        Location share = new(LocationKind.Share, "http://127.0.0.1:1/account/s/p", "http://127.0.0.1:1/account/s");
        IProjectStore store = new ProjectStores(new HttpClient(service), new FixedToken("abc")).Open(share, LocationAccess.None);

        await FluentActions.Awaiting(() => store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();

        asked!.Headers.Authorization!.ToString().Should().Be("Bearer abc");
        asked.Headers.GetValues("x-ms-file-request-intent").Should().Equal("backup");
        asked.Headers.GetValues("x-ms-version").Should().Equal("2022-11-02");
    }

    private static Location Location => new(LocationKind.Blob, "http://127.0.0.1:1/account/c/p", "http://127.0.0.1:1/account/c");

    private static BlobStore Open(ScriptedService service) =>
        new(Location, new StorageRequests(new HttpClient(service), () => new LocationAccess { OwnSas = Sas }, identity: null, TimeSpan.FromMilliseconds(1)));

    private static HttpResponseMessage Content(byte[] content, bool breaks)
    {
        HttpResponseMessage answer = new(HttpStatusCode.OK) { Content = new StreamContent(breaks ? new BreakingStream(content) : new MemoryStream(content)) };
        answer.Headers.TryAddWithoutValidation("ETag", "\"0x1\"");
        return answer;
    }

    private static HttpResponseMessage Part(byte[] content, HttpRequestMessage request, int upTo)
    {
        int from = (int)request.Headers.Range!.Ranges.Single().From!.Value;
        return new HttpResponseMessage(HttpStatusCode.PartialContent) { Content = new ByteArrayContent(content[from..upTo]) };
    }

    private sealed class BreakingStream(byte[] content) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0 ? read : throw new IOException("The connection is broken.");
    }
}
