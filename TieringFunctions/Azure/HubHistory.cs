using Azure.Core;
using Azure.Data.Tables;
using Tiering.Core;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Azure;

/// <summary>
/// The history of orchestrations as the task hub keeps it. The client of Durable Functions purges a history and does not show it, so it is
/// read from the hub's table, whose partition is the instance.
/// Source: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider, "History table".
/// </summary>
/// <param name="table">The hub's table.</param>
public sealed class HubHistory(TableClient table)
{
    /// <summary>The hub's name in host.json, and the provider's ending.</summary>
    public const string TableName = "TieringHistory";

    /// <summary>Opens the table by the settings of the host's own storage, <c>AzureWebJobsStorage</c>, in any of the forms that the host takes.</summary>
    /// <exception cref="ConfigurationException">There is none of them.</exception>
    public static HubHistory Open(Func<string, string?> setting, TokenCredential credential)
    {
        string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;

        return Text("AzureWebJobsStorage:tableServiceUri") is { } address ? Of(new Uri(address))
            : Text("AzureWebJobsStorage:accountName") is { } account ? Of(new Uri($"https://{account}.table.core.windows.net"))
            : Text("AzureWebJobsStorage") is { } connection ? new HubHistory(new TableServiceClient(connection, new TableClientOptions()).GetTableClient(TableName))
            : throw new ConfigurationException("AzureWebJobsStorage__tableServiceUri environment variable is not set");

        HubHistory Of(Uri service) => new(new TableServiceClient(service, credential, new TableClientOptions()).GetTableClient(TableName));
    }

    /// <summary>The rows of one instance in their order, as they are stored, without signatures.</summary>
    /// <exception cref="CatalogueUnavailableException">The storage did not answer, or has no such table.</exception>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, object>>> ReadAsync(string instanceId, CancellationToken cancellation)
    {
        List<IReadOnlyDictionary<string, object>> rows = [];
        try
        {
            string filter = TableClient.CreateQueryFilter($"PartitionKey eq {instanceId}");
            await foreach (TableEntity row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
                rows.Add(row.Keys.Where(name => name is not ("PartitionKey" or "odata.etag")).ToDictionary(name => name, name => Plain(row[name]), StringComparer.Ordinal));
        }
        catch (global::Azure.RequestFailedException failure)
        {
            throw new CatalogueUnavailableException(FormattableString.Invariant($"the task hub's history answered {failure.Status} {failure.ErrorCode}"), failure);
        }
        return rows;
    }

    private static object Plain(object value) => value is string text ? SecretRedactor.Redact(text) : value;
}
