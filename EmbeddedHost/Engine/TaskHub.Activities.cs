using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Activities: each runs after the step that called it is durable, and again if the process ends before its result is.</summary>
internal sealed partial class TaskHub
{
    /// <summary>Activities whose inputs are kept in memory while they wait; those of the others are read when their turn comes.</summary>
    private const int InputsKept = 4_096;

    private readonly Queue<PendingActivity> pendingActivities = [];
    private int runningActivities;
    private bool activitiesHeld;
    private TaskCompletionSource? activitiesEnded;

    private void Enqueue(PendingActivity activity)
    {
        bool keep = pendingActivities.Count < InputsKept;
        pendingActivities.Enqueue(keep ? activity : activity with { Input = null, HasInput = false });
    }

    private void DispatchActivities()
    {
        while (!activitiesHeld && runningActivities < limits.Activities && pendingActivities.TryDequeue(out PendingActivity? activity))
        {
            runningActivities++;
            scheduler.Run(() => _ = RunActivityAsync(activity));
        }
    }

    private async Task RunActivityAsync(PendingActivity activity)
    {
        try
        {
            if (activity.IsSuspect && !await MayRunAgainAsync(activity))
                return;
            if (Read(activity) is not { } readable)
                return;
            HistoryEvent? ended = await AttemptAsync(readable);
            if (ended is null)
                return; // the host stops: it runs again at the next start
            lock (gate)
                Tell(Get(activity.Instance), new(ended, Generation: activity.Generation, Origin: MessageOrigin.Activity));
        }
        catch (TaskHubUnavailableException unavailable)
        {
            LogUnreadable(activity.InstanceId is { Length: > 0 } id ? id : $"#{activity.Instance}", unavailable.Message);
            RetryLater(() => Enqueue(activity));
        }
        finally
        {
            lock (gate)
            {
                runningActivities--;
                Dispatch();
                if (activitiesHeld && runningActivities == 0)
                    activitiesEnded?.TrySetResult();
            }
        }
    }

    /// <summary>Null when it is no longer wanted.</summary>
    private PendingActivity? Read(PendingActivity activity)
    {
        if (activity.HasInput)
            return activity;
        StoredInstance? instance = store.Find(activity.Instance);
        return instance is null or { HasEnded: true } ? null : activity with
        {
            Input = store.ReadActivityInput(activity.Instance, activity.TaskId), HasInput = true, InstanceId = instance.Id, Trace = instance.Trace,
        };
    }

    /// <summary>Null when the host stops before it has ended.</summary>
    private async Task<HistoryEvent?> AttemptAsync(PendingActivity activity)
    {
        if (!activities.Knows(activity.Name))
            return new TaskFailed(activity.TaskId, new("ActivityTaskNotFound", $"No activity task named '{activity.Name}' was found.", null, null, null), CanRetry: false);
        CancellationTokenSource cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        Task<string?>? run = null;
        using Metering.Span span = Metering.ActivityAttempt(activity.Name, activity.InstanceId, activity.Trace);
        try
        {
            run = activities.RunAsync(new(activity.Name, activity.Input, activity.InstanceId, activity.Trace), cancellation.Token);
            string? result = await run.WaitAsync(limits.ActivityTimeout, clock);
            cancellation.Dispose();
            return new TaskCompleted(activity.TaskId, result);
        }
        catch (TimeoutException) when (run is { IsCompleted: false })
        {
            span.Failed(new TimeoutException());
            LogActivityTimeout(activity.Name, activity.InstanceId, limits.ActivityTimeout);
            await cancellation.CancelAsync();
            _ = run.ContinueWith(late => late.Exception, TaskScheduler.Default); // what it still does is of no interest
            return new TaskFailed(activity.TaskId, TimedOut(activity.Name), CanRetry: true);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure)
        {
            span.Failed(failure);
            cancellation.Dispose();
            return new TaskFailed(activity.TaskId, TaskFailureDetails.OfChain(failure), CanRetry: true);
        }
    }

    private TaskFailureDetails TimedOut(string name) => new(
        typeof(TimeoutException).FullName!, $"The activity '{name}' did not end within {limits.ActivityTimeout}.", StackTrace: null, InnerFailure: null, Properties: null);

    private Task ActivitiesEnded()
    {
        if (runningActivities == 0)
            return Task.CompletedTask;
        activitiesEnded ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return activitiesEnded.Task;
    }

    /// <param name="Instance">Whose it is.</param>
    /// <param name="TaskId">Its action.</param>
    /// <param name="Name">The activity's.</param>
    private sealed record PendingActivity(long Instance, int TaskId, string Name)
    {
        /// <summary>Null when it is not known; then only the current one can be meant.</summary>
        public int? Generation { get; init; }

        public string? Input { get; init; }

        public bool HasInput { get; init; }

        public string InstanceId { get; init; } = "";

        public string? Trace { get; init; }

        public int Suspicions { get; init; }

        public bool IsSuspect { get; init; }
    }
}
