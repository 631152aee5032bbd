namespace Tiering.EmbeddedHost.Engine;

/// <summary>The thread that commits. While the store does not take anything, it tries again once a second.</summary>
internal sealed class CommitThread : IDisposable
{
    private static readonly TimeSpan FirstStep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private readonly AutoResetEvent work = new(initialState: false);
    private readonly Thread thread;
    private CommitQueue? queue;
    private volatile bool ending;

    public CommitThread() => thread = new Thread(Run) { IsBackground = true, Name = "task hub commits" };

    public void Start(CommitQueue commits)
    {
        queue = commits;
        thread.Start();
    }

    public void Wake() => work.Set();

    /// <summary>Commits what is left, unless the store does not take it, and ends.</summary>
    public void Dispose()
    {
        ending = true;
        work.Set();
        if (queue is not null)
            thread.Join();
        work.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            if (queue!.Count == 0)
            {
                if (ending)
                    return;
                work.WaitOne();
                continue;
            }
            if (queue.MoreIsNear)
                work.WaitOne(FirstStep); // the first step of a lone start is durable together with it
            if (queue.CommitOnce() || queue.Trouble is null)
                continue;
            if (ending)
                return;
            work.WaitOne(BetweenAttempts);
        }
    }
}
