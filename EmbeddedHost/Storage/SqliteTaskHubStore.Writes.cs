using System.Text.Json;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

internal sealed partial class SqliteTaskHubStore
{
    private const string HasEnded = "(1, 3, 5)"; // Completed, Failed, Terminated

    private OperationResult Apply(StoreOperation operation) => operation switch
    {
        CommitStep step => Apply(step),
        StartInstance start => Apply(start),
        SendMessage send => Apply(send),
        SetAside aside => Apply(aside),
        CountSuspect suspect => Apply(suspect),
        PurgeInstances purge => Apply(purge),
        RewindInstance rewind => Apply(rewind),
        SaveSchedule schedule => Apply(schedule),
        _ => throw new InvalidOperationException($"{operation.GetType().Name} is unknown."),
    };

    private OperationResult Apply(StartInstance start)
    {
        (long Number, OrchestrationRuntimeStatus Status)? existing = FindByid(start.Instance.Id);
        if (existing is { } taken && start.Dedupe.Contains(taken.Status))
            return new AlreadyExists(taken.Status);
        List<Delivery> delivered = [];
        if (existing is { } old)
        {
            if (!IsEnd(old.Status))
                TellParent(old.Number, start.Instance.Id, delivered);
            Delete(old.Number);
        }
        Insert(start.Instance);
        return new Started(existing?.Number, delivered);
    }

    private OperationResult Apply(SendMessage send)
    {
        if (FindByid(send.Target) is not { } target)
            return Unknown.Instance;
        return IsEnd(target.Status) ? Stale.Instance : new Delivered([Deliver(target.Number, send.Message)]);
    }

    private OperationResult Apply(CommitStep step)
    {
        if (!UpdateInstance(step))
            return Stale.Instance;
        foreach (long told in step.Messages)
            writer.Prepare("DELETE FROM inbox WHERE instance = ? AND number = ?").Bind(step.Instance).Bind(told).Run();
        if (step.Final)
            DeleteWork(step.Instance);
        else
            DeleteEnded(step);
        if (step.Row is { } row)
            InsertHistory(step.Instance, row.Number, row.Step);
        if (step.NextGeneration is { } next)
        {
            writer.Prepare("DELETE FROM history WHERE instance = ?").Bind(step.Instance).Run();
            InsertHistory(step.Instance, 0, next.Start);
        }
        foreach (NewActivity activity in step.Activities)
            Insert(step.Instance, activity);
        foreach (NewTimer timer in step.Timers)
            InsertTimer(step.Instance, timer.TaskId, timer.Due);

        List<Delivery> delivered = [];
        List<long> replaced = [];
        List<NewInstance> started = [];
        foreach (NewInstance child in step.Children)
            StartChild(child, delivered, replaced, started);
        foreach (Outgoing outgoing in step.Outgoing)
            Send(outgoing, delivered);
        if (step.ToChildren is { } message)
            SendToChildrenOf(step.Instance, message, delivered);
        return new StepCommitted(delivered, replaced, started);
    }

    private bool UpdateInstance(CommitStep step)
    {
        int changed = step.StatusChanges
            ? writer.Prepare($"UPDATE instances SET updated = ?, suspicions = 0, status = ? WHERE number = ? AND generation = ? AND status NOT IN {HasEnded}")
                .Bind(step.Now).Bind((long)step.Status).Bind(step.Instance).Bind(step.Generation).Run()
            : writer.Prepare($"UPDATE instances SET updated = ?, suspicions = 0 WHERE number = ? AND generation = ? AND status NOT IN {HasEnded}")
                .Bind(step.Now).Bind(step.Instance).Bind(step.Generation).Run();
        if (changed == 0)
            return false;
        if (step.CustomStatus is { } custom)
            writer.Prepare("UPDATE instances SET custom = ? WHERE number = ?").Bind(custom.Value).Bind(step.Instance).Run();
        if (step.Final)
            writer.Prepare("UPDATE instances SET output = ?, failure = ? WHERE number = ?")
                .Bind(step.Output).Bind(step.Failure is null ? null : HistoryCodec.Encode(step.Failure)).Bind(step.Instance).Run();
        if (step.NextGeneration is { } next)
            writer.Prepare("UPDATE instances SET generation = generation + 1, version = ? WHERE number = ?")
                .Bind(next.Version).Bind(step.Instance).Run();
        return true;
    }

    private void DeleteEnded(CommitStep step)
    {
        foreach (int task in step.EndedActivities)
            writer.Prepare("DELETE FROM activities WHERE instance = ? AND task = ?").Bind(step.Instance).Bind(task).Run();
        foreach (int task in step.EndedTimers)
            writer.Prepare("DELETE FROM timers WHERE instance = ? AND task = ?").Bind(step.Instance).Bind(task).Run();
    }

    private void StartChild(NewInstance child, List<Delivery> delivered, List<long> replaced, List<NewInstance> started)
    {
        if (FindByid(child.Id) is { } existing)
        {
            if (!IsEnd(existing.Status))
            {
                TaskFailed failed = new(child.Parent!.TaskId, ExistsFailure(child.Id, existing.Status), CanRetry: true);
                delivered.Add(Deliver(child.Parent.Number, failed));
                return;
            }
            Delete(existing.Number);
            replaced.Add(existing.Number);
        }
        Insert(child);
        started.Add(child);
    }

    private static Durable.TaskFailureDetails ExistsFailure(string id, OrchestrationRuntimeStatus status) => new(
        typeof(Durable.OrchestrationAlreadyExistsException).FullName!, InstanceTexts.Exists(id, status), null, null, null);

    private void Send(Outgoing outgoing, List<Delivery> delivered)
    {
        (long Number, OrchestrationRuntimeStatus Status)? target = outgoing.Number is { } number ? FindByNumber(number) : FindByid(outgoing.Target!);
        if (target is { } found && !IsEnd(found.Status)) // nobody is there to be told that it is gone
            delivered.Add(Deliver(found.Number, outgoing.Message));
    }

    /// <summary>A child that is replaced while it runs was terminated, as its parent sees it.</summary>
    private void TellParent(long child, string id, List<Delivery> delivered)
    {
        (long Parent, int Task) link;
        using (HubStatement statement = writer.Prepare("SELECT parent, parent_task FROM instances WHERE number = ? AND parent IS NOT NULL").Bind(child))
        {
            if (!statement.Step())
                return;
            link = (statement.GetNumber(0), statement.GetInt32(1));
        }
        Send(new(null, link.Parent, new TaskFailed(link.Task, InstanceTexts.Terminated(id), CanRetry: true)), delivered);
    }

    private void SendToChildrenOf(long parent, HistoryEvent message, List<Delivery> delivered)
    {
        foreach (long child in ChildrenOf(parent))
        {
            if (FindByNumber(child) is { } found && !IsEnd(found.Status))
                delivered.Add(Deliver(child, message)); // it passes the message on to its own children when it is told
        }
    }

    private OperationResult Apply(SetAside aside)
    {
        int changed = writer.Prepare("UPDATE instances SET aside = ?, suspicions = 0 WHERE number = ?").Bind(aside.Reason).Bind(aside.Instance).Run();
        if (aside.Reason is null)
            writer.Prepare("UPDATE activities SET suspicions = 0 WHERE instance = ?").Bind(aside.Instance).Run();
        return changed == 0 ? Unknown.Instance : Done.Instance;
    }

    private OperationResult Apply(CountSuspect suspect)
    {
        int changed = suspect.TaskId is { } task
            ? writer.Prepare("UPDATE activities SET suspicions = suspicions + 1 WHERE instance = ? AND task = ?").Bind(suspect.Instance).Bind(task).Run()
            : writer.Prepare("UPDATE instances SET suspicions = suspicions + 1 WHERE number = ?").Bind(suspect.Instance).Run();
        return changed == 0 ? Stale.Instance : Done.Instance;
    }

    private Purged Apply(PurgeInstances purge)
    {
        List<long> purged = [];
        Queue<long> left = new(purge.Instances);
        while (left.TryDequeue(out long number))
        {
            if (FindByNumber(number) is not { } found || !IsEnd(found.Status))
                continue;
            if (purge.Recursive)
            {
                foreach (long child in ChildrenOf(number))
                    left.Enqueue(child);
            }
            Delete(number);
            purged.Add(number);
        }
        return new Purged(purged);
    }

    private OperationResult Apply(RewindInstance rewind)
    {
        int changed = writer.Prepare("UPDATE instances SET status = 0, output = NULL, failure = NULL, aside = NULL, updated = ? WHERE number = ? AND status = 3")
            .Bind(rewind.Now).Bind(rewind.Instance).Run();
        if (changed == 0)
            return Stale.Instance;
        writer.Prepare("DELETE FROM history WHERE instance = ? AND row >= ?").Bind(rewind.Instance).Bind(rewind.Steps).Run();
        foreach (NewActivity activity in rewind.Activities)
            Insert(rewind.Instance, activity);
        foreach (NewTimer timer in rewind.Timers)
            InsertTimer(rewind.Instance, timer.TaskId, timer.Due);
        List<Delivery> delivered = [.. rewind.Messages.Select(message => Deliver(rewind.Instance, message))];
        List<long> replaced = [];
        List<NewInstance> started = [];
        foreach (NewInstance child in rewind.Children)
            StartChild(child, delivered, replaced, started);
        return new StepCommitted(delivered, replaced, started);
    }

    private Done Apply(SaveSchedule schedule)
    {
        writer.Prepare("INSERT OR REPLACE INTO schedules (name, last, next, updated) VALUES (?, ?, ?, ?)")
            .Bind(schedule.Name).Bind(schedule.Status.Last).Bind(schedule.Status.Next).Bind(schedule.Status.LastUpdated).Run();
        return Done.Instance;
    }

    private void Insert(NewInstance instance)
    {
        writer.Prepare("""
            INSERT INTO instances (number, id, name, version, status, generation, created, updated, tags, trace, parent, parent_task, parent_id, parent_name)
            VALUES (?, ?, ?, ?, 6, 0, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
            .Bind(instance.Number).Bind(instance.Id).Bind(instance.Name).Bind(instance.Version).Bind(instance.Created).Bind(instance.Created)
            .Bind(instance.Tags is { Count: > 0 } ? JsonSerializer.Serialize(instance.Tags) : null).Bind(instance.Trace)
            .Bind(instance.Parent?.Number).Bind(instance.Parent?.TaskId).Bind(instance.Parent?.Id).Bind(instance.Parent?.Name).Run();
        InsertHistory(instance.Number, 0, instance.Start);
        if (instance.StartAt is { } start)
            InsertTimer(instance.Number, StoredTimer.Start, start);
    }

    private void InsertHistory(long instance, int row, HistoryStep step) => writer.Prepare("INSERT INTO history (instance, row, data) VALUES (?, ?, ?)")
        .Bind(instance).Bind(row).Bind(HistoryCodec.Encode(step)).Run();

    private void Insert(long instance, NewActivity activity) => writer.Prepare("INSERT INTO activities (instance, task, name, input) VALUES (?, ?, ?, ?)")
        .Bind(instance).Bind(activity.TaskId).Bind(activity.Name).Bind(activity.Input).Run();

    private void InsertTimer(long instance, int task, DateTime due) => writer.Prepare("INSERT INTO timers (instance, task, due) VALUES (?, ?, ?)")
        .Bind(instance).Bind(task).Bind(due).Run();

    private Delivery Deliver(long instance, HistoryEvent message)
    {
        long number = ++lastMessage;
        writer.Prepare("INSERT INTO inbox (instance, number, data) VALUES (?, ?, ?)").Bind(instance).Bind(number).Bind(HistoryCodec.Encode(message)).Run();
        return new(instance, number, message);
    }

    private void Delete(long instance)
    {
        DeleteWork(instance);
        writer.Prepare("DELETE FROM history WHERE instance = ?").Bind(instance).Run();
        writer.Prepare("DELETE FROM instances WHERE number = ?").Bind(instance).Run();
    }

    private void DeleteWork(long instance)
    {
        writer.Prepare("DELETE FROM activities WHERE instance = ?").Bind(instance).Run();
        writer.Prepare("DELETE FROM timers WHERE instance = ?").Bind(instance).Run();
        writer.Prepare("DELETE FROM inbox WHERE instance = ?").Bind(instance).Run();
    }

    private (long Number, OrchestrationRuntimeStatus Status)? FindByid(string id)
    {
        using HubStatement statement = writer.Prepare("SELECT number, status FROM instances WHERE id = ?").Bind(id);
        return statement.Step() ? (statement.GetNumber(0), (OrchestrationRuntimeStatus)statement.GetInt32(1)) : null;
    }

    private (long Number, OrchestrationRuntimeStatus Status)? FindByNumber(long number)
    {
        using HubStatement statement = writer.Prepare("SELECT number, status FROM instances WHERE number = ?").Bind(number);
        return statement.Step() ? (statement.GetNumber(0), (OrchestrationRuntimeStatus)statement.GetInt32(1)) : null;
    }

    private List<long> ChildrenOf(long parent)
    {
        using HubStatement statement = writer.Prepare("SELECT number FROM instances WHERE parent = ? ORDER BY number").Bind(parent);
        List<long> children = [];
        while (statement.Step())
            children.Add(statement.GetNumber(0));
        return children;
    }

    private static bool IsEnd(OrchestrationRuntimeStatus status) => status
        is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;
}
