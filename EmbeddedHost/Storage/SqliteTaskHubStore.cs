using System.Collections.Concurrent;
using SQLitePCL;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>A task hub in a SQLite file, in WAL mode with full synchronization.</summary>
internal sealed partial class SqliteTaskHubStore : ITaskHubStore
{
    private const string EndedCleanly = "ended_cleanly";
    private readonly string path;
    private readonly HubLock? hubLock;
    private readonly HubDatabase writer;
    private readonly ConcurrentBag<HubDatabase> readers = [];
    private readonly WalCheckpoints checkpoints;
    private long lastInstance;
    private long lastMessage;
    private volatile bool disposed;
    private string? hindrance;

    /// <exception cref="TaskHubUnavailableException">It is in use by another process, cannot be opened, or is of a newer version.</exception>
    public SqliteTaskHubStore(string path)
    {
        this.path = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new TaskHubUnavailableException($"The folder of the task hub {this.path} cannot be made: {denied.Message}", denied);
        }
        hubLock = new(this.path);
        try
        {
            HubFile.Prepare(this.path);
            writer = new(this.path, readOnly: false);
            writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000;");
            TaskHubSchema.Apply(writer);
            checkpoints = new(this.path, writer);
        }
        catch
        {
            writer?.Dispose();
            hubLock.Dispose();
            throw;
        }
    }

    private SqliteTaskHubStore(string path, HubLock? hubLock)
    {
        this.path = path;
        this.hubLock = hubLock;
        writer = new(path, readOnly: true);
        checkpoints = new(path, writer);
    }

    /// <summary>Opens a hub at rest; only reading is possible.</summary>
    /// <exception cref="TaskHubUnavailableException">There is none, a process has it, or it is of a newer version.</exception>
    public static SqliteTaskHubStore OpenToRead(string path)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new TaskHubUnavailableException($"There is no task hub {full}.");
        HubLock? held = HubLock.ToRead(full);
        try
        {
            SqliteTaskHubStore store = new(HubDatabase.AtRest(full), held);
            TaskHubSchema.RequireKnown(store.writer);
            return store;
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    public long NextInstance() => Interlocked.Increment(ref lastInstance);

    public Leftovers Open()
    {
        lastInstance = Math.Max(writer.ReadNumber("SELECT max(number) FROM instances"), writer.ReadNumber("SELECT value FROM facts WHERE name = 'last_instance'"));
        lastMessage = writer.ReadNumber("SELECT max(number) FROM inbox");
        bool clean = writer.ReadNumber($"SELECT value FROM facts WHERE name = '{EndedCleanly}'") == 1
            || writer.ReadNumber("SELECT count(*) FROM facts") == 0;
        writer.Execute($"INSERT OR REPLACE INTO facts (name, value) VALUES ('{EndedCleanly}', 0)");
        return new(clean, ReadPending(), ReadActivities(), ReadInboxes());
    }

    public IReadOnlyList<OperationResult> Commit(IReadOnlyList<StoreOperation> group)
    {
        try
        {
            return CommitAll(group, apart: false);
        }
        catch (Exception error) when (error is not TaskHubUnavailableException)
        {
            return CommitAll(group, apart: true); // one of them cannot be applied: the others shall not suffer
        }
    }

    public void Close() => writer.Execute(
        $"INSERT OR REPLACE INTO facts (name, value) VALUES ('{EndedCleanly}', 1), ('last_instance', {Volatile.Read(ref lastInstance)})");

    /// <summary>For tests: what the writer does before its next groups, such as to be short of space.</summary>
    internal void Hinder(string pragma) => hindrance = pragma;

    /// <summary>For tests: every statement that was used so far.</summary>
    internal IReadOnlyCollection<string> Statements => [.. writer.Statements.Concat(readers.SelectMany(reader => reader.Statements)).Distinct()];

    /// <summary>For tests: how many rows were changed so far.</summary>
    internal int Changes => raw.sqlite3_total_changes(writer.Handle);

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        checkpoints.Dispose();
        foreach (HubDatabase reader in readers)
            reader.Dispose();
        writer.Dispose();
        hubLock?.Dispose();
    }

    private List<OperationResult> CommitAll(IReadOnlyList<StoreOperation> group, bool apart)
    {
        List<OperationResult> results = new(group.Count);
        if (hindrance is { } pragma)
            writer.Execute(pragma);
        try
        {
            writer.Prepare("BEGIN IMMEDIATE").Run();
            foreach (StoreOperation operation in group)
                results.Add(apart ? ApplyApart(operation) : Apply(operation));
            writer.Prepare("COMMIT").Run();
        }
        catch
        {
            RollBack();
            throw;
        }
        checkpoints.Wrote();
        return results;
    }

    private OperationResult ApplyApart(StoreOperation operation)
    {
        writer.Execute("SAVEPOINT one");
        try
        {
            OperationResult result = Apply(operation);
            writer.Execute("RELEASE one");
            return result;
        }
        catch (Exception error) when (error is not TaskHubUnavailableException)
        {
            writer.Execute("ROLLBACK TO one; RELEASE one");
            return new Refused(error);
        }
    }

    private void RollBack()
    {
        if (raw.sqlite3_get_autocommit(writer.Handle) == 0) // some errors have rolled it back already
            writer.Execute("ROLLBACK");
    }

    private T Read<T>(Func<HubDatabase, T> read)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!readers.TryTake(out HubDatabase? reader))
            reader = new(path, readOnly: true);
        try
        {
            return read(reader);
        }
        finally
        {
            if (disposed)
                reader.Dispose();
            else
                readers.Add(reader);
        }
    }
}
