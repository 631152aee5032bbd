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
    /// <param name="process">It has just been started.</param>
    /// <param name="isResumed">Whether it goes on with a job. When the last part of its plan has nothing left to schedule, it copies the rest and never ends.</param>
    /// <param name="stretch">What it copies.</param>
    /// <param name="cap">The bound that it was started with, in megabits per second.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<AzCopyEnd> WatchAsync(AzCopyProcess process, bool isResumed, CopyStretch stretch, double? cap, CancellationToken cancellation)
    {
        session.RestartMeter();
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
                Report(process, stretch, cap is not null);
                DateTimeOffset now = clock.GetUtcNow();
                if ((session.Caps ?? options.Caps).CapAt(now) is var next && next != cap)
                {
                    log.LogInformation("From now on {Cap} Mbps hold, not {Before}: AzCopy is ended, and goes on with that", next, cap);
                    AzCopySummary ended = await process.EndAsync(cancellation);
                    cancellation.ThrowIfCancellationRequested();
                    return new AzCopyEnd(ended, AzCopyCause.CapChanged);
                }
                TimeSpan stall = isResumed && process.Progress.Counts.AreAllEnded ? options.Patience.Silence : options.Patience.Stall;
                if (now - changed > stall)
                {
                    log.LogWarning("AzCopy made no progress for {Minutes} minutes, and is ended", stall.TotalMinutes);
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
            Report(process, stretch, cap is not null);
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

    private void Report(AzCopyProcess process, CopyStretch stretch, bool isCapped)
    {
        AzCopyProgress told = process.Progress;
        if (told.RawStatus is null)
            return; // of a resumed job, its first figures are what was done before
        DataSize total = session.Total ?? default;
        DataSize done = new(Math.Min(told.Counts.Completed, stretch.Size.Files), Math.Min(process.BytesDone, stretch.Size.Bytes));
        DataSize copied = stretch.Before + done;
        session.Report(now => now with
        {
            Copied = new DataSize(Math.Max(now.Copied.Files, copied.Files), Math.Max(now.Copied.Bytes, copied.Bytes)),
            Percent = Math.Max(now.Percent, Math.Min(Percent(copied, total), 99.9)), // 100 is for what is proved
        });
        session.Measure(done, new DataSize(total.Files - copied.Files, total.Bytes - copied.Bytes), isCapped);
    }

    private static double Percent(DataSize copied, DataSize total) => total switch
    {
        { Bytes: > 0 } => 100.0 * copied.Bytes / total.Bytes,
        { Files: > 0 } => 100.0 * copied.Files / total.Files,
        _ => 0,
    };
}

/// <summary>What one AzCopy job copies.</summary>
/// <param name="List">The list of it; null for the whole source.</param>
/// <param name="Size">How much it is.</param>
/// <param name="Before">What the parts before it hold.</param>
internal sealed record CopyStretch(string? List, DataSize Size, DataSize Before)
{
    /// <summary>What is left of it when the rest is done already.</summary>
    /// <param name="rest">How much is left; null for all.</param>
    /// <param name="list">The list of it.</param>
    public CopyStretch Narrowed(DataSize? rest, string? list) => rest is { } left
        ? new CopyStretch(list, left, new DataSize(Before.Files + Size.Files - left.Files, Before.Bytes + Size.Bytes - left.Bytes))
        : this;
}
