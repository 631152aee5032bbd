using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>What came of one operation of a group that was committed.</summary>
internal abstract record OperationResult;

internal sealed record Done : OperationResult
{
    public static readonly Done Instance = new();
}

/// <param name="Messages">What was put into inboxes.</param>
internal sealed record Delivered(IReadOnlyList<Delivery> Messages) : OperationResult;

/// <summary>The instance was started.</summary>
/// <param name="Replaced">The instance that had its id, or null.</param>
/// <param name="Delivered">What was put into inboxes.</param>
internal sealed record Started(long? Replaced, IReadOnlyList<Delivery> Delivered) : OperationResult;

internal sealed record AlreadyExists(OrchestrationRuntimeStatus Status) : OperationResult;

/// <summary>No such instance.</summary>
internal sealed record Unknown : OperationResult
{
    public static readonly Unknown Instance = new();
}

/// <summary>The instance has ended, or is another one by now; nothing was changed.</summary>
internal sealed record Stale : OperationResult
{
    public static readonly Stale Instance = new();
}

internal sealed record Purged(IReadOnlyList<long> Instances) : OperationResult;

/// <summary>The operation alone was refused, for a reason that lies in it; the others of its group were committed.</summary>
internal sealed record Refused(Exception Error) : OperationResult;

/// <param name="Delivered">Messages that were put into inboxes.</param>
/// <param name="Replaced">Instances whose ids were taken over by new children.</param>
/// <param name="Started">Children that were started.</param>
internal sealed record StepCommitted(IReadOnlyList<Delivery> Delivered, IReadOnlyList<long> Replaced, IReadOnlyList<NewInstance> Started) : OperationResult;

/// <param name="Instance">Whose inbox.</param>
/// <param name="Number">The message's place in it.</param>
/// <param name="Message">What it says.</param>
internal sealed record Delivery(long Instance, long Number, HistoryEvent Message);
