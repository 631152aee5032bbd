namespace Tiering.Core.Transfers.Jobs;

/// <summary>The service's side of the job folders: it writes what an agent needs and reads what an agent tells.</summary>
public interface IJobFolders
{
    /// <summary>Puts the job, its access and the manifests it names into its folder; what lies there from an earlier call is kept as it is, access excepted.</summary>
    Task PrepareAsync(string instanceId, TransferJob job, CancellationToken cancellation);

    /// <summary>What the agent last told, what it concluded, and whether one works now.</summary>
    Task<JobView> ReadAsync(string instanceId, CancellationToken cancellation);

    /// <summary>Asks the agent to end the transfer.</summary>
    Task RequestCancelAsync(string instanceId, CancellationToken cancellation);

    /// <summary>Removes the access and everything else that an ended job no longer needs.</summary>
    Task CloseAsync(string instanceId, CancellationToken cancellation);
}

/// <param name="Progress">Null before an agent has told anything.</param>
/// <param name="Verdict">Null while the job has not ended.</param>
/// <param name="LeaseHeld">Whether an agent works now.</param>
/// <param name="Attempt">The highest attempt that has held the lease; 0 for none.</param>
public sealed record JobView(TransferProgress? Progress, TransferVerdict? Verdict, bool LeaseHeld, int Attempt);
