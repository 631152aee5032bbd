using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Functions.Embedded;

/// <summary>Says at start which AzCopy there is. One that is missing or too old keeps transfers from working, not the service: it can be replaced at any time.</summary>
/// <param name="options">Its settings.</param>
/// <param name="asContainer">Whether transfers sign in with the managed identity of a container.</param>
/// <param name="log">Is told what there is.</param>
public sealed class AzCopyStartCheck(AzCopyOptions options, bool asContainer, ILogger<AzCopyStartCheck> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            log.LogInformation("AzCopy is version {Version}", await AzCopyVersion.CheckAsync(options, asContainer, stoppingToken));
        }
        catch (TieringException lack)
        {
            log.LogError("{Lack} Transfers will fail ({Code}).", lack.Message, lack.Code);
        }
        foreach (string warning in options.Warnings)
            log.LogWarning("{Warning}", warning);
    }
}
