using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;
using TableRow = System.Collections.Generic.IReadOnlyDictionary<string, System.Text.Json.JsonElement>;

namespace Tiering.Core.TaskHubs;

/// <summary>
/// Reads the rows of a task hub of Durable Functions' Azure Storage provider, as they are stored: the table of instances, the table of
/// histories, and the container of what is too large for a row. Nothing is written.
/// Sources: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider and
/// https://learn.microsoft.com/rest/api/storageservices/query-entities
/// </summary>
public sealed partial class TaskHubReader
{
    /// <summary>What must have been given to whoever reads.</summary>
    public const string Roles = "Storage Table Data Reader and Storage Blob Data Reader";

    /// <summary>The first version in which tables take bearer tokens.</summary>
    private const string TablesVersion = "2020-12-06";

    private const string InstanceColumns = "PartitionKey,Name,Version,RuntimeStatus,ExecutionId";
    private static readonly string[] Live = ["Pending", "Running", "Suspended", "ContinuedAsNew"];

    private readonly TaskHubAccount account;
    private readonly string hub;
    private readonly StorageRequests requests;
    private readonly int rowsInOnePage;

    /// <param name="account">Where it lies.</param>
    /// <param name="hub">Its name.</param>
    /// <param name="http">As <see cref="ProjectStores.CreateClient"/> makes it.</param>
    /// <param name="identity">Signs in where the account has no key.</param>
    /// <param name="rowsInOnePage">1 to 1,000, which is the most that the service gives.</param>
    /// <param name="firstWait">How long the second attempt of a request waits; null for a quarter of a second.</param>
    /// <exception cref="ConfigurationException">No hub can have this name.</exception>
    public TaskHubReader(TaskHubAccount account, string hub, HttpClient http, ITokenSource identity, int rowsInOnePage = 1000, TimeSpan? firstWait = null)
    {
        if (!HubName().IsMatch(hub))
            throw new ConfigurationException("The task hub's name must be a letter, and then 2 to 44 letters and digits");
        this.account = account;
        this.hub = hub;
        this.rowsInOnePage = rowsInOnePage;
        requests = new StorageRequests(http, account.Access, identity, firstWait);
    }

    /// <summary>Every instance that has not ended, in no order.</summary>
    /// <exception cref="TieringException">There is no such hub, it may not be read, or the storage does not answer.</exception>
    public IAsyncEnumerable<TableRow> ListLiveAsync(CancellationToken cancellation) =>
        QueryAsync("Instances", string.Join(" or ", Live.Select(status => $"RuntimeStatus eq '{status}'")), InstanceColumns, cancellation);

    /// <summary>An instance, whatever its status; null when there is none.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    public async Task<TableRow?> FindInstanceAsync(string partition, CancellationToken cancellation)
    {
        await foreach (TableRow row in QueryAsync("Instances", OfPartition(partition), InstanceColumns, cancellation))
            return row;
        return null;
    }

    /// <summary>The rows of an instance's history, in the order of their keys.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    public async Task<IReadOnlyList<TableRow>> ReadHistoryAsync(string partition, CancellationToken cancellation)
    {
        List<TableRow> rows = [];
        await foreach (TableRow row in QueryAsync("History", OfPartition(partition), columns: null, cancellation))
            rows.Add(row);
        return rows;
    }

    /// <summary>The text that a row has put into a blob; null when the blob is gone or damaged.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    public Task<string?> ReadLargeAsync(string blob, CancellationToken cancellation)
    {
        string path = string.Join('/', blob.Split('/').Select(Uri.EscapeDataString));
        return ClearlyAsync(async () =>
        {
            try
            {
                return await requests.FindAsync(
                    () => requests.Create(HttpMethod.Get, $"{account.Blobs}/{hub.ToLowerInvariant()}-largemessages/{path}"),
                    "reading a large value of the task hub",
                    (_, body) => Unpack(body),
                    cancellation);
            }
            catch (Exception gone) when (gone is InvalidDataException or StoreUnavailableException { IsRootMissing: true })
            {
                return null;
            }
        });
    }

    private async IAsyncEnumerable<TableRow> QueryAsync(string table, string filter, string? columns, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"$filter={Uri.EscapeDataString(filter)}&$top={rowsInOnePage}{(columns is null ? "" : "&$select=" + columns)}");
        string next = "";
        do
        {
            RowPage? page = await ClearlyAsync(() => requests.FindAsync(
                () => Ask($"{account.Tables}/{hub}{table}()", query + next), $"reading the table {hub}{table}", RowPage.Read, cancellation));
            if (page is null)
                throw new TaskHubUnreadableException($"There is no task hub {hub} in {account}: the table {hub}{table} is missing.");
            foreach (TableRow row in page.Rows)
                yield return row;
            next = page.Next;
        }
        while (next.Length > 0);
    }

    private HttpRequestMessage Ask(string address, string query)
    {
        HttpRequestMessage request = requests.Create(HttpMethod.Get, address, query);
        request.Headers.Remove("x-ms-version");
        request.Headers.Add("x-ms-version", TablesVersion);
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", "application/json;odata=nometadata");
        return request;
    }

    /// <summary>Says of a refusal what is to be done about it.</summary>
    private async Task<T> ClearlyAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (StoreRefusedException refused)
        {
            throw new TaskHubUnreadableException($"The task hub {hub} in {account} cannot be read. {refused.Message} Who reads it needs the roles {Roles} on the account.", refused);
        }
    }

    private static string OfPartition(string partition) => $"PartitionKey eq '{partition.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Unpack(Stream body)
    {
        using GZipStream content = new(body, CompressionMode.Decompress);
        using StreamReader text = new(content, Encoding.UTF8);
        return text.ReadToEnd();
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,44}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HubName();

    /// <param name="Rows">What was found.</param>
    /// <param name="Next">What the query for the next page ends with; empty for the last.</param>
    private sealed record RowPage(IReadOnlyList<TableRow> Rows, string Next)
    {
        public static RowPage Read(HttpResponseMessage answer, Stream body)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(body);
                List<TableRow> rows = [.. json.RootElement.GetProperty("value").EnumerateArray()
                    .Select(row => row.EnumerateObject().ToDictionary(item => item.Name, item => item.Value.Clone(), StringComparer.Ordinal))];
                return new RowPage(rows, NextOf(answer, "NextPartitionKey") + NextOf(answer, "NextRowKey"));
            }
            catch (Exception broken) when (broken is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new IOException("The answer is no list of rows.", broken); // asked for again, as one that was cut off
            }
        }

        private static string NextOf(HttpResponseMessage answer, string name) =>
            answer.Headers.TryGetValues("x-ms-continuation-" + name, out IEnumerable<string>? values) ? $"&{name}={Uri.EscapeDataString(values.First())}" : "";
    }
}

/// <param name="message">What is wrong, and what to do about it.</param>
/// <param name="inner">What was caught, or null.</param>
public sealed class TaskHubUnreadableException(string message, Exception? inner = null) : TieringException("task-hub-unreadable", message, isTransient: false, inner);
