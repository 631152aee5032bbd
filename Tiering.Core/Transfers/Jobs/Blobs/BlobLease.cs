namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>
/// The lease of a job folder's <see cref="JobFiles.Lease"/> blob, renewed for as long as this process can. It counts as lost while the service
/// would still refuse it to others, so that its holder has stopped before anybody else begins.
/// </summary>
internal sealed class BlobLease : IJobLease
{
    private readonly BlobFiles files;
    private readonly Guid id;
    private readonly TimeSpan duration;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource released = new();
    private readonly Task renewing;

    private BlobLease(BlobFiles files, Guid id, TimeSpan duration, TimeProvider clock, long since)
    {
        (this.files, this.id, this.duration, this.clock) = (files, id, duration, clock);
        Lost = lost.Token;
        renewing = RenewAsync(since);
    }

    public CancellationToken Lost { get; }

    /// <summary>Null when somebody else holds it.</summary>
    public static async Task<BlobLease?> TryAcquireAsync(BlobFiles files, TimeSpan duration, TimeProvider clock, CancellationToken cancellation)
    {
        if (await files.HeadAsync(JobFiles.Lease, cancellation) is null)
            await files.WriteAsync(JobFiles.Lease, [], BlobFiles.Absent, cancellation);
        Guid lease = Guid.NewGuid(); // with it, a request that is sent again meets its own lease
        long since = clock.GetTimestamp(); // before the request: it counts from the service's clock, which cannot be earlier
        return await files.LeaseAsync(JobFiles.Lease, "acquire", lease, duration, cancellation) ? new BlobLease(files, lease, duration, clock, since) : null;
    }

    /// <summary>For who finds out otherwise that somebody else has it.</summary>
    public Task LoseAsync() => lost.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await released.CancelAsync();
        await renewing;
        if (!lost.IsCancellationRequested)
        {
            try
            {
                using CancellationTokenSource limit = new(duration);
                await files.LeaseAsync(JobFiles.Lease, "release", id, duration, limit.Token);
            }
            catch (Exception unreachable) when (unreachable is TieringException or OperationCanceledException)
            {
                // then it runs out by itself
            }
        }
        lost.Dispose();
        released.Dispose();
    }

    private async Task RenewAsync(long since)
    {
        while (true)
        {
            TimeSpan left = (duration * 0.75) - clock.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                await lost.CancelAsync();
                return;
            }
            try
            {
                await Task.Delay(TimeSpan.FromTicks(Math.Min(left.Ticks, duration.Ticks / 4)), clock, released.Token);
                left = (duration * 0.75) - clock.GetElapsedTime(since);
                if (left <= TimeSpan.Zero)
                    continue;
                using CancellationTokenSource late = new(left, clock);
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(released.Token, late.Token);
                long asked = clock.GetTimestamp();
                if (await files.LeaseAsync(JobFiles.Lease, "renew", id, duration, limit.Token))
                {
                    since = asked;
                    continue;
                }
                await lost.CancelAsync();
                return;
            }
            catch (OperationCanceledException) when (released.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is TieringException or OperationCanceledException)
            {
                // asked again until the time is over
            }
        }
    }
}
