using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Agent;

/// <summary>The AzCopy processes of this machine that an earlier agent has left running for the same job.</summary>
internal sealed class LocalOrphans(string folder) : IOrphans
{
    public Task EndAsync(CancellationToken cancellation) => AzCopyOrphans.EndAsync(folder, cancellation);
}
