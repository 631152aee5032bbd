using Microsoft.Extensions.Logging;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Health;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <param name="Key">The operation.</param>
/// <param name="Error">Why it ends without, or in spite of, a verdict; null when the verdict says how.</param>
public sealed record FinishInput(OperationKey Key, OperationError? Error);

/// <summary>
/// Ends an operation: nothing of it runs any more or begins to, its manifest and its certificate are kept, its outcome is recorded, and its result is on
/// its way to the client, in this order. Safe to repeat from any point.
/// </summary>
public sealed class FinishOperation(
    ICatalogue catalogue,
    IJobFolders folders,
    IJobHost host,
    IManifestStore manifests,
    CertificateAuthority authority,
    DeliveryStarter deliveries,
    TimeProvider clock,
    ILogger<FinishOperation> log)
{
    /// <summary>Failures that put the data itself in doubt: the project goes to ERROR although nothing was written.</summary>
    private static readonly HashSet<string> Alarming = ["source-differs", "witness-missing", "witness-contradicted", "certificate-refused", "manifest-missing", "manifest-corrupt", "cancelled"];

    /// <summary>Or it would come back every night: data of which nobody knows lies where the next COOL goes, and somebody has to look.</summary>
    private static bool IsAlarming(OperationKey key, string code) => Alarming.Contains(code) || (code == "destination-not-explained" && key.Type == OperationType.Cool);

    [Function(nameof(FinishOperation))]
    public async Task RunAsync([ActivityTrigger] FinishInput input, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        string instance = input.Key.InstanceId;
        JobView view = await folders.ReadAsync(instance, cancellation);
        if (view.LeaseHeld || view.Verdict is null)
        {
            await folders.RequestCancelAsync(instance, cancellation); // whoever comes late ends by itself
            await host.StopAsync(instance, cancellation);
            view = await folders.ReadAsync(instance, cancellation);
        }
        TransferVerdict verdict = view.Verdict ?? await folders.ConcludeAsync(instance, await LostAsync(input, view, cancellation), cancellation);

        OperationOutcome outcome = OutcomeOf(input.Key, verdict);
        string? left = outcome.Error is null ? null : await folders.FetchLeftAsync(instance, cancellation);
        if (!outcome.NothingTouched && (left ?? await folders.FetchManifestAsync(instance, cancellation)) is { } manifest)
        {
            KeptManifest kept = await manifests.KeepAsync(input.Key.Project, input.Key, manifest, proved: outcome.Error is null, cancellation);
            await CertifyAsync(input.Key, outcome, verdict, kept, cancellation);
        }
        await catalogue.FinishAsync(input.Key, outcome, cancellation);
        if (outcome.Error is { } error)
            log.OperationFailed(input.Key, error.Code);
        await folders.CloseAsync(instance, cancellation);
        await deliveries.StartAsync(client, input.Key, cancellation);
    }

    /// <summary>Certifies what is going to be recorded as succeeded; a verdict that the record contradicts is not.</summary>
    private async Task CertifyAsync(OperationKey key, OperationOutcome outcome, TransferVerdict verdict, KeptManifest manifest, CancellationToken cancellation)
    {
        LifecycleOperation operation = await catalogue.FindOperationAsync(key, cancellation) ?? throw new OperationUnknownException(key);
        LifecycleOperation end = operation.IsTerminal ? operation : CatalogueRules.Finish(operation, outcome, clock.GetUtcNow());
        if (end.Status == OperationStatus.Succeeded && verdict is { Error: null })
            await authority.CertifyAsync(end, verdict, manifest, cancellation);
    }

    /// <summary>The verdict on a job whose agents have all ended without one. What an agent may have done counts as done.</summary>
    private async Task<TransferVerdict> LostAsync(FinishInput input, JobView view, CancellationToken cancellation) => new(view.Attempt, clock.GetUtcNow())
    {
        Error = input.Error ?? new OperationError("agent-lost", "The agent ended without a verdict."),
        Total = view.Progress?.Total,
        TouchedDestination = view.Attempt > 0,
        AzCopyJobs = await folders.FindAzCopyJobsAsync(input.Key.InstanceId, cancellation),
    };

    private static OperationOutcome OutcomeOf(OperationKey key, TransferVerdict verdict) => new()
    {
        Error = verdict.Error,
        Total = verdict.Total,
        Copied = verdict.Copied,
        Proof = verdict.Proof?.ToString(),
        Unwitnessed = verdict.Unwitnessed,
        AzCopyJobs = verdict.AzCopyJobs,
        NothingTouched = verdict.Error is { } error && !verdict.TouchedDestination && !IsAlarming(key, error.Code),
    };
}
