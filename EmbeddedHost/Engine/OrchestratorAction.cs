namespace Tiering.EmbeddedHost.Engine;

/// <summary>Something that an orchestrator asks for. Numbers count from 0 over all actions of a generation.</summary>
internal abstract record OrchestratorAction(int Id)
{
    /// <summary>Its form in the history.</summary>
    public abstract HistoryEvent ToHistory();
}

internal sealed record ScheduleActivity(int Id, string Name, string? Input) : OrchestratorAction(Id)
{
    public override HistoryEvent ToHistory() => new ActivityScheduled(Id, Name);
}

internal sealed record CreateTimer(int Id, DateTime Due) : OrchestratorAction(Id)
{
    public override HistoryEvent ToHistory() => new TimerCreated(Id, Due);
}

internal sealed record ScheduleChild(int Id, string Name, string Version, string InstanceId, string? Input, IDictionary<string, string>? Tags)
    : OrchestratorAction(Id)
{
    public override HistoryEvent ToHistory() => new ChildScheduled(Id, Name, InstanceId);
}

internal sealed record SendEvent(int Id, string Target, string Name, string? Payload) : OrchestratorAction(Id)
{
    public override HistoryEvent ToHistory() => new EventSent(Id, Target, Name);
}
