using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Storage;
using Tiering.Functions.Activities;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>Runs what histories are recorded of, and knows the code that they are replayed against.</summary>
internal static class GoldenHost
{
    private static readonly Guid Operation = new("11111111-2222-3333-4444-555555555555");

    public static Task<TestHost> StartAsync() => TestHost.StartAsync(
        builder => builder.Services.Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options)),
        typeof(GoldenPrograms),
        typeof(SubstituteActivities),
        typeof(TransferOrchestration),
        typeof(SourceDeletionOrchestration),
        typeof(AdoptOrchestration),
        typeof(PlanOrchestration),
        typeof(OutboxDelivery),
        typeof(NightOrchestration));

    public static ExecutionServices Services(TestHost host) => new(
        host.Services.GetRequiredService<Orchestrators>().Find, host.Services.GetRequiredService<Payloads>(), NullLoggerFactory.Instance);

    /// <summary>Runs each to the point where it is recorded; by the name of the file.</summary>
    public static async Task<IReadOnlyDictionary<string, GoldenHistory>> RecordAsync(TestHost host)
    {
        SubstituteActivities.Forget();
        DurableTaskClient client = host.Client;
        Task StartAsync(string id, string name, object? input = null) => client.ScheduleNewOrchestrationInstanceAsync(name, input, new StartOrchestrationOptions(id));
        OperationKey moving = new(ProjectSlug.Parse("moving"), OperationType.Cool, Operation);
        OperationKey moved = new(ProjectSlug.Parse("moved"), OperationType.Cool, Operation);

        await StartAsync("golden-waits", nameof(GoldenPrograms.GoldenWaits));
        await StartAsync("golden-calls", nameof(GoldenPrograms.GoldenCalls));
        await StartAsync("golden-continues", nameof(GoldenPrograms.GoldenContinues), 0);
        await StartAsync("golden-foreign", nameof(GoldenPrograms.GoldenForeign));
        await client.WaitForInstanceStartAsync("golden-foreign");
        GoldenPrograms.EndForeign(); // between its steps
        await StartAsync("golden-fails", nameof(GoldenPrograms.GoldenBrokenChild));
        foreach (string id in new[] { "golden-suspended", "golden-resumed", "golden-terminated" })
        {
            await StartAsync(id, nameof(GoldenPrograms.GoldenWaits));
            await client.WaitForInstanceStartAsync(id);
        }
        await StartAsync("transfer-midway", nameof(TransferOrchestration), new TransferState(moving));
        await StartAsync("transfer-finished", nameof(TransferOrchestration), new TransferState(moved));
        await StartAsync("source-deletion", nameof(SourceDeletionOrchestration), new DeletionState(moved, 1));
        await StartAsync("adopt", nameof(AdoptOrchestration), ProjectSlug.Parse("adopted"));
        await StartAsync("plan", nameof(PlanOrchestration), new PlanInput(new OperationRequest(moved, "operator")));
        await StartAsync("delivery-midway", nameof(OutboxDelivery), new DeliveryState(SubstituteActivities.Undelivered, Round: 1));
        await StartAsync("delivery-finished", nameof(OutboxDelivery), new DeliveryState(SubstituteActivities.Undelivered + 1, Round: 1));
        await StartAsync("night-midway", nameof(NightOrchestration), WindowOf(SubstituteActivities.LongNight));
        await StartAsync("night-finished", nameof(NightOrchestration), WindowOf(SubstituteActivities.LongNight.AddDays(-1)));

        await client.SuspendInstanceAsync("golden-suspended", "held");
        await client.SuspendInstanceAsync("golden-resumed", "held");
        await client.RaiseEventAsync("golden-suspended", "go", "later");
        await client.RaiseEventAsync("golden-resumed", "go", "now");
        await client.ResumeInstanceAsync("golden-resumed", "on");
        await client.TerminateInstanceAsync("golden-terminated", "enough");
        await client.RaiseEventAsync("golden-calls", "go", "told");
        foreach (string transfer in new[] { "transfer-midway", "transfer-finished" })
            await client.RaiseEventAsync(transfer, TransferOrchestration.JobChanged, "changed");

        foreach (string id in new[] { "golden-calls", "golden-foreign", "golden-fails", "golden-resumed", "golden-terminated", "transfer-finished", "source-deletion", "adopt", "plan", "delivery-finished", "night-finished" })
            await host.EndAsync(id);
        await UntilAsync(host, "golden-suspended", history => history.Any(line => line.Contains("'go'", StringComparison.Ordinal)));
        await UntilAsync(host, "golden-continues", history => history.Any(line => line.Contains("returned", StringComparison.Ordinal)) && InGeneration(host, 1));
        foreach (string midway in new[] { "transfer-midway", "delivery-midway", "night-midway" })
            await UntilAsync(host, midway, history => history[^1].Contains("did a timer", StringComparison.Ordinal));

        ITaskHubStore store = host.Services.GetRequiredService<TaskHubHost>().Store;
        return store.List(new() { Limit = 100 })
            .ToDictionary(instance => instance.Parent is null ? instance.Id : $"child-{instance.Name}", instance => GoldenHistory.Of(instance, store.ReadHistory(instance.Number)));
    }

    private static NightWindow WindowOf(DateOnly date)
    {
        DateTimeOffset opens = new(date, new TimeOnly(22, 0), TimeSpan.Zero);
        return new NightWindow(date, opens, opens.AddHours(6));
    }

    private static bool InGeneration(TestHost host, int generation) =>
        host.Services.GetRequiredService<TaskHubHost>().Store.Find("golden-continues")!.Generation >= generation;

    private static Task UntilAsync(TestHost host, string id, Func<IReadOnlyList<string>, bool> condition) =>
        Eventually.IsTrueAsync(() => condition(host.Services.GetRequiredService<TaskHubAdministration>().Inspect(id)));
}
