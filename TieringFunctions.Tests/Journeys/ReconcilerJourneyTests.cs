using System.Text.Json;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Row and task hub fall apart, in the real service: the reconciler brings them together again.</summary>
public sealed class ReconcilerJourneyTests : SharedJourney
{
    [Test]
    public async Task ServiceKilledBetweenAcceptanceAndStart_OperationIsStartedAndEnds()
    {
        await ProjectAsync("accepted");
        OperationKey key = new(ProjectSlug.Parse("accepted"), OperationType.Cool, Guid.NewGuid());
        await Service.KillAsync();
        await using (SqliteDatabase database = new(Path.Combine(Service.Data, "tiering.db")))
            await new SqliteCatalogue(database, TimeProvider.System, dropIn: false).AcceptAsync(new OperationRequest(key, "operator"), default);
        await Service.StartAgainAsync();

        Succeeded(await Service.EndOfAsync(key.Id.ToString("D")));
        (await Service.StateAsync("accepted")).Should().Be("COOL");
    }

    [Test]
    public async Task InstanceTerminatedOrPurgedOutside_OperationFailsAndNothingStays()
    {
        HeldRequests held = Faults.HoldWrites("cool/*/notes.txt");
        string terminated = await CopyingAsync("terminated");
        string purged = await CopyingAsync("purged");
        await EndInstanceAsync(terminated);
        await EndInstanceAsync(purged);
        string instance = InstanceOf(purged);
        await Service.SendAsync(HttpMethod.Delete, $"/api/instances/{instance}");
        await Service.KillAsync(); // the reconciler looks at once when the service starts
        await Service.StartAgainAsync();

        JsonElement[] failed = [Failed(await Service.EndOfAsync(terminated), "orchestration-terminated"), await Service.EndOfAsync(purged)];

        // At a full minute the reconciler may have come between the end of the instance and its removal.
        failed[1].GetProperty("error").GetProperty("code").GetString().Should().BeOneOf("orchestration-purged", "orchestration-terminated");
        Service.ProcessesOf("TIERING_AGENT_JOB").Should().BeEmpty();
        Service.ProcessesOf("TIERING_JOB").Should().BeEmpty();
        held.Dispose();
        foreach (JsonElement operation in failed)
        {
            string slug = operation.GetProperty("project").GetString()!;
            JsonElement project = await Service.SendAsync(HttpMethod.Get, $"/api/projects/{slug}");
            project.GetProperty("state").GetString().Should().Be("ERROR");
            project.TryGetProperty("claim", out _).Should().BeFalse();
            string access = Path.Combine(Service.JobOf(operation.GetProperty("id").GetString()!), JobFiles.Access);
            await Eventually.IsTrueAsync(() => !File.Exists(access)); // it is removed after the outcome can be seen
            Succeeded(await Service.RetryAsync(operation));
        }
    }

    /// <summary>An operation whose agent and AzCopy are at work, and stand still, so that they cannot end by themselves.</summary>
    private async Task<string> CopyingAsync(string slug)
    {
        await ProjectAsync(slug);
        string id = await Service.AskAsync(slug, "cool");
        await Service.PhaseAsync(id, TransferPhase.Copy);
        await Signals.FreezeAsync(Service.ProcessesOf("TIERING_AGENT_JOB").Concat(Service.ProcessesOf("TIERING_JOB")));
        return id;
    }

    private async Task EndInstanceAsync(string operation)
    {
        string instance = InstanceOf(operation);
        await Service.SendAsync(HttpMethod.Post, $"/api/instances/{instance}/terminate", new { reason = "test" });
        await Service.WaitAsync(
            () => Service.SendAsync(HttpMethod.Get, $"/api/instances/{instance}"),
            shown => shown.GetProperty("status").GetString() == "TERMINATED",
            $"the end of {instance}");
    }

    private string InstanceOf(string operation) => Path.GetFileName(Service.JobOf(operation));
}
