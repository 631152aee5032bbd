namespace Tiering.Core.Transfers.Jobs;

/// <summary>The service's side of the job folders: it writes what an agent needs and reads what an agent tells.</summary>
public interface IJobFolders
{
    /// <summary>A file that is longer is not read as a text.</summary>
    const long LongestText = 256 * 1024;

    /// <summary>
    /// Puts the job, its access and the manifests it names into its folder. What an earlier call put there is kept as it is, for an
    /// agent may have begun with it; only the access and the limits are renewed.
    /// </summary>
    Task PrepareAsync(string instanceId, JobInputs inputs, CancellationToken cancellation);

    /// <summary>What the agent last told, what it concluded, and whether one works now.</summary>
    Task<JobView> ReadAsync(string instanceId, CancellationToken cancellation);

    /// <summary>Asks the agent to end the transfer, now or when it comes; the folder is made when it is missing.</summary>
    Task RequestCancelAsync(string instanceId, CancellationToken cancellation);

    Task<bool> IsCancelRequestedAsync(string instanceId, CancellationToken cancellation);

    /// <summary>The manifest of the operation as a file on this machine; null when the agent has not completed one.</summary>
    Task<string?> FetchManifestAsync(string instanceId, CancellationToken cancellation);

    /// <summary>What a COOL that failed has left at the destination, as a file on this machine; null when the agent recorded none.</summary>
    Task<string?> FetchLeftAsync(string instanceId, CancellationToken cancellation);

    /// <summary>
    /// Gives a job that nobody works on any more the verdict that its agent has not written: an agent that comes late does nothing then.
    /// </summary>
    /// <returns>The verdict that holds: an earlier one stays.</returns>
    Task<TransferVerdict> ConcludeAsync(string instanceId, TransferVerdict verdict, CancellationToken cancellation);

    /// <summary>Every AzCopy job that a job has started, as far as its folder tells; for one that has ended without a verdict.</summary>
    Task<IReadOnlyList<string>> FindAzCopyJobsAsync(string instanceId, CancellationToken cancellation);

    /// <summary>Removes the access and everything else that an ended job no longer needs.</summary>
    Task CloseAsync(string instanceId, CancellationToken cancellation);

    /// <summary>The folders that were there before then, in any order; what belongs to no job may be among them.</summary>
    IAsyncEnumerable<string> ListAsync(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>What a small file of <see cref="JobFiles"/> says; null when it is missing, or longer than 256 KiB.</summary>
    Task<string?> ReadTextAsync(string instanceId, string name, CancellationToken cancellation);

    /// <summary>Removes a folder with all that it holds; one that an agent works in must not be named. Safe to repeat.</summary>
    Task RemoveAsync(string instanceId, CancellationToken cancellation);
}

/// <param name="Progress">Null before an agent has told anything.</param>
/// <param name="Verdict">Null while the job has not ended.</param>
/// <param name="LeaseHeld">Whether an agent works now.</param>
/// <param name="Attempt">The highest attempt that has held the lease; 0 for none.</param>
/// <param name="AccessExpiresAt">When the access must have been renewed; null for never.</param>
public sealed record JobView(TransferProgress? Progress, TransferVerdict? Verdict, bool LeaseHeld, int Attempt, DateTimeOffset? AccessExpiresAt)
{
    /// <summary>What the agent was told to keep to; null when it was told nothing.</summary>
    public JobLimits? Limits { get; init; }
}
