using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Functions.Sqlite;

/// <summary>
/// One SQLite file: its schema is brought up to date when it is opened, every change is on disk before it is answered, readers never wait
/// for the writer. Changes that come together share one commit, each all or nothing within it, so that a burst of callers does not queue
/// for one disk flush apiece.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable, IDisposable
{
    private const int MaxBatch = 256;
    private const int ConstraintFailed = 19;
    private readonly Channel<Change> changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly string connectionString;
    private readonly SqliteConnection writer;
    private readonly Task loop;

    /// <param name="path">The file; made when absent, with its folder.</param>
    /// <exception cref="CatalogueVersionException">A newer program has written it.</exception>
    /// <exception cref="CatalogueUnavailableException">It cannot be opened, or is not ours.</exception>
    public SqliteDatabase(string path)
    {
        SqliteLibrary.Use();
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 }.ToString();
        try
        {
            PrivateFile.Prepare(path);
            writer = Connect();
            writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;");
            Schema.Migrate(writer);
        }
        catch (Exception failure)
        {
            writer?.Dispose();
            throw failure switch
            {
                SqliteException sqlite => SqliteFailure.Translate(sqlite),
                IOException or UnauthorizedAccessException => new CatalogueUnavailableException("its folder could not be written", failure),
                _ => failure,
            };
        }
        loop = Task.Factory.StartNew(WriteAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Reads one consistent state of the whole file.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        try
        {
            using SqliteConnection connection = Connect();
            using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
            return Task.FromResult(read(connection));
        }
        catch (SqliteException failure)
        {
            return Task.FromException<T>(SqliteFailure.Translate(failure));
        }
        catch (Exception failure)
        {
            return Task.FromException<T>(failure);
        }
    }

    /// <summary>Makes one change, all or nothing; it is on disk when the task ends. Cancellation has no effect once the change has begun.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellation)
    {
        Change change = new(connection => write(connection), cancellation);
        if (!changes.Writer.TryWrite(change))
            throw new CatalogueUnavailableException("the service is stopping", inner: null);
        return (T)(await change.Done.Task)!;
    }

    /// <summary>Copies the whole file, as it is at one moment, to a new one. Reading and writing go on meanwhile.</summary>
    public Task BackUpAsync(string path, CancellationToken cancellation) => Task.Run(
        () =>
        {
            PrivateFile.Prepare(path);
            using SqliteConnection target = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            target.Open();
            using SqliteConnection source = Connect();
            source.BackupDatabase(target);
        },
        cancellation);

    public async ValueTask DisposeAsync()
    {
        if (!changes.Writer.TryComplete())
            return;
        await loop;
        await writer.DisposeAsync();
        SqliteConnection.ClearPool(writer);
    }

    /// <summary>For hosts that end without waiting; what was taken in is written all the same.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private SqliteConnection Connect()
    {
        SqliteConnection connection = new(connectionString);
        connection.Open();
        return connection;
    }

    private async Task WriteAsync()
    {
        List<Change> batch = [];
        while (await changes.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && changes.Reader.TryRead(out Change? change))
                batch.Add(change);
            Commit(batch);
        }
    }

    private void Commit(List<Change> batch)
    {
        try
        {
            using SqliteTransaction transaction = writer.BeginTransaction(deferred: false);
            foreach (Change change in batch)
                Apply(change);
            transaction.Commit();
        }
        catch (SqliteException failure)
        {
            batch.ForEach(change => change.Failure = SqliteFailure.Translate(failure));
        }
        catch (Exception failure)
        {
            batch.ForEach(change => change.Failure = failure);
        }
        batch.ForEach(change => change.Tell());
    }

    /// <summary>A refusal undoes this change alone; a failure of the file itself ends the whole batch.</summary>
    private void Apply(Change change)
    {
        if (change.Cancellation.IsCancellationRequested)
        {
            change.Failure = new OperationCanceledException(change.Cancellation);
            return;
        }
        writer.Execute("SAVEPOINT change");
        try
        {
            change.Result = change.Write(writer);
            writer.Execute("RELEASE change");
        }
        catch (Exception failure) when (failure is not SqliteException { SqliteErrorCode: not ConstraintFailed })
        {
            writer.Execute("ROLLBACK TO change; RELEASE change");
            change.Failure = failure is SqliteException sqlite ? SqliteFailure.Translate(sqlite) : failure;
        }
    }

    private sealed class Change(Func<SqliteConnection, object?> write, CancellationToken cancellation)
    {
        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<SqliteConnection, object?> Write => write;

        public CancellationToken Cancellation => cancellation;

        public object? Result { get; set; }

        public Exception? Failure { get; set; }

        public void Tell()
        {
            if (Failure is OperationCanceledException)
                Done.SetCanceled(Cancellation);
            else if (Failure is not null)
                Done.SetException(Failure);
            else
                Done.SetResult(Result);
        }
    }
}
