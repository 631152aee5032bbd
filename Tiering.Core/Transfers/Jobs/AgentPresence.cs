namespace Tiering.Core.Transfers.Jobs;

/// <summary>What a job host knows of the agent of one attempt.</summary>
public enum AgentPresence
{
    /// <summary>Nothing: the lease tells.</summary>
    Unknown,

    /// <summary>It runs, or is on its way.</summary>
    Present,

    /// <summary>It has ended.</summary>
    Gone,
}
