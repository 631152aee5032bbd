using Tiering.Core.Catalogue;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Sqlite;

public sealed class SqliteCatalogueTests : CatalogueContract
{
    private readonly List<SqliteDatabase> databases = [];
    private string folder = "";

    [TearDown]
    public async Task RemoveAsync()
    {
        foreach (SqliteDatabase database in databases)
            await database.DisposeAsync();
        databases.Clear();
        Directory.Delete(folder, recursive: true);
    }

    protected override (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) Create(bool dropIn)
    {
        if (databases.Count == 0)
            folder = Directory.CreateTempSubdirectory("tiering-catalogue-").FullName;
        SqliteDatabase database = new(Path.Combine(folder, $"tiering-{databases.Count}.db"));
        databases.Add(database);
        return (new SqliteCatalogue(database, Time, dropIn), new SqliteAudit(database), new SqliteOutbox(database, Time));
    }
}
