using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Contracts;
using Tiering.Tests.Support;

namespace Tiering.Tests.Sqlite;

/// <summary>Registration, runs, pins and the dates that follow, in a real file.</summary>
public sealed class SqliteProjectRegisterTests : ProjectRegisterContract
{
    private static readonly ProjectSlug Demo = ProjectSlug.Parse("demo");
    private static readonly Caller Operator = new("operator", "127.0.0.1");
    private TempFolder folder = null!;
    private SqliteDatabase database = null!;

    [TearDown]
    public async Task RemoveAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Migrate_FileOfTheFirstVersion_KeepsItsProjectsAndTheirLastRestore()
    {
        string old = folder.At("old.db");
        OperationKey restored = new(Demo, OperationType.Restore, Guid.NewGuid());
        await using (SqliteDatabase made = new(old))
        {
            SqliteCatalogue first = new(made, Time, dropIn: false);
            await first.AddProjectAsync(Demo, LifecycleState.Cool, Operator, default);
            await first.AcceptAsync(new OperationRequest(restored, "o"), default);
            await first.StartAsync(restored, default);
            await first.FinishAsync(restored, new OperationOutcome { Total = default(DataSize), Copied = default(DataSize), Proof = "full" }, default);
            // back to what the first version had
            await made.WriteAsync(
                connection => connection.Execute(
                    """
                    DROP TABLE runs; DROP TABLE nights; DROP TABLE facts; DROP INDEX projects_night; DROP INDEX outbox_waiting;
                    ALTER TABLE outbox DROP COLUMN round; ALTER TABLE outbox DROP COLUMN since;
                    CREATE TABLE first (slug TEXT PRIMARY KEY, state TEXT NOT NULL, added_at TEXT NOT NULL, since INTEGER NOT NULL, last_type TEXT, last_id TEXT) WITHOUT ROWID;
                    INSERT INTO first SELECT slug, state, added_at, since, last_type, last_id FROM projects;
                    DROP TABLE projects; ALTER TABLE first RENAME TO projects; PRAGMA user_version = 1;
                    """),
                default);
        }

        await using SqliteDatabase migrated = new(old);
        await new SqliteProjectRegister(migrated, Time, LocalZone.Paris).SettleAllAsync(step: 10, default);

        Project project = (await new SqliteCatalogue(migrated, Time, dropIn: false).FindProjectAsync(Demo, default))!;
        project.Should().Be(new Project(Demo, LifecycleState.Hot, Time.GetUtcNow())
        {
            LastOperation = restored,
            CreatedAt = Time.GetUtcNow(),
            RestoredAt = Time.GetUtcNow(),
            CoolingEligibleAt = new DateOnly(2028, 3, 1),
        });
    }

    protected override (IProjectRegister Register, ICatalogue Catalogue, IAudit Audit) Create()
    {
        folder = new TempFolder();
        database = new SqliteDatabase(folder.At("tiering.db"));
        return (new SqliteProjectRegister(database, Time, LocalZone.Paris), new SqliteCatalogue(database, Time, dropIn: false), new SqliteAudit(database));
    }

    protected override Task SettleAllAsync(LocalZone zone) => new SqliteProjectRegister(database, Time, zone).SettleAllAsync(step: 10, default);
}
