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
    private const string Continuation = "x-ms-continuation-";

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
            (await SendAsync(HttpMethod.Post, "Tables", new JsonObject { ["TableName"] = hub + table })).Dispose();
        await blobs.CreateContainerAsync($"{hub.ToLowerInvariant()}-largemessages");
        return hub;
    }

    internal static async Task AddAsync(string hub, params IEnumerable<HubFixture> instances)
    {
        List<(string Table, JsonObject Row)> rows = [];
        foreach (HubFixture instance in instances)
            rows.AddRange([("Instances", Of(instance, instance.Instance)), .. instance.Rows.Select(row => ("History", Of(instance, row)))]);
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (row, _) =>
            (await SendAsync(HttpMethod.Post, hub + row.Table, row.Row)).Dispose());
    }

    public static async Task AddBlobAsync(string hub, string path, string text)
    {
        using MemoryStream packed = new();
        await using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
        await blobs.PutBlobAsync($"{hub.ToLowerInvariant()}-largemessages", path, packed.ToArray());
    }

    /// <summary>All rows of the hub's tables with their times of change, and the names of its blobs.</summary>
    public static async Task<IReadOnlyList<string>> DumpAsync(string hub)
    {
        List<string> all = [];
        foreach (string table in new[] { "Instances", "History" })
        {
            string next = "";
            do
            {
                using HttpResponseMessage page = await SendAsync(HttpMethod.Get, $"{hub}{table}()", body: null, next);
                JsonNode rows = JsonNode.Parse(await page.Content.ReadAsStringAsync())!;
                all.AddRange(rows["value"]!.AsArray().Select(row => $"{table} {row!.ToJsonString()}"));
                next = string.Concat(page.Headers.Where(header => header.Key.StartsWith(Continuation, StringComparison.OrdinalIgnoreCase))
                    .Select(header => $"&{header.Key[Continuation.Length..]}={Uri.EscapeDataString(header.Value.First())}"));
            }
            while (next.Length > 0);
        }
        return [.. all, .. await blobs.ListAsync($"{hub.ToLowerInvariant()}-largemessages")];
    }

    private static JsonObject Of(HubFixture instance, JsonObject row)
    {
        JsonObject whole = row.DeepClone().AsObject();
        whole["PartitionKey"] = instance.Id;
        return whole;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMethod method, string resource, JsonObject? body, string query = "")
    {
        string sas = new SasSigner(AzuriteServer.Account, Convert.FromBase64String(AzuriteServer.Key)).ForAccount("t", "sco", "rwdlacu", DateTimeOffset.UtcNow.AddHours(1), httpsOnly: false);
        using HttpRequestMessage request = new(method, $"{tables.Endpoint}/{resource}?{sas}{query}");
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.Add("x-ms-version", "2020-12-06");
        request.Headers.Add("Prefer", "return-no-content");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;odata=nometadata"));
        HttpResponseMessage response = await Http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"Azurite answered {(int)response.StatusCode} to {resource}: {await response.Content.ReadAsStringAsync()}");
        return response;
    }
}

/// <summary>For accounts that are opened by a key.</summary>
internal sealed class NoTokens : Core.Identity.ITokenSource
{
    public ValueTask<string> GetAsync(string resource, CancellationToken cancellation) => throw new InvalidOperationException("Nobody was to sign in.");
}
