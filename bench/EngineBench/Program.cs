using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Bench;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable.Client;

string folder = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), $"engine-bench-{Environment.ProcessId}");
int finished = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 0;
Directory.CreateDirectory(folder);
double commit = CommitProbe.MedianMilliseconds(folder);

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
builder.Logging.ClearProviders();
builder.Services.Configure<EmbeddedHostOptions>(options =>
{
    options.DataFolder = folder;
    options.Types.Add(typeof(Steps));
});
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();

await Load.RunAsync(client, nameof(Steps.Five), inFlight: 50, count: 500);
if (finished > 0)
    await Load.RunAsync(client, nameof(Steps.Five), inFlight: 400, count: finished);

List<double> rates = [];
Usage before = Usage.Now(folder);
const int PerRun = 5_000;
for (int run = 0; run < 7; run++)
    rates.Add(await Load.RunAsync(client, nameof(Steps.Five), inFlight: 200, PerRun));
Usage after = Usage.Now(folder);
double[] alone = await Load.LatenciesAsync(client, nameof(Steps.Three), 1_000);

Console.WriteLine($"machine      {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one commit   {commit:F3} ms (median of single fsynced commits)"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"five steps   {Load.Median(rates):F0}/s at 200 in flight (runs: {string.Join(", ", rates.Select(rate => rate.ToString("F0", CultureInfo.InvariantCulture)))})"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"three alone  p50 {Load.Percentile(alone, 50):F2} ms, p99 {Load.Percentile(alone, 99):F2} ms; allowed: {(4 * commit) + 1:F2} and {3 * ((4 * commit) + 1):F2} ms"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per step     {(after.Cpu - before.Cpu).TotalMilliseconds * 1000 / (7.0 * PerRun * 6):F0} us CPU, {(after.Written - before.Written) / (7.0 * PerRun * 6):F0} bytes written"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory       {after.Memory / 1e6:F0} MB; file {after.FileBytes / 1e6:F0} MB"));
await host.StopAsync();
if (args.Length == 0)
    Directory.Delete(folder, recursive: true);
