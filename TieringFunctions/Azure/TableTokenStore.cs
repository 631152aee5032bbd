using System.Security.Cryptography;
using System.Text;
using Tiering.Functions.Access;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The tokens' hashes, in a table of their own.</summary>
public sealed class TableTokenStore(TableStorage storage) : ITokenStore
{
    private const string Partition = "tokens";

    public async Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellation)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        await foreach (IReadOnlyList<TableRow> page in storage.Tokens.PagesAsync(Partition, from: "", ListEntry.End, cancellation))
        {
            foreach (TableRow row in page)
                names[row.Text("Hash")] = row.Text("Name");
        }
        return names;
    }

    public Task PutAsync(string name, string hash, CancellationToken cancellation) => storage.Tokens.PutAsync(
        new TableRow(Partition, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))).With("Name", name).With("Hash", hash).With("CreatedAt", Stores.Text.Of(storage.Time.GetUtcNow())),
        cancellation);
}
