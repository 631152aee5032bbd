using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Runs the engine while the host runs.</summary>
internal sealed class TaskHubHost(
    HostSettings settings, Orchestrators orchestrators, IActivityRunner activities, Payloads payloads, TimeProvider clock, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    private SqliteTaskHubStore? store;
    private CommitThread? thread;
    private TaskHub? hub;

    /// <exception cref="TaskHubUnavailableException">The host has not been started.</exception>
    public TaskHub Hub => hub ?? throw new TaskHubUnavailableException("The task hub has not been started yet.");

    /// <inheritdoc cref="Hub"/>
    public ITaskHubStore Store => store ?? throw new TaskHubUnavailableException("The task hub has not been started yet.");

    /// <summary>Replays an instance against this build; null when it matches, else the first difference.</summary>
    public string? Replay(StoredInstance instance)
    {
        IReadOnlyList<byte[]> rows = Store.ReadHistory(instance.Number);
        return Replay(services => Replaying.FindMismatch(instance, rows, services));
    }

    /// <summary>The same for a history that lies elsewhere.</summary>
    public string? Replay(Func<ExecutionServices, string?> find)
    {
        Task<string?> replay = Task.Run(() => find(new(orchestrators.Find, payloads, loggers)));

        // An orchestrator that never blocks keeps its thread, which ends with the process.
        return replay.Wait(settings.Limits.StepTimeout)
            ? replay.GetAwaiter().GetResult()
            : $"The orchestrator did not come to a wait within {settings.Limits.StepTimeout.TotalSeconds:0.#} s.";
    }

    /// <inheritdoc cref="SqliteTaskHubStore.Hinder"/>
    internal void Hinder(string pragma) => store!.Hinder(pragma);

    /// <summary>Opens the task hub to look at it; nothing runs, and nothing is written.</summary>
    /// <exception cref="TaskHubUnavailableException">There is none, or a process has it.</exception>
    public void OpenOnly() => store = SqliteTaskHubStore.OpenToRead(settings.DatabasePath);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        store = new(settings.DatabasePath);
        thread = new();
        ExecutionServices services = new(orchestrators.Find, payloads, loggers);
        hub = new(store, services, activities, new PoolScheduler(), clock, settings.Limits, loggers.CreateLogger<TaskHub>(), thread.Wake);
        hub.Start();
        thread.Start(hub.Commits);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (hub is null || thread is null || store is null)
            return;
        await hub.StopAsync(cancellationToken);
        thread.Dispose();
        thread = null;
        if (hub.Trouble is null)
            store.Close();
        store.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (thread is not null)
            await StopAsync(new CancellationToken(canceled: true));
        hub?.Dispose();
        store?.Dispose();
    }
}
