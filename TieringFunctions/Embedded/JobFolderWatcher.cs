using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Embedded;

/// <summary>
/// Wakes the orchestration of a job as soon as its agent has written the verdict, by the kernel's own notice. A notice that is lost costs
/// one look interval, nothing else.
/// </summary>
/// <param name="root">The folder <c>jobs</c>.</param>
public sealed class JobFolderWatcher(string root, DurableTaskClient client, ILogger<JobFolderWatcher> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Channel<string> ended = Channel.CreateUnbounded<string>();
        using FileSystemWatcher watcher = new(root, JobFiles.Verdict) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName };
        watcher.Created += (_, change) => ended.Writer.TryWrite(change.FullPath);
        watcher.Renamed += (_, change) => ended.Writer.TryWrite(change.FullPath);
        watcher.EnableRaisingEvents = true;
        await foreach (string verdict in ended.Reader.ReadAllAsync(stoppingToken))
            await WakeAsync(Path.GetFileName(Path.GetDirectoryName(verdict)!), stoppingToken);
    }

    private async Task WakeAsync(string instanceId, CancellationToken cancellation)
    {
        try
        {
            await client.RaiseEventAsync(instanceId, TransferOrchestration.JobChanged, "verdict", cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.LogDebug(failure, "{Instance} could not be woken", instanceId); // it has ended, or looks by itself soon
        }
    }
}
