using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Timers;

/// <summary>Runs the functions that have a timer trigger, each by itself, one run after the other.</summary>
internal sealed partial class TimerFunctions(
    FunctionCatalog catalog, FunctionInvoker invoker, TaskHubHost host, IConfiguration configuration, TimeProvider clock, ILogger<TimerFunctions> logger)
    : IHostedService, IDisposable
{
    /// <summary>A clock that was set is noticed within this time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    private DateTime UtcNow => clock.GetUtcNow().UtcDateTime;

    /// <exception cref="InvalidOperationException">A schedule is not valid.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        (FunctionInfo Function, TimerSchedule Schedule)[] timers =
            [.. catalog.With<TimerTriggerAttribute>().Select(function => (function, Parse(function)))];
        running = Task.WhenAll(timers.Select(timer => RunAsync(timer.Function, timer.Schedule)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAny(running, Task.Delay(Timeout.Infinite, cancellationToken));
    }

    public void Dispose() => stopping.Dispose();

    private TimerSchedule Parse(FunctionInfo function)
    {
        try
        {
            return TimerSchedule.Parse(((TimerTriggerAttribute)function.Trigger).Schedule, configuration);
        }
        catch (InvalidOperationException invalid)
        {
            throw new InvalidOperationException($"Timer function '{function.Name}': {invalid.Message}", invalid);
        }
    }

    private async Task RunAsync(FunctionInfo function, TimerSchedule schedule)
    {
        await Task.Yield();
        TimerTriggerAttribute trigger = (TimerTriggerAttribute)function.Trigger;
        bool monitored = trigger.UseMonitor && !schedule.IsFast(UtcNow);
        try
        {
            ScheduleStatus? status = monitored ? await ReadAsync(function, schedule) : null;
            DateTime? next = status is null ? schedule.Next(UtcNow) : schedule.Next(status.Last == default ? status.LastUpdated : status.Last);
            if (trigger.RunOnStartup)
                await InvokeAsync(function, status, isPastDue: next <= UtcNow);
            while (next is { } due)
            {
                bool late = await WaitAsync(due);
                await InvokeAsync(function, status, late);
                // What was missed in between is caught up by this one run; a clock that was set back repeats nothing.
                DateTime last = due > UtcNow ? due : UtcNow;
                next = schedule.Next(last);
                if (monitored && next is { } following)
                    await SaveAsync(function, status = new() { Last = last, Next = following, LastUpdated = UtcNow });
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the host stops; an interrupted run is past due at the next start
        }
    }

    private async Task<ScheduleStatus> ReadAsync(FunctionInfo function, TimerSchedule schedule)
    {
        if (host.Store.ReadSchedule(function.Name) is { } stored)
            return stored;
        ScheduleStatus first = new() { Next = schedule.Next(UtcNow) ?? default, LastUpdated = UtcNow };
        await SaveAsync(function, first);
        return first;
    }

    /// <summary>Keeps the status, however long the store takes nothing: a run that is not noted would be repeated.</summary>
    private async Task SaveAsync(FunctionInfo function, ScheduleStatus status)
    {
        while (true)
        {
            try
            {
                await host.Hub.RequestAsync(new SaveSchedule(function.Name, status), stopping.Token);
                return;
            }
            catch (Engine.TaskHubUnavailableException unavailable)
            {
                LogNotSaved(function.Name, unavailable.Message);
                await Task.Delay(LongestWait, clock, stopping.Token);
            }
        }
    }

    /// <summary>Returns whether it was due before this was asked.</summary>
    private async Task<bool> WaitAsync(DateTime due)
    {
        if (due <= UtcNow)
            return true;
        for (TimeSpan rest = due - UtcNow; rest > TimeSpan.Zero; rest = due - UtcNow)
        {
            TimeSpan wait = rest < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)) : LongestWait;
            await Task.Delay(wait, clock, stopping.Token);
        }
        return false;
    }

    private async Task InvokeAsync(FunctionInfo function, ScheduleStatus? status, bool isPastDue)
    {
        try
        {
            await invoker.InvokeAsync(function, new TimerInfo { ScheduleStatus = status, IsPastDue = isPastDue }, null, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            LogFailed(error, function.Name); // the next occurrence tries again
        }
    }

    [LoggerMessage(30, LogLevel.Error, "Timer function {Function} failed.")]
    private partial void LogFailed(Exception error, string function);

    [LoggerMessage(31, LogLevel.Warning, "The schedule status of {Function} cannot be stored at present: {Reason}")]
    private partial void LogNotSaved(string function, string reason);
}
