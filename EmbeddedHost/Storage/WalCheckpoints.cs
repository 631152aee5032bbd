using SQLitePCL;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>
/// Moves what was written from the log into the database file beside the commits, so that no commit has to wait for it. It works only
/// after commits: an idle hub writes nothing.
/// </summary>
internal sealed class WalCheckpoints(string path, HubDatabase writer) : IDisposable
{
    private const int PagesBetween = 2_000;
    private const int PagesAtMost = 100_000;
    private readonly Lock gate = new();
    private long pages;
    private Task running = Task.CompletedTask;
    private bool disposed;

    /// <summary>Called after each commit, by its thread.</summary>
    public void Wrote()
    {
        raw.sqlite3_db_status(writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int written, out _, 1);
        pages += written;
        if (pages < PagesBetween)
            return;
        lock (gate)
        {
            if (running.IsCompleted && !disposed)
            {
                pages = 0;
                running = Task.Run(Checkpoint);
            }
        }
        if (pages > PagesAtMost) // the other thread cannot keep up: better to wait than to fill the disk
        {
            pages = 0;
            _ = raw.sqlite3_wal_checkpoint_v2(writer.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        }
    }

    public void Dispose()
    {
        Task last;
        lock (gate)
        {
            disposed = true;
            last = running;
        }
        last.Wait();
    }

    private void Checkpoint()
    {
        try
        {
            using HubDatabase database = new(path, readOnly: false);
            _ = raw.sqlite3_wal_checkpoint_v2(database.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        }
        catch (Engine.TaskHubUnavailableException)
        {
            // the commits meet the same trouble, and tell of it
        }
    }
}
