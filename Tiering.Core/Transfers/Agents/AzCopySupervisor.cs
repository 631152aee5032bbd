using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Watches one AzCopy to its end: tells its progress, and ends it when it asks a question, makes no progress, fills the disk, or copies
/// between storages that do not answer any more.
/// </summary>
internal sealed class AzCopySupervisor(AzCopyOptions options, TransferSession session, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Measure = TimeSpan.FromSeconds(15);

    /// <exception cref="StoreUnavailableException">A storage does not answer; AzCopy has been ended.</exception>
    /// <exception cref="AzCopyDiskException">Plans and logs have outgrown their budget; AzCopy has been ended.</exception>
    public async Task<AzCopyEnd> WatchAsync(AzCopyProcess process, CancellationToken cancellation)
    {
        DateTimeOffset asked = clock.GetUtcNow();
        DateTimeOffset measured = asked;
        DateTimeOffset changed = process.LastChange;
        try
        {
            while (!process.Completion.IsCompleted)
            {
                if (process.Prompt is { } question)
                {
                    log.LogWarning("AzCopy asks instead of copying, and is ended: {Question}", question);
                    return new AzCopyEnd(await process.KillAsync(), AzCopyCause.Asked, question);
                }
                if (process.LastChange != changed)
                {
                    changed = process.LastChange;
                    session.Alive(); // a scan moves no file
                }
                Report(process.Progress.Counts);
                DateTimeOffset now = clock.GetUtcNow();
                if (now - changed > options.Patience.Stall)
                {
                    log.LogWarning("AzCopy made no progress for {Minutes} minutes, and is ended", options.Patience.Stall.TotalMinutes);
                    session.Alive(); // what comes next gets its time
                    return new AzCopyEnd(await process.KillAsync(), AzCopyCause.Stalled);
                }
                if (now - changed > options.Patience.Silence && now - asked > options.Patience.Silence)
                {
                    await CheckReachableAsync(cancellation); // AzCopy goes on for hours without a word when nobody answers it
                    asked = clock.GetUtcNow();
                }
                if (now - measured > Measure)
                {
                    AzCopyDisk.CheckGrowth(process.Workspace);
                    measured = now;
                }
                await Task.WhenAny(process.Completion, Task.Delay(Look, clock, cancellation));
                cancellation.ThrowIfCancellationRequested();
            }
            AzCopySummary summary = await process.Completion;
            Report(summary.Counts);
            return AzCopyEnd.Of(summary);
        }
        catch (Exception)
        {
            await process.KillAsync();
            throw;
        }
    }

    /// <summary>Asks both storages whether they answer at all.</summary>
    /// <exception cref="StoreUnavailableException">One does not.</exception>
    public async Task CheckReachableAsync(CancellationToken cancellation)
    {
        foreach (IProjectStore store in (IProjectStore[])[session.Source, session.Destination])
            await Reachability.CheckAsync(store, options.Patience.Reach, cancellation);
    }

    private void Report(AzCopyCounts counts) => session.Report(now => now with
    {
        Copied = new DataSize(Math.Max(now.Copied.Files, Math.Min(counts.Completed, now.Total?.Files ?? 0)), Math.Max(now.Copied.Bytes, counts.BytesTransferred)),
        Percent = Math.Max(now.Percent, Math.Min(counts.Percent, 99.9)), // 100 is for what is proved
    });
}
