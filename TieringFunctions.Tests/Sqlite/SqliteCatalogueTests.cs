using Tiering.Core.Catalogue;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Contracts;
using Tiering.Tests.Support;

namespace Tiering.Tests.Sqlite;

public sealed class SqliteCatalogueTests : CatalogueContract
{
    private readonly List<SqliteDatabase> databases = [];
    private TempFolder? folder;
    private int files;

    [TearDown]
    public async Task RemoveAsync()
    {
        foreach (SqliteDatabase database in databases)
            await database.DisposeAsync();
        databases.Clear();
        folder?.Dispose();
        folder = null;
    }

    protected override (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) Create(bool dropIn)
    {
        files++;
        return CreateAnother(dropIn);
    }

    protected override (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) CreateAnother(bool dropIn)
    {
        folder ??= new TempFolder();
        SqliteDatabase database = new(folder.At($"tiering-{files}.db"));
        databases.Add(database);
        return (new SqliteCatalogue(database, Time, dropIn), new SqliteAudit(database), new SqliteOutbox(database, Time));
    }
}
