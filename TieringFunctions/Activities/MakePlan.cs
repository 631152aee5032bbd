using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Functions.Activities;

/// <param name="Request">What would be asked for; its id names the plan.</param>
public sealed record PlanInput(OperationRequest Request);

/// <param name="Plan">Null when none could be made.</param>
/// <param name="Error">Why not.</param>
public sealed record PlanResult(TransferPlan? Plan, OperationError? Error);

/// <summary>Says what an operation would do. Reads both sides and the catalogue, and writes nowhere but into a temporary folder of its own.</summary>
public sealed class MakePlan(
    ICatalogue catalogue,
    TransferPlanner planner,
    IAccessIssuer access,
    ProjectStores stores,
    IManifestStore manifests,
    OnlyCopy onlyCopy,
    StorageSettings storage,
    AzCopyOptions azCopy,
    AgentPlace place,
    CostSettings costs,
    TransferLimits limits,
    TimeProvider clock)
{
    /// <summary>How many of the newest operations are looked at for how long they took.</summary>
    private const int PastOperations = 500;

    [Function(nameof(MakePlan))]
    public async Task<PlanResult> RunAsync([ActivityTrigger] PlanInput input, CancellationToken cancellation)
    {
        try
        {
            return new PlanResult(await PlanAsync(input.Request, cancellation), Error: null);
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new PlanResult(Plan: null, new OperationError(refused.Code, refused.Message));
        }
    }

    private async Task<TransferPlan> PlanAsync(OperationRequest request, CancellationToken cancellation)
    {
        OperationKey key = request.Key;
        IReadOnlyList<OperationError> refusals = await catalogue.FindRefusalsAsync(request, cancellation);
        LifecycleOperation asked = new(key, clock.GetUtcNow()) { RequestedProof = request.Proof, IgnoreCost = request.IgnoreCost };
        TransferDescription described = await planner.DescribeAsync(asked, cancellation);
        OperationPage succeeded = await catalogue.ListOperationsAsync(new OperationQuery(Status: OperationStatus.Succeeded, Limit: PastOperations), cancellation);
        using TemporaryFolder folder = TemporaryFolder.Create();
        PlanningInputs inputs = new(
            described.Job,
            stores.Open(described.Job.Source, await access.ForReadingAsync(described.Job.Source, cancellation)),
            stores.Open(described.Job.Destination, await access.ForReadingAsync(described.Job.Destination, cancellation)),
            folder.Root,
            await FetchAsync(described.Witness, "witness", folder, cancellation),
            await FetchAsync(described.Known, folder, cancellation));
        TransferPlan plan = await new TransferPlanning(inputs, storage, azCopy, place, costs, clock).RunAsync(
            succeeded.Operations.Where(operation => operation.Key.Type == key.Type).Select(PastTransfer.Of).OfType<PastTransfer>(),
            ReplacedData.DaysSince(await planner.FindLastCoolAsync(key.Project, cancellation), clock.GetUtcNow()),
            cancellation);
        OperationPage running = await catalogue.ListOperationsAsync(
            new OperationQuery(Status: OperationStatus.Running, Limit: limits.RunningTransfers), cancellation);
        if (await onlyCopy.FindAsync(key, cancellation) is { } kept)
            refusals = [.. refusals, kept];
        return plan with { Refusals = [.. refusals, .. plan.Refusals], Waits = running.Operations.Count >= limits.RunningTransfers };
    }

    private async Task<IReadOnlyList<string>> FetchAsync(IReadOnlyList<KeptManifest> kept, TemporaryFolder folder, CancellationToken cancellation)
    {
        List<string> files = [];
        foreach (KeptManifest manifest in kept)
            files.Add((await FetchAsync(manifest, manifest.Name, folder, cancellation))!);
        return files;
    }

    private async Task<string?> FetchAsync(KeptManifest? kept, string name, TemporaryFolder folder, CancellationToken cancellation)
    {
        if (kept is null)
            return null;
        string file = folder.At($"known-{name}.jsonl.gz");
        await manifests.CopyToAsync(kept, file, cancellation);
        return file;
    }
}
