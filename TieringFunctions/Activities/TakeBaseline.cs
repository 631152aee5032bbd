using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Activities;

/// <param name="Size">What the baseline holds; null when it was refused.</param>
/// <param name="Error">Why it was refused.</param>
public sealed record AdoptionResult(DataSize? Size, OperationError? Error);

/// <summary>Takes an inventory of a COOL project and keeps it as the manifest that the next RESTORE is proved against. Safe to repeat.</summary>
public sealed class TakeBaseline(ICatalogue catalogue, ProjectLocations locations, IAccessIssuer access, ProjectStores stores, IManifestStore manifests, TimeProvider clock)
{
    [Function(nameof(TakeBaseline))]
    public async Task<AdoptionResult> RunAsync([ActivityTrigger] ProjectSlug slug, CancellationToken cancellation)
    {
        try
        {
            Project project = await catalogue.FindProjectAsync(slug, cancellation) ?? throw new ProjectUnknownException(slug);
            return project.State == LifecycleState.Cool && project.Claim is null
                ? new AdoptionResult(await TakeAsync(slug, cancellation), Error: null)
                : new AdoptionResult(null, new OperationError("adoption-refused", "Only a project that is COOL and free can be adopted."));
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new AdoptionResult(null, new OperationError(refused.Code, refused.Message));
        }
    }

    private async Task<DataSize> TakeAsync(ProjectSlug slug, CancellationToken cancellation)
    {
        Location location = locations.For(slug, StorageRole.Cool);
        IProjectStore store = stores.Open(location, await access.ForReadingAsync(location, cancellation));
        using TemporaryFolder folder = TemporaryFolder.Create();
        string file = folder.At("baseline.jsonl.gz");
        await using ManifestWriter writer = ManifestWriter.Create(file, new ManifestHeader(slug, Operation: null, location.Kind, clock.GetUtcNow()));
        await foreach (InventoryEntry entry in store.ListAsync(cancellation))
            await writer.WriteAsync(entry, cancellation);
        ManifestTrailer baseline = await writer.CompleteAsync(cancellation);
        await manifests.KeepAsync(slug, operation: null, file, proved: true, cancellation);
        return baseline.Size;
    }
}
