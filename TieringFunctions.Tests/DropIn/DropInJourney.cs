using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Euphrosyne;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;
using Tiering.Tests.Triggers;

namespace Tiering.Tests.DropIn;

/// <summary>The real service beside the emulated client, HOT in a folder and COOL in Azurite; one set for all tests of a fixture.</summary>
public abstract class DropInJourney
{
    private BlobFrontEmulator front = null!;

    /// <summary>Eleven bytes, as in the client's sample configuration.</summary>
    protected const string Secret = "django-11by";

    protected TempFolder Temp { get; private set; } = null!;

    protected AzuriteServer Azurite { get; private set; } = null!;

    protected EuphrosyneEmulator Client { get; private set; } = null!;

    protected ServiceProcess Service { get; private set; } = null!;

    /// <summary>What goes wrong, or waits, between the transfers and COOL.</summary>
    protected FaultSet Faults => front.Faults;

    protected virtual TimeSpan CommitDelay => TimeSpan.Zero;

    /// <summary>Settings on top of, or instead of, the usual ones.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Temp = new TempFolder();
        Azurite = await AzuriteServer.StartAsync();
        await Azurite.CreateContainerAsync("cool");
        front = await BlobFrontEmulator.StartAsync(new() { Azurite = Azurite.Endpoint });
        Client = await EuphrosyneEmulator.StartAsync(new EuphrosyneOptions { Secret = Secret, Prefix = "/euphrosyne", CommitDelay = CommitDelay });
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["EUPHROSYNE_BACKEND_URL"] = Client.Url + "/",
            ["JWT_SECRET_KEY"] = Secret,
            ["TIERING_CALLBACK_DELAY_SECONDS"] = "1",
            ["AZCOPY_POLL_INTERVAL_SECONDS"] = "1",
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = front.Endpoint.ToString(),
        };
        foreach ((string name, string value) in Settings)
            settings[name] = value;
        Service = await ServiceProcess.StartAsync(Temp.Folder("data"), Azurite, settings);
        Client.Tiering = Service.Http.BaseAddress!.ToString().TrimEnd('/');
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await Service.DisposeAsync();
        await Client.DisposeAsync();
        await front.DisposeAsync();
        await Azurite.DisposeAsync();
        Temp.Dispose();
    }

    [TearDown]
    public void ForgetFaults()
    {
        Client.ClearFaults();
        Faults.Clear();
    }

    protected async Task KillServiceAsync() => await Service.KillAsync();

    protected async Task StartServiceAgainAsync()
    {
        await Service.StartAgainAsync();
        Client.Tiering = Service.Http.BaseAddress!.ToString().TrimEnd('/');
    }

    /// <summary>A project whose data lies in HOT, known to the client as HOT.</summary>
    protected string HotProject(string slug, int files = 3, int bytesEach = 100)
    {
        string folder = Path.Combine(Service.Hot, slug);
        for (int i = 0; i < files; i++)
        {
            string path = Path.Combine(folder, $"run {i % 2}", string.Create(CultureInfo.InvariantCulture, $"{i}.bin"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Content(i, bytesEach));
        }
        Client.Model.Put(slug, "HOT");
        return folder;
    }

    /// <summary>The same files in COOL, as another program left them.</summary>
    protected async Task CoolCopyAsync(string slug, int files = 3, int bytesEach = 100)
    {
        for (int i = 0; i < files; i++)
            await Azurite.PutBlobAsync("cool", string.Create(CultureInfo.InvariantCulture, $"{slug}/run {i % 2}/{i}.bin"), Content(i, bytesEach));
    }

    protected static byte[] Content(int seed, int bytes)
    {
        byte[] content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }

    /// <summary>COOL or RESTORE, from the client's request until the client has the result.</summary>
    protected async Task<ClientOperation> MoveAsync(string slug, string type)
    {
        ClientOperation begun = await Client.BeginAsync(slug, type);
        begun.Answer.Should().Be(202, Service.Output);
        return await EndOfAsync(begun.Id);
    }

    protected Task<ClientOperation> EndOfAsync(Guid id) =>
        Service.WaitAsync(() => Task.FromResult(Client.Model.Find(id)!), operation => operation.IsTerminal, $"the client to hear of {id}");

    protected async Task<ClientOperation> DeleteAsync(Guid id)
    {
        (await Client.DeleteSourceAsync(id)).Should().Be(202, Service.Output);
        return await DeletionOfAsync(id);
    }

    protected Task<ClientOperation> DeletionOfAsync(Guid id) => Service.WaitAsync(
        () => Task.FromResult(Client.Model.Find(id)!), operation => operation.Deletion is "SUCCEEDED" or "FAILED", $"the client to hear of the deletion of {id}");

    /// <summary>An operation that the client has and Tiering never saw: it was made before.</summary>
    protected ClientOperation Earlier(string slug, string type, int files, long bytes, string state)
    {
        ClientOperation operation = new(Guid.NewGuid(), slug, type, DateTimeOffset.UtcNow)
        {
            Status = "SUCCEEDED", FilesTotal = files, BytesTotal = bytes, FilesCopied = files, BytesCopied = bytes,
        };
        Client.Model.Put(operation);
        Client.Model.Put(slug, state);
        return operation;
    }

    /// <summary>The callbacks that tell of an operation, oldest first.</summary>
    protected IReadOnlyList<ClientRequest> CallbacksOf(Guid id) =>
        [.. Client.Callbacks.Where(request => request.Body.Contains(id.ToString("D"), StringComparison.Ordinal))];

    /// <summary>Sends a request of the client's own kind.</summary>
    protected async Task<(int Status, string Body)> AskAsync(HttpMethod method, string path)
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ClientToken.Create(Secret, DateTimeOffset.UtcNow));
        return await Service.Http.SendAsync(request).ReadAsync();
    }

    protected async Task<JsonElement> OutboxAsync(Guid id)
    {
        JsonElement page = await Service.SendAsync(HttpMethod.Get, "/api/outbox?limit=1000");
        return page.GetProperty("items").EnumerateArray().Last(item => item.GetProperty("operation").GetGuid() == id);
    }
}
