using Tiering.Functions.Access;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Contracts;
using Tiering.Tests.Support;

namespace Tiering.Tests.Sqlite;

public sealed class SqliteTokenStoreTests : TokenStoreContract
{
    private readonly List<SqliteDatabase> databases = [];
    private TempFolder folder = null!;

    [SetUp]
    public void SetUp() => folder = new TempFolder();

    [TearDown]
    public async Task TearDownAsync()
    {
        foreach (SqliteDatabase database in databases)
            await database.DisposeAsync();
        databases.Clear();
        folder.Dispose();
    }

    protected override ITokenStore Open()
    {
        SqliteDatabase database = new(folder.At("tiering.db"));
        lock (databases)
            databases.Add(database);
        return new SqliteTokenStore(database, TimeProvider.System);
    }
}
