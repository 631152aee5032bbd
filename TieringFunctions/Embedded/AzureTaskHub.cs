using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Tiering.Core;
using Tiering.Core.TaskHubs;
using Tiering.Core.Transfers.Inventories;
using Tiering.EmbeddedHost.AzureHubs;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.Functions.Embedded;

/// <summary>The task hub of a deployment on Azure, for a look at what lives there before the next one.</summary>
internal sealed class AzureTaskHub(TaskHubReader reader) : IAzureTaskHub
{
    /// <param name="configuration">Where the connection string of an emulator stands; without one the Azure CLI signs in.</param>
    /// <param name="account">The account's name, or the address of its tables.</param>
    /// <param name="hub">The hub's name.</param>
    /// <exception cref="TaskHubUnavailableException">One of them is not right.</exception>
    public static IAzureTaskHub Open(IConfiguration configuration, string account, string hub)
    {
        try
        {
            string? connection = configuration[TaskHubAccount.ConnectionSetting] is { Length: > 0 } text ? text : null;
            return new AzureTaskHub(new TaskHubReader(TaskHubAccount.Parse(account, connection), hub, ProjectStores.CreateClient(), new AzureCliTokens()));
        }
        catch (ConfigurationException wrong)
        {
            throw new TaskHubUnavailableException(wrong.Message + ".", wrong);
        }
    }

    public async IAsyncEnumerable<IReadOnlyDictionary<string, JsonElement>> ListLiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using IAsyncEnumerator<IReadOnlyDictionary<string, JsonElement>> rows = reader.ListLiveAsync(cancellation).GetAsyncEnumerator(cancellation);
        while (await ReadAsync(() => rows.MoveNextAsync().AsTask()))
            yield return rows.Current;
    }

    public Task<IReadOnlyDictionary<string, JsonElement>?> FindInstanceAsync(string partition, CancellationToken cancellation) =>
        ReadAsync(() => reader.FindInstanceAsync(partition, cancellation));

    public Task<IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>> ReadHistoryAsync(string partition, CancellationToken cancellation) =>
        ReadAsync(() => reader.ReadHistoryAsync(partition, cancellation));

    public Task<string?> ReadLargeAsync(string blob, CancellationToken cancellation) => ReadAsync(() => reader.ReadLargeAsync(blob, cancellation));

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (TieringException failure)
        {
            throw new TaskHubUnavailableException(failure.Message, failure);
        }
    }
}
