using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Chaos;

/// <summary>Orchestrations that end the whole process, until the file <c>cured</c> lies in its folder; others run beside them.</summary>
public static class Poison
{
    private static string folder = "";

    /// <summary>To be called before the host starts: what an earlier life left runs at once.</summary>
    public static void UseFolder(string data) => folder = data;

    /// <summary>Runs until what kills has been set aside; then it is released, cured, and ends.</summary>
    public static async Task RunAsync(IHost host, string orchestrator)
    {
        DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        await StartOnceAsync(client, nameof(Good), "good");
        await StartOnceAsync(client, orchestrator, "poison");
        while (administration.ListSetAside().Count == 0)
            await Task.Delay(10);
        SetAsideInstance held = administration.ListSetAside()[0];
        Console.WriteLine($"set aside: {held.InstanceId}: {held.Reason}");
        Console.WriteLine($"history: {string.Join("; ", administration.Inspect(held.InstanceId))}");
        await client.RaiseEventAsync("good", "go");
        Console.WriteLine($"good: {(await client.WaitForInstanceCompletionAsync("good")).RuntimeStatus}");
        await File.WriteAllTextAsync(Path.Combine(folder, "cured"), "");
        await administration.ReleaseAsync(held.InstanceId);
        Console.WriteLine($"released: {(await client.WaitForInstanceCompletionAsync(held.InstanceId)).RuntimeStatus}");
        await host.StopAsync();
    }

    [Function(nameof(DiesAtOnce))]
    public static void DiesAtOnce([OrchestrationTrigger] TaskOrchestrationContext context) => Die();

    [Function(nameof(DiesLater))]
    public static async Task DiesLater([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        Die();
    }

    [Function(nameof(DiesInActivity))]
    public static Task DiesInActivity([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync(nameof(Deadly));

    [Function(nameof(Deadly))]
    public static void Deadly([ActivityTrigger] object? input) => Die();

    [Function(nameof(Good))]
    public static Task Good([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<object?>("go");

    private static void Die()
    {
        if (File.Exists(Path.Combine(folder, "cured")))
            return;
        Console.WriteLine("dies");
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite); // the signal is on its way
    }

    private static async Task StartOnceAsync(DurableTaskClient client, string name, string id)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                name, new StartOrchestrationOptions(id).WithDedupeStatuses([.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]));
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // an earlier life has started it
        }
    }
}
