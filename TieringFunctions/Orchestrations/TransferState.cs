using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Orchestrations;

/// <summary>What a transfer's orchestration knows when it starts, and when it continues as new.</summary>
/// <param name="Key">The operation.</param>
public sealed record TransferState(OperationKey Key)
{
    /// <summary>The attempt that was started last; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>When the first attempt was started: deadlines count from here, not from the acceptance.</summary>
    public DateTimeOffset JobStartedAt { get; init; }

    public DateTimeOffset AttemptStartedAt { get; init; }

    /// <summary>How often an agent was found hanging.</summary>
    public int Stalls { get; init; }
}

/// <summary>What a transfer's orchestration shows to those who watch it.</summary>
/// <param name="Step">waiting-for-slot, starting, running, finishing.</param>
/// <param name="Project">Its project.</param>
/// <param name="Attempt">The attempt that runs; 0 before the first.</param>
public sealed record TransferStatus(string Step, string Project, int Attempt);
