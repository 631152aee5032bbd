using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Activities;

/// <summary>Records that an operation runs: PENDING becomes RUNNING, the project COOLING or RESTORING. Safe to repeat.</summary>
public sealed class StartOperation(ICatalogue catalogue)
{
    [Function(nameof(StartOperation))]
    public Task<LifecycleOperation> RunAsync([ActivityTrigger] OperationKey key, CancellationToken cancellation) =>
        catalogue.StartAsync(key, cancellation);
}
