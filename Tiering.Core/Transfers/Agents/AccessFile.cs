using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>The access of a job, read again when the service has renewed it.</summary>
public sealed class AccessFile(IJobFolder folder)
{
    private volatile TransferAccess? current;

    /// <summary>The access that was read last.</summary>
    public TransferAccess Current => current ?? new TransferAccess(LocationAccess.None, LocationAccess.None);

    public async Task ReadAsync(CancellationToken cancellation) =>
        current = await folder.ReadAsync<TransferAccess>(JobFiles.Access, cancellation) ?? current;
}
