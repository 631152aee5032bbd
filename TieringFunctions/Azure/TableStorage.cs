using Azure.Data.Tables;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Azure;

/// <summary>
/// The catalogue's tables. <c>Catalogue</c> holds what is true: all rows of a project lie in one partition (the hash of its slug), so that one
/// change is one transaction. <c>Lists</c> holds where to find it: see <see cref="ListEntry"/>. <c>Tokens</c> holds the tokens' hashes.
/// </summary>
/// <param name="service">The account.</param>
/// <param name="time">What time it is.</param>
/// <param name="prefix">What the tables' names begin with: a letter, then letters and digits.</param>
public sealed class TableStorage(TableServiceClient service, TimeProvider time, string prefix = "Tiering")
{
    /// <summary>Attempts at a change while others write to the same rows.</summary>
    private const int MaxAttempts = 50;

    internal TimeProvider Time => time;

    internal SequenceClock Sequence { get; } = new(time);

    internal Table Rows { get; } = new(service.GetTableClient(prefix + "Catalogue"));

    internal Table Tokens { get; } = new(service.GetTableClient(prefix + "Tokens"));

    internal TableFacts Facts => facts ??= new TableFacts(Rows);

    internal ListTable Lists => lists ??= new ListTable(new Table(service.GetTableClient(prefix + "Lists")), Rows, time);

    private ListTable? lists;
    private TableFacts? facts;

    /// <summary>What a change would come to; nothing is written.</summary>
    internal Task<T> TryOutAsync<T>(string partition, Func<PartitionChange, Task<T>> change, CancellationToken cancellation) =>
        change(new PartitionChange(this, partition, cancellation));

    /// <summary>Reads and changes rows of one partition as if nobody else did: when somebody has, it begins anew.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="change">Reads and puts rows; called once per attempt. What it throws ends the change, with nothing written.</param>
    /// <param name="cancellation">Gives up before the change is made.</param>
    internal async Task<T> ChangeAsync<T>(string partition, Func<PartitionChange, Task<T>> change, CancellationToken cancellation)
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            PartitionChange work = new(this, partition, cancellation);
            T result = await change(work);
            if (await work.TryCommitAsync())
                return result;
            await Task.Delay(Random.Shared.Next(5, 20 * Math.Min(attempt, 10)), cancellation); // else those who met would meet again
        }
        throw new CatalogueUnavailableException("too many others write to it at the same time", inner: null);
    }
}
