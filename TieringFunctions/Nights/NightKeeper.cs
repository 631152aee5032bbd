using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Nights;

/// <summary>
/// What a night does, step by step, each safe to repeat: it records its selection, has each project cooled as any other caller would, and
/// notes how that ended. No project, however bad, keeps the others from their turn.
/// </summary>
public sealed class NightKeeper(
    INightStore nights, NightSelection selection, ICatalogue catalogue, OperationIntake intake, IProjectDataProbe probe, NightSettings settings, TimeProvider time, ILogger<NightKeeper> log)
{
    /// <summary>Selects what the night takes, unless it has done so before.</summary>
    public async Task<Night> OpenAsync(NightWindow window, CancellationToken cancellation)
    {
        if (await nights.FindAsync(window.Date, cancellation) is { } recorded)
            return recorded;
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<NightCandidate> selected = window.Contains(now)
            ? await selection.SelectAsync(settings.Zone.DateOf(now), now, cancellation)
            : []; // the orchestration was held up until its window had closed
        Night night = new(window.Date, window.OpensAt, window.ClosesAt, window.Contains(now) ? NightStatus.Running : NightStatus.Missed)
        {
            StartedAt = now,
            Limit = settings.Limit,
            Items = [.. selected.Select(candidate => new NightItem(candidate.Project, OperationOf(window.Date, candidate.Project), NightItemStatus.Selected) { EligibleAt = candidate.EligibleAt })],
        };
        return await nights.OpenAsync(night, cancellation);
    }

    /// <summary>Asks for one project's COOL, as long as the window is open.</summary>
    public async Task CoolAsync(DurableTaskClient client, Night night, NightItem item, CancellationToken cancellation)
    {
        if (time.GetUtcNow() >= night.ClosesAt)
        {
            await nights.SetItemAsync(night.Date, TooLate(item), cancellation);
            return;
        }
        OperationKey key = new(item.Project, OperationType.Cool, item.Operation);
        try
        {
            if (await catalogue.FindOperationAsync(key, cancellation) is null)
                await probe.CheckAsync(key.Project, key.SourceRole, cancellation);
            OperationRequest request = new(key, NightCaller.Name) { Eligibility = EligibilityCheck.Enforced, StartBefore = night.ClosesAt };
            await intake.AcceptAsync(client, request, cancellation);
            await nights.SetItemAsync(night.Date, item with { Status = NightItemStatus.Accepted }, cancellation);
        }
        catch (TieringException refusal) when (!refusal.IsTransient || refusal is ProjectBusyException)
        {
            log.LogWarning("The night of {Date} could not cool {Project}: {Reason}", night.Date, item.Project, refusal.Message);
            await nights.SetItemAsync(night.Date, item with { Status = NightItemStatus.Refused, Reason = $"{refusal.Code}: {refusal.Message}" }, cancellation);
        }
    }

    /// <summary>Notes that a project could not be asked for at all.</summary>
    public Task GiveUpAsync(Night night, NightItem item, string reason, CancellationToken cancellation) =>
        nights.SetItemAsync(night.Date, item with { Status = NightItemStatus.Refused, Reason = reason }, cancellation);

    /// <summary>Notes how the night's operations have ended, and ends the night with the last of them.</summary>
    /// <returns>Whether it has ended.</returns>
    public async Task<bool> SettleAsync(DateOnly date, CancellationToken cancellation)
    {
        if (await nights.FindAsync(date, cancellation) is not { Status: NightStatus.Running } night)
            return true;
        foreach (NightItem item in night.Items)
        {
            if (await SettledAsync(night, item, cancellation) is { } settled && settled != item)
            {
                await nights.SetItemAsync(date, settled, cancellation);
                night = night.With(settled);
            }
        }
        if (night.Items.Any(item => item.Status is NightItemStatus.Selected or NightItemStatus.Accepted))
            return false;
        await nights.CompleteAsync(date, cancellation);
        return true;
    }

    /// <summary>Every quarter of an hour: starts the night whose window is open, records those that nobody ran, and looks after what has begun.</summary>
    public async Task TickAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (Night running in await nights.ListRunningAsync(cancellation))
            await SettleAsync(running.Date, cancellation);
        if (!settings.Enabled)
        {
            await nights.DisableAsync(cancellation);
            return;
        }
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset since = await nights.EnabledSinceAsync(cancellation);
        await RecordMissedAsync(since, now, cancellation);
        if (settings.Window.OpenAt(now) is { } window)
            await StartAsync(client, window, cancellation);
    }

    private async Task RecordMissedAsync(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellation)
    {
        const int MostRecorded = 400;
        IReadOnlyList<Night> last = await nights.ListAsync(before: null, limit: 1, cancellation);
        DateOnly after = last is [Night latest] ? latest.Date : DateOnly.MinValue;
        DateOnly earliest = settings.Zone.DateOf(since).AddDays(-2); // its window may have been open when nights were enabled
        foreach (NightWindow missed in settings.Window.ClosedAfter(after > earliest ? after : earliest, now, MostRecorded).Where(window => window.ClosesAt > since))
        {
            log.LogWarning("The night of {Date} was missed", missed.Date);
            await nights.OpenAsync(new Night(missed.Date, missed.OpensAt, missed.ClosesAt, NightStatus.Missed) { Limit = settings.Limit }, cancellation);
        }
    }

    private async Task StartAsync(DurableTaskClient client, NightWindow window, CancellationToken cancellation)
    {
        if (await nights.FindAsync(window.Date, cancellation) is { Status: not NightStatus.Running })
            return;
        await Orchestrations.OperationStarter.StartOnceAsync(client, nameof(NightOrchestration), Night.InstanceOf(window.Date), window, cancellation);
    }

    private async Task<NightItem?> SettledAsync(Night night, NightItem item, CancellationToken cancellation)
    {
        if (item.Status is not (NightItemStatus.Selected or NightItemStatus.Accepted))
            return null;
        LifecycleOperation? operation = await catalogue.FindOperationAsync(new OperationKey(item.Project, OperationType.Cool, item.Operation), cancellation);
        return operation switch
        {
            null when time.GetUtcNow() >= night.ClosesAt => TooLate(item),
            null => null,
            { Status: OperationStatus.Succeeded } => item with { Status = NightItemStatus.Succeeded, Size = operation.Total },
            { Error: { Code: WindowClosed } error } => item with { Status = NightItemStatus.NotStarted, Reason = error.Message },
            { Error: { } error } => item with { Status = NightItemStatus.Failed, Size = operation.Total, Reason = $"{error.Code}: {error.Message}" },
            _ => item with { Status = NightItemStatus.Accepted },
        };
    }

    /// <summary>The code of an operation that had to begin before its window closed.</summary>
    public const string WindowClosed = "window-closed";

    private static NightItem TooLate(NightItem item) => item with { Status = NightItemStatus.NotStarted, Reason = "The cooling window closed first." };

    /// <summary>The same for the same night and project, so that a night that is repeated from any point asks for nothing twice.</summary>
    private static Guid OperationOf(DateOnly date, ProjectSlug project)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"night/{date:yyyy-MM-dd}/{project.Value}")));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: made by a rule of our own
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
