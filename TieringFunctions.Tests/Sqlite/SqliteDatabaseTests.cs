using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.EmbeddedHost.Storage;
using Tiering.Functions.Sqlite;

namespace Tiering.Tests.Sqlite;

/// <summary>What the file itself does: versions, damage, batches and crashes.</summary>
public sealed class SqliteDatabaseTests
{
    private string folder = "";

    private string File => Path.Combine(folder, "deeper", "tiering.db");

    [SetUp]
    public void Start() => folder = Directory.CreateTempSubdirectory("tiering-database-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Open_NewFile_IsPrivateAndDurable()
    {
        await using SqliteDatabase database = new(File);

        (string mode, long synchronous) = await database.WriteAsync(
            connection => (connection.ExecuteScalar<string>("PRAGMA journal_mode")!, connection.ExecuteScalar<long>("PRAGMA synchronous")), default);

        mode.Should().Be("wal");
        synchronous.Should().Be(2, "2 is FULL");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(File)!))
            System.IO.File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Test]
    public async Task Open_NewerVersion_IsRefusedAndUntouched()
    {
        await new SqliteDatabase(File).DisposeAsync();
        Raw("PRAGMA user_version = 99");

        FluentActions.Invoking(() => new SqliteDatabase(File)).Should().Throw<CatalogueVersionException>().WithMessage("*version 99*");
        Raw("PRAGMA user_version").Should().Be(99);
    }

    [Test]
    public void Open_DatabaseOfAnotherProgram_IsRefused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Raw("CREATE TABLE theirs (x)");

        FluentActions.Invoking(() => new SqliteDatabase(File)).Should().Throw<CatalogueUnavailableException>().WithMessage("*not made by Tiering*");
    }

    [Test]
    public void Open_FileThatIsNoDatabase_IsRefused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 5000));

        FluentActions.Invoking(() => new SqliteDatabase(File)).Should().Throw<CatalogueUnavailableException>().WithMessage("*not a database*");
    }

    [Test]
    public void Open_FolderThatIsAFile_IsRefused()
    {
        System.IO.File.WriteAllText(Path.Combine(folder, "deeper"), "");

        FluentActions.Invoking(() => new SqliteDatabase(File)).Should().Throw<CatalogueUnavailableException>();
    }

    [Test]
    public async Task Open_ByTwoAtOnce_MigratesOnce()
    {
        SqliteDatabase[] both = await Task.WhenAll(Task.Run(() => new SqliteDatabase(File)), Task.Run(() => new SqliteDatabase(File)));

        foreach (SqliteDatabase database in both)
        {
            await database.WriteAsync(connection => connection.Execute("INSERT INTO slots VALUES (hex(randomblob(8)))"), default);
            (await database.ReadAsync(connection => connection.ExecuteScalar<long>("PRAGMA user_version"), default)).Should().BePositive();
        }
        foreach (SqliteDatabase database in both)
            await database.DisposeAsync();
        Raw("SELECT count(*) FROM slots").Should().Be(2);
    }

    [Test]
    public async Task Write_AnsweredBeforeACrash_IsThereAfterwards()
    {
        await using SqliteDatabase database = new(File);
        SqliteCatalogue catalogue = new(database, TimeProvider.System, dropIn: false);
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.NewGuid());
        await catalogue.AddProjectAsync(key.Project, LifecycleState.Hot, Caller.Service, default);
        await catalogue.AcceptAsync(new OperationRequest(key, "test"), default);

        // what lies on disk at the instant of the answer, nothing closed or checkpointed, is what a killed process leaves
        string crashed = Path.Combine(folder, "crashed.db");
        System.IO.File.Copy(File, crashed);
        System.IO.File.Copy(File + "-wal", crashed + "-wal");
        await using SqliteDatabase again = new(crashed);

        LifecycleOperation operation = (await new SqliteCatalogue(again, TimeProvider.System, dropIn: false).FindOperationAsync(key, default))!;
        operation.Status.Should().Be(OperationStatus.Pending);
    }

    [Test]
    public async Task Write_RefusedInABatch_UndoesOnlyItself()
    {
        await using SqliteDatabase database = new(File);
        Task<int>[] writes = [.. Enumerable.Range(0, 200).Select(i => database.WriteAsync(
            connection =>
            {
                int rows = connection.Execute("INSERT INTO slots VALUES (@i)", new { i = $"slot-{i}" });
                return i % 3 == 0 ? throw new InvalidFieldException("i", "must not be divisible by 3") : rows;
            },
            default))];

        await FluentActions.Awaiting(() => Task.WhenAll(writes)).Should().ThrowAsync<InvalidFieldException>();

        writes.Count(write => write.IsFaulted).Should().Be(67);
        (await database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM slots"), default)).Should().Be(133);
    }

    [Test]
    public async Task Write_ThatBreaksAConstraint_FailsAloneAndIsTranslated()
    {
        await using SqliteDatabase database = new(File);
        Task<int> Insert(string holder) => database.WriteAsync(connection => connection.Execute("INSERT INTO slots VALUES (@holder)", new { holder }), default);

        Task<int>[] writes = [Insert("a"), Insert("a"), Insert("b")];
        await FluentActions.Awaiting(() => Task.WhenAll(writes)).Should().ThrowAsync<CatalogueUnavailableException>();

        writes.Count(write => write.IsCompletedSuccessfully).Should().Be(2);
    }

    [Test]
    public async Task Write_CancelledBeforeItBegan_ChangesNothing()
    {
        await using SqliteDatabase database = new(File);
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => database.WriteAsync(connection => connection.Execute("INSERT INTO slots VALUES ('x')"), cancelled.Token))
            .Should().ThrowAsync<OperationCanceledException>();
        (await database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM slots"), default)).Should().Be(0);
    }

    [Test]
    public async Task Write_DiskFull_IsNamedAndTheNextOneWorks()
    {
        await using SqliteDatabase database = new(File);
        long pages = await database.WriteAsync(connection => connection.ExecuteScalar<long>("PRAGMA page_count"), default);
        await database.WriteAsync(connection => connection.ExecuteScalar<long>($"PRAGMA max_page_count = {pages}"), default);
        string large = new('x', 100_000);

        (await FluentActions.Awaiting(() => database.WriteAsync(connection => connection.Execute("INSERT INTO slots VALUES (@large)", new { large }), default))
            .Should().ThrowAsync<CatalogueUnavailableException>()).WithMessage("*the disk is full*");

        await database.WriteAsync(connection => connection.ExecuteScalar<long>("PRAGMA max_page_count = 1000000"), default);
        (await database.WriteAsync(connection => connection.Execute("INSERT INTO slots VALUES ('x')"), default)).Should().Be(1);
    }

    [Test]
    public async Task Write_AfterTheEnd_IsRefused()
    {
        SqliteDatabase database = new(File);
        await database.DisposeAsync();
        await database.DisposeAsync();

        await FluentActions.Awaiting(() => database.WriteAsync(_ => 1, default)).Should().ThrowAsync<CatalogueUnavailableException>();
    }

    [Test]
    public async Task Audit_ChangedOrRemoved_IsRefusedByTheFileItself([Values("UPDATE audit SET body = ''", "DELETE FROM audit")] string statement)
    {
        await using SqliteDatabase database = new(File);
        await new SqliteAudit(database).RecordAsync(new AuditEntry(DateTimeOffset.UtcNow, "who", "what", "how"), default);

        await FluentActions.Awaiting(() => database.WriteAsync(connection => connection.Execute(statement), default)).Should().ThrowAsync<CatalogueUnavailableException>();
        (await new SqliteAudit(database).ListAsync(new AuditQuery(), default)).Entries.Should().ContainSingle();
    }

    private long Raw(string statement)
    {
        SqliteLibrary.Use();
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        return connection.ExecuteScalar<long>(statement);
    }
}
