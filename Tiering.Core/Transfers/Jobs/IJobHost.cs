using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>Starts agents: processes on this machine, or executions of a container job.</summary>
public interface IJobHost
{
    /// <summary>
    /// Starts an agent for this attempt. Safe to repeat: a second agent of the same attempt waits for the lease, and an agent whose
    /// attempt is below the highest that held the lease ends at once.
    /// </summary>
    /// <exception cref="JobHostException">No agent could be started.</exception>
    Task StartAsync(string instanceId, int attempt, CancellationToken cancellation);

    /// <summary>Looks for the agent of an attempt that was started and has not taken the lease yet.</summary>
    Task<AgentPresence> LookAsync(string instanceId, int attempt, CancellationToken cancellation);

    /// <summary>Ends every agent of this job and its AzCopy, whatever they are doing. Nothing is left running when it returns.</summary>
    Task StopAsync(string instanceId, CancellationToken cancellation);
}

public sealed class JobHostException(string message, Exception? inner = null)
    : TieringException("job-host", message, isTransient: true, inner);
