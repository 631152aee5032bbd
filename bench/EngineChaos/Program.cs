using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Chaos;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

// engine-chaos FOLDER COUNT: runs so many orchestrations to their ends, going on with those of an earlier, killed run.
// engine-chaos FOLDER ORCHESTRATOR: runs one of the orchestrations that end the process.
string folder = args[0];
bool isPoison = !int.TryParse(args[1], CultureInfo.InvariantCulture, out int count);

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
builder.Logging.ClearProviders();
builder.Services.Configure<EmbeddedHostOptions>(options =>
{
    options.DataFolder = folder;
    options.Types.Add(isPoison ? typeof(Poison) : typeof(Workload));
    options.MaxCachedInstances = 50;
});
using IHost host = builder.Build();
if (isPoison)
    Poison.UseFolder(folder);
await host.StartAsync();
if (isPoison)
{
    await Poison.RunAsync(host, args[1]);
    return 0;
}
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
Console.WriteLine("up");

int wrong = 0;
await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (number, cancellation) =>
{
    string id = string.Create(CultureInfo.InvariantCulture, $"chaos-{number}");
    try
    {
        StartOrchestrationOptions once = new StartOrchestrationOptions(id).WithDedupeStatuses([.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]);
        await client.ScheduleNewOrchestrationInstanceAsync(nameof(Workload.Root), new Workload.Progress(number, 0, ""), once, cancellation);
    }
    catch (OrchestrationAlreadyExistsException)
    {
        // an earlier run has started it
    }
    OrchestrationMetadata end = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellation);
    if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed || end.ReadOutputAs<string>() != Workload.Expect(number) || end.ReadCustomStatusAs<int>() != 2)
    {
        Interlocked.Increment(ref wrong);
        Console.WriteLine($"{id}: {end.RuntimeStatus} {end.SerializedOutput}, expected {Workload.Expect(number)}");
    }
});
int instances = 0;
await foreach (OrchestrationMetadata instance in client.GetAllInstancesAsync())
{
    instances++;
    if (!instance.IsCompleted)
        Console.WriteLine($"{instance.InstanceId} is {instance.RuntimeStatus}");
}
await host.StopAsync();
Console.WriteLine(wrong == 0 && instances == count * 4 ? "all right" : $"{wrong} wrong, {instances} instances");
return wrong;
