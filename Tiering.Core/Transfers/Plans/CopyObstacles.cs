using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Plans;

/// <summary>Finds what a copy by AzCopy would fail of for certain, by the checks that an agent makes before it copies; where an agent stops at the first, all are found. Reads only.</summary>
/// <param name="job">The job that an agent would get.</param>
/// <param name="options">The settings that its AzCopy would have.</param>
/// <param name="place">Where the agent would run.</param>
/// <param name="signsIn">Whether AzCopy would sign in with a managed identity.</param>
public sealed class CopyObstacles(TransferJob job, AzCopyOptions options, AgentPlace place, bool signsIn)
{
    /// <summary>Stands for the tokens of both sides: a command that is never run needs none, and whether AzCopy can sign in is asked by itself.</summary>
    private const string NoToken = "sig=none";

    private readonly List<OperationError> found = [];

    /// <param name="total">What moves; of no files AzCopy is not asked.</param>
    /// <param name="manifest">The same, entry by entry.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<OperationError>> FindAsync(DataSize total, IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation)
    {
        if (total.Files == 0)
            return [];
        AzCopyCommand? command = null;
        await TryAsync(() =>
        {
            command = Command();
            return Task.CompletedTask;
        });
        if (await CopyBlocks.FindTooLargeAsync(manifest, job.Source.Kind, job.Destination.Kind, options.Caps, cancellation) is { } tooLarge)
            found.Add(tooLarge);
        if (place.JobFolders is { } jobs)
        {
            await TryAsync(() => CheckVersionAsync(command, cancellation));
            await TryAsync(() =>
            {
                AzCopyDisk.CheckRoom(options, jobs, Math.Min(total.Files, options.FilesPerJob));
                return Task.CompletedTask;
            });
        }
        return found;
    }

    private AzCopyCommand Command() => AzCopyCommand.Copy(
        new AzCopyEndpoint(job.Source, NoToken), new AzCopyEndpoint(job.Destination, NoToken), AzCopyCopyOptions.Between(job.Source.Kind, job.Destination.Kind), options);

    private async Task CheckVersionAsync(AzCopyCommand? command, CancellationToken cancellation)
    {
        Version version = await AzCopyVersion.CheckAsync(options, asContainer: signsIn && AzCopyWorkspace.HasContainerIdentity, cancellation);
        if (command is not null)
            AzCopyVersion.Demand(version, command);
    }

    private async Task TryAsync(Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (AzCopyException lack)
        {
            found.Add(new OperationError(lack.Code, lack.Message));
        }
    }
}
