using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Cli;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Cancelling from the API and from the command line, through the real service and agent to the real AzCopy.</summary>
public sealed class CancelTests : SharedJourney
{
    private const int Large = 1_000_000;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_MAX_RUNNING_TRANSFERS"] = "1" };

    [Test]
    public async Task RunningCool_CancelledByTheApi_EndsAzCopyAndARetryGoesWell()
    {
        string project = await ProjectAsync("cool", Large);
        IReadOnlyList<string> before = FolderListing.Of(project);
        HeldRequests held = Faults.HoldWrites("cool/cool/big.bin");
        string id = await CopyingAsync("cool", "cool", held);
        IReadOnlyList<int> azCopy = Service.ProcessesOf("TIERING_JOB");
        azCopy.Should().ContainSingle();
        // What is not held: no write under way outlives the cancellation.
        await Service.WaitAsync(() => Azurite.ListAsync("cool"), names => names.Count(name => name.StartsWith("cool/", StringComparison.Ordinal)) == 2, "the other blobs");

        await CancelledAzCopy.WatchAsync(Service, () => Service.SendAsync(HttpMethod.Post, $"/api/operations/{id}/cancel"));

        JsonElement failed = await CancelledAsync(id, "cool");
        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("cool/", StringComparison.Ordinal));
        held.Dispose();
        Succeeded(await Service.RetryAsync(failed));
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task RunningRestore_CancelledByTheCommandLine_EndsAzCopyLeavesOthersFilesAndARetryGoesWell()
    {
        string project = await ProjectAsync("restore", Large);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await SucceedAsync("restore", "cool");
        await Service.DeleteSourceAsync("restore");
        HeldRequests held = Faults.HoldReads("cool/restore/big.bin");
        string id = await CopyingAsync("restore", "restore", held);
        await File.WriteAllTextAsync(Path.Combine(project, "somebody-elses.txt"), "written meanwhile");

        CommandLine command = new(Service.Http.BaseAddress!, Service.Http.DefaultRequestHeaders.Authorization!.Parameter);
        int exit = 0;
        await CancelledAzCopy.WatchAsync(Service, async () => exit = await command.RunAsync("operation", "cancel", id, "--wait"));

        TestContext.Out.WriteLine($"{exit}: {command.Output}{command.Error}");
        (command.Output + command.Error).Should().Contain("cancelled");
        JsonElement failed = await CancelledAsync(id, "restore");
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Should().Equal(Path.Combine(project, "somebody-elses.txt"));
        File.Delete(Path.Combine(project, "somebody-elses.txt"));
        held.Dispose();
        Succeeded(await Service.RetryAsync(failed));
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Pending_Cancelled_NeverBeginsAndLeavesTheProjectAsItWas()
    {
        await ProjectAsync("first", Large);
        await ProjectAsync("waiting");
        HeldRequests held = Faults.HoldWrites("cool/first/big.bin");
        string running = await CopyingAsync("first", "cool", held);
        string waiting = await Service.AskAsync("waiting", "cool");
        (await Service.ShowAsync(waiting)).GetProperty("status").GetString().Should().Be("PENDING");

        await Service.SendAsync(HttpMethod.Post, $"/api/operations/{waiting}/cancel");

        Failed(await Service.EndOfAsync(waiting), "cancelled");
        (await Service.StateAsync("waiting")).Should().Be("HOT");
        (await Service.ShowAsync(running)).GetProperty("status").GetString().Should().Be("RUNNING");
        held.Dispose();
        Succeeded(await Service.EndOfAsync(running));
        Succeeded(await Service.RetryAsync(await Service.ShowAsync(waiting)));
    }

    [Test]
    public async Task Running_CancelledWhileAgentAndAzCopyStandStill_IsEndedByTheService()
    {
        await ProjectAsync("deaf", Large);
        HeldRequests held = Faults.HoldWrites("cool/deaf/big.bin");
        string id = await CopyingAsync("deaf", "cool", held);
        await Signals.FreezeAsync(Service.ProcessesOf("TIERING_AGENT_JOB").Concat(Service.ProcessesOf("TIERING_JOB")));

        await Service.SendAsync(HttpMethod.Post, $"/api/operations/{id}/cancel");

        JsonElement failed = await CancelledAsync(id, "deaf");
        held.Dispose();
        Succeeded(await Service.RetryAsync(failed));
    }

    /// <summary>An operation whose AzCopy is at work, and cannot end while requests are held.</summary>
    private async Task<string> CopyingAsync(string slug, string what, HeldRequests held)
    {
        string id = await Service.AskAsync(slug, what);
        await held.ArriveAsync();
        await Service.WaitAsync(
            () => Task.FromResult(Core.AtomicFile.ReadJson<TransferProgress>(Path.Combine(Service.JobOf(id), JobFiles.Progress))),
            progress => progress?.AzCopyJobs.Count > 0 && Service.ProcessesOf("TIERING_JOB").Count == 1,
            $"AzCopy of {id}");
        return id;
    }

    private async Task<JsonElement> CancelledAsync(string id, string slug)
    {
        JsonElement failed = Failed(await Service.EndOfAsync(id), "cancelled");
        (await Service.StateAsync(slug)).Should().Be("ERROR");
        await Eventually.IsTrueAsync(() => Service.ProcessesOf("TIERING_AGENT_JOB").Count == 0);
        Service.ProcessesOf("TIERING_JOB").Should().BeEmpty();
        return failed;
    }
}
