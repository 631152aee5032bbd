namespace Tiering.Functions.Azure;

/// <summary>What the service remembers of itself, by name.</summary>
internal sealed class TableFacts(Table rows)
{
    private const string Partition = "fleet";

    public async Task<string?> FindAsync(string name, CancellationToken cancellation) => (await rows.FindAsync(Partition, KeyOf(name), cancellation))?["Value"];

    public Task PutAsync(string name, string value, CancellationToken cancellation) => rows.PutAsync(new TableRow(Partition, KeyOf(name)).With("Value", value), cancellation);

    /// <summary>Notes a value unless there is one; gives the one that is noted.</summary>
    public async Task<string> FindOrAddAsync(string name, string value, CancellationToken cancellation) =>
        await FindAsync(name, cancellation) ?? (await rows.TryAddAsync(new TableRow(Partition, KeyOf(name)).With("Value", value), cancellation) ? value : await FindAsync(name, cancellation) ?? value);

    public async Task RemoveAsync(string name, CancellationToken cancellation)
    {
        if (await rows.FindAsync(Partition, KeyOf(name), cancellation) is { } row)
            await rows.TryRemoveAsync(row, cancellation);
    }

    private static string KeyOf(string name) => "fact-" + name;
}
