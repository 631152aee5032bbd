using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tiering.Core.TaskHubs;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.EmbeddedHost.AzureHubs;
using Tiering.Tests.Support;

namespace Tiering.Tests.TaskHubs;

/// <summary>The storage account of these tests: Azurite's tables and blobs, one for all. Each caller gets a hub of its own.</summary>
[SetUpFixture]
public sealed class HubAccount
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(100) };
    private static AzuriteServer tables = null!;
    private static AzuriteServer blobs = null!;

    /// <summary>What opens it, as an operator would be given it.</summary>
    public static string Connection => $"AccountName={AzuriteServer.Account};AccountKey={AzuriteServer.Key};TableEndpoint={tables.Endpoint};BlobEndpoint={blobs.Endpoint}";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Task<AzuriteServer> second = AzuriteServer.StartAsync();
        tables = await AzuriteServer.StartTablesAsync();
        blobs = await second;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await tables.DisposeAsync();
        await blobs.DisposeAsync();
    }

    /// <summary>A hub that nobody has, with its tables and its container.</summary>
    public static async Task<string> CreateAsync()
    {
        string hub = "Hub" + Guid.NewGuid().ToString("N");
        foreach (string table in new[] { "Instances", "History" })
            await SendAsync(HttpMethod.Post, "Tables", new JsonObject { ["TableName"] = hub + table });
        await blobs.CreateContainerAsync($"{hub.ToLowerInvariant()}-largemessages");
        return hub;
    }

    internal static async Task AddAsync(string hub, params IEnumerable<HubFixture> instances)
    {
        List<(string Table, JsonObject Row)> rows = [];
        foreach (HubFixture instance in instances)
            rows.AddRange([("Instances", Of(instance, instance.Instance)), .. instance.Rows.Select(row => ("History", Of(instance, row)))]);
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (row, _) => await SendAsync(HttpMethod.Post, hub + row.Table, row.Row));
    }

    public static async Task AddBlobAsync(string hub, string path, string text)
    {
        using MemoryStream packed = new();
        await using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
        await blobs.PutBlobAsync($"{hub.ToLowerInvariant()}-largemessages", path, packed.ToArray());
    }

    /// <summary>All of both tables, as the service gives it.</summary>
    public static async Task<string> DumpAsync(string hub)
    {
        StringBuilder all = new();
        TaskHubReader reader = new(TaskHubAccount.Parse(AzuriteServer.Account, Connection), hub, Http, new NoTokens());
        await foreach (IReadOnlyDictionary<string, System.Text.Json.JsonElement> instance in reader.ListLiveAsync(default))
        {
            IEnumerable<IReadOnlyDictionary<string, System.Text.Json.JsonElement>> rows = [instance, .. await reader.ReadHistoryAsync(instance["PartitionKey"].GetString()!, default)];
            foreach (IReadOnlyDictionary<string, System.Text.Json.JsonElement> row in rows)
                all.AppendJoin(' ', row.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}={item.Value}")).AppendLine();
        }
        return all.ToString();
    }

    private static JsonObject Of(HubFixture instance, JsonObject row)
    {
        JsonObject whole = row.DeepClone().AsObject();
        whole["PartitionKey"] = instance.Id;
        return whole;
    }

    private static async Task SendAsync(HttpMethod method, string resource, JsonObject body)
    {
        string sas = new SasSigner(AzuriteServer.Account, Convert.FromBase64String(AzuriteServer.Key)).ForAccount("t", "sco", "rwdlacu", DateTimeOffset.UtcNow.AddHours(1), httpsOnly: false);
        using HttpRequestMessage request = new(method, $"{tables.Endpoint}/{resource}?{sas}") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("x-ms-version", "2020-12-06");
        request.Headers.Add("Prefer", "return-no-content");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;odata=nometadata"));
        using HttpResponseMessage response = await Http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"Azurite answered {(int)response.StatusCode} to {resource}: {await response.Content.ReadAsStringAsync()}");
    }
}

/// <summary>For accounts that are opened by a key.</summary>
internal sealed class NoTokens : Core.Identity.ITokenSource
{
    public ValueTask<string> GetAsync(string resource, CancellationToken cancellation) => throw new InvalidOperationException("Nobody was to sign in.");
}
