using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Azure;

/// <summary>One table; made when it is first used. Every failure of the service comes out as <see cref="CatalogueUnavailableException"/>.</summary>
internal sealed class Table(TableClient client)
{
    private Task? made;

    public Task<TableRow?> FindAsync(string partition, string key, CancellationToken cancellation) => AskAsync(
        async () => await client.GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: cancellation) is { HasValue: true, Value: { } entity } ? TableRow.Of(entity) : null,
        cancellation);

    /// <summary>Puts a row in the place of whatever is there.</summary>
    public Task PutAsync(TableRow row, CancellationToken cancellation) =>
        AskAsync(() => client.UpsertEntityAsync(row.ToEntity(), TableUpdateMode.Replace, cancellation), cancellation);

    /// <summary>Adds a row; false when the key is taken.</summary>
    public Task<bool> TryAddAsync(TableRow row, CancellationToken cancellation) =>
        TryAsync(() => client.AddEntityAsync(row.ToEntity(), cancellation), cancellation);

    /// <summary>Removes a row if it is still the one that was read.</summary>
    public Task<bool> TryRemoveAsync(TableRow row, CancellationToken cancellation) =>
        TryAsync(() => client.DeleteEntityAsync(row.Partition, row.Key, row.Version!.Value, cancellation), cancellation);

    /// <summary>
    /// Writes rows of one partition, all or none: those that were read, only if nobody has changed them since; new ones, only if their keys
    /// are free. False when that was not so; a retry of a request whose answer was lost may say false though it was written.
    /// </summary>
    public Task<bool> TryWriteAsync(IEnumerable<TableRow> rows, CancellationToken cancellation) => TryAsync(
        () => client.SubmitTransactionAsync(
            rows.Select(row => row.Version is { } version
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, row.ToEntity(), version)
                : new TableTransactionAction(TableTransactionActionType.Add, row.ToEntity())),
            cancellation),
        cancellation);

    /// <summary>The rows of a partition whose keys lie in a range, in the order of their keys.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first key that belongs to the range.</param>
    /// <param name="before">The first that does not any more.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="pageSize">How many are fetched at a time.</param>
    public async IAsyncEnumerable<IReadOnlyList<TableRow>> PagesAsync(
        string partition, string from, string before, [EnumeratorCancellation] CancellationToken cancellation, int pageSize = 1000)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {before}");
        IAsyncEnumerator<global::Azure.Page<TableEntity>> pages = client
            .QueryAsync<TableEntity>(filter, Math.Min(pageSize, 1000), cancellationToken: cancellation).AsPages().GetAsyncEnumerator(cancellation);
        await using (pages)
        {
            while (await AskAsync(async () => await pages.MoveNextAsync(), cancellation))
                yield return [.. pages.Current.Values.Select(TableRow.Of)];
        }
    }

    private async Task<bool> TryAsync<T>(Func<Task<T>> write, CancellationToken cancellation)
    {
        try
        {
            await AskAsync(write, cancellation);
            return true;
        }
        catch (CatalogueUnavailableException refused) when (refused.InnerException is RequestFailedException { Status: 404 or 409 or 412 })
        {
            return false; // gone, taken, or changed meanwhile
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            await MadeAsync(cancellation);
            return await ask();
        }
        catch (RequestFailedException failure)
        {
            throw new CatalogueUnavailableException(FormattableString.Invariant($"the table storage answered {failure.Status} {failure.ErrorCode}"), failure);
        }
        catch (AggregateException failure)
        {
            throw new CatalogueUnavailableException("the table storage did not answer, several times", failure);
        }
        catch (AuthenticationFailedException failure)
        {
            throw new CatalogueUnavailableException("the service could not sign in to the table storage", failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new CatalogueUnavailableException("the table storage did not answer in time", failure);
        }
    }

    private Task MadeAsync(CancellationToken cancellation)
    {
        Task? known = made;
        return known is { IsCompletedSuccessfully: true } ? known : made = client.CreateIfNotExistsAsync(cancellation);
    }
}
