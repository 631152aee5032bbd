using System.Globalization;
using Tiering.EmbeddedHost.Administration;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Embedded;

/// <summary>Archives and purges orchestrations that ended long ago.</summary>
public sealed class InstanceUpkeep(TaskHubAdministration hub, IArchive archive, TimeProvider time) : IUpkeepTask
{
    private const int InstancesInOneStep = 200;
    private string? next;

    public string Name => "orchestrations";

    public async Task<UpkeepStep> RunAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation)
    {
        (IReadOnlyList<EndedInstance> ended, string? following) = hub.ListEnded(before.UtcDateTime, next, InstancesInOneStep);
        next = following; // ended late, though started early: the next round comes by again
        if (ended.Count > 0)
        {
            string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
            await archive.WriteAsync($"orchestrations-{stamp}-{ended[0].Id}", ended, cancellation); // before the first is gone: a crash leaves them twice, never not at all
            foreach (EndedInstance instance in ended)
                await client.PurgeInstanceAsync(instance.Id, cancellation: cancellation);
        }
        return new UpkeepStep(ended.Count, following is not null);
    }
}
