using System.Text.Json;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Emulators.ContainerJobs;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;

namespace Tiering.Tests.ContainerJobs;

/// <summary>Operations whose agents run as executions of a container job, from request to outcome, and what goes wrong on the way.</summary>
public sealed class ContainerJourneyTests
{
    private const int Big = 48 << 20;

    private ContainerLab lab = null!;

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task CoolDeletedAndRestored_IsWhatItWas()
    {
        lab = await ContainerLab.StartAsync();
        string project = await lab.ProjectAsync("demo", bigBytes: 1 << 20);
        IReadOnlyList<string> before = FolderListing.Of(project);

        JsonElement cooled = await SucceedAsync("demo", "cool");
        cooled.GetProperty("total").GetProperty("files").GetInt64().Should().Be(3);
        (await lab.Service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", lab.Describe());
        await SucceedAsync("demo", "restore");

        FolderListing.Of(project).Should().Equal(before);
        lab.Jobs.Executions.Should().HaveCount(2).And.OnlyContain(execution => execution.Arguments[1] == "1");
    }

    [Test]
    public async Task Executions_WhatTheApiShowsOfThem_HoldsNoSecret()
    {
        lab = await ContainerLab.StartAsync();
        await lab.ProjectAsync("demo");
        await SucceedAsync("demo", "cool");

        ExecutionView execution = lab.Jobs.Executions.Should().ContainSingle().Subject;
        execution.Template.Should().NotContain("sig=").And.NotContain(AzuriteServer.Key).And.NotContain("eyJ").And.NotContain(lab.Jobs.IdentityEnvironment["IDENTITY_HEADER"]);
        await AccessGoneAsync();
        lab.Describe().Should().NotMatchRegex("sig=(?!REDACTED)").And.NotContain("eyJ");
    }

    [Test]
    public async Task Cancelled_WhileItCopies_EndsTheExecution()
    {
        lab = await ContainerLab.StartAsync();
        await lab.ProjectAsync("demo", 1 << 20);
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/big.bin");
        string id = await lab.Service.AskAsync("demo", "cool");
        ExecutionView execution = await InPhaseAsync(id, TransferPhase.Copy);
        await held.ArriveAsync();

        await lab.Service.SendAsync(HttpMethod.Post, $"/api/operations/{id}/cancel");

        Failed(await lab.Service.EndOfAsync(id), "cancelled");
        await AgentsGoneAsync();
        lab.Jobs.Executions.Should().ContainSingle().Which.Name.Should().Be(execution.Name);
    }

    /// <summary>An agent in a container has the job's environment and not the service's: bounds by the clock are given there.</summary>
    [Test]
    public async Task Timetable_OfTheJob_BoundsItsAgentsAtAnyHour()
    {
        lab = await ContainerLab.StartAsync(options =>
        {
            options.Environment["AZCOPY_CAP_MBPS"] = "none;00:00-12:00=64;12:00-00:00=64";
            options.Environment["TIERING_TIME_ZONE"] = "Pacific/Auckland";
        });
        await lab.ProjectAsync("demo", bigBytes: 1 << 20);

        await SucceedAsync("demo", "cool");

        lab.Describe().Should().Contain("--cap-mbps=64");
    }

    [Test]
    public async Task Progress_OfARunningExecution_IsShown()
    {
        lab = await ContainerLab.StartAsync();
        await lab.ProjectAsync("demo", Big);
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/big.bin", skip: 2); // of its six blocks
        string id = await lab.Service.AskAsync("demo", "cool");
        JsonElement shown = await lab.Service.WaitAsync(
            () => lab.Service.ShowAsync(id), operation => operation.GetProperty("percent").GetDouble() is > 0 and < 100, "progress of " + id);

        shown.GetProperty("status").GetString().Should().Be("RUNNING");
        shown.GetProperty("total").GetProperty("files").GetInt64().Should().Be(3);
        held.Dispose();
        Succeeded(await lab.Service.EndOfAsync(id));
    }

    /// <summary>Containers die with everything in them, disks included, one in each phase; the next attempts go on from the job folders.</summary>
    [Test]
    public async Task AgentsKilled_OneInEachPhase_AreFollowedByOthersThatEndRight()
    {
        TransferPhase[] phases = [.. Enum.GetValues<TransferPhase>().Where(phase => phase != TransferPhase.Done)];
        lab = await ContainerLab.StartAsync(
            options =>
            {
                options.Environment["AZCOPY_CAP_MBPS"] = "40";
                LoseLeasesSoon(options);
            },
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_MAX_RUNNING_TRANSFERS"] = "8" });
        // Phases are told by writes of progress.json: slower ones make phases that can be hit.
        lab.Faults.Add(new FaultRule { Server = "blobs", Method = "PUT", Path = $"jobs/*/{JobFiles.Progress}", DelayMilliseconds = 200 });

        await Task.WhenAll(phases.Select(KillAsync));

        await AgentsGoneAsync();

        async Task KillAsync(TransferPhase phase)
        {
            string slug = $"in-{phase}".ToLowerInvariant();
            string project = await lab.ProjectAsync(slug, 12 << 20);
            HeldRequests held = HoldVerdict(slug, "cool");
            string id = await lab.Service.AskAsync(slug, "cool");
            ExecutionView execution = await InPhaseAsync(id, phase);
            lab.Jobs.Lose(execution.Name, forget: phase == TransferPhase.Copy); // some are not even remembered
            await lab.RunningAsync(id, attempt: 2);
            held.Dispose();

            Succeeded(await lab.Service.EndOfAsync(id)).GetProperty("copied").GetProperty("files").GetInt64().Should().Be(3);
            byte[] copy = await lab.Azurite.GetBlobAsync("cool", $"{slug}/big.bin");
            byte[] original = await File.ReadAllBytesAsync(Path.Combine(project, "big.bin"));
            copy.AsSpan().SequenceEqual(original).Should().BeTrue();
            lab.Jobs.Executions.Should().Contain(one => one.Arguments[0] == execution.Arguments[0] && one.Arguments[1] == "2", $"the agent in {phase} was killed");
        }
    }

    [Test]
    public async Task AgentKilled_WhileItRestores_IsFollowedByOneThatPutsEverythingBack()
    {
        lab = await ContainerLab.StartAsync(LoseLeasesSoon);
        string project = await lab.ProjectAsync("demo", 1 << 20);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await SucceedAsync("demo", "cool");
        (await lab.Service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", lab.Describe());
        HeldRequests held = HoldVerdict("demo", "restore");
        string id = await lab.Service.AskAsync("demo", "restore");

        lab.Jobs.Lose((await lab.RunningAsync(id)).Name, forget: false);
        await lab.RunningAsync(id, attempt: 2);
        held.Dispose();

        Succeeded(await lab.Service.EndOfAsync(id));
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task ExecutionLost_BeforeItsProgramStarts_IsStartedAgain()
    {
        lab = await ContainerLab.StartAsync(options => options.Program = ["/bin/false"]); // an image that does not run
        await lab.ProjectAsync("demo");
        string id = await lab.Service.AskAsync("demo", "cool");
        await lab.WaitAsync(() => lab.Jobs.Executions.Count >= 3 ? lab : null, "a third attempt");

        (await lab.Service.ShowAsync(id)).GetProperty("status").GetString().Should().Be("RUNNING");
        lab.Jobs.Executions.Select(execution => execution.Arguments[1]).Take(3).Should().Equal("1", "2", "3");
    }

    [Test]
    public async Task ExecutionFrozen_LosesItsLeaseAndIsEndedBeforeTheNextStarts()
    {
        lab = await ContainerLab.StartAsync(options =>
        {
            options.EndGrace = TimeSpan.FromSeconds(1);
            LoseLeasesSoon(options);
        });
        await lab.ProjectAsync("demo");
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/*");
        string id = await lab.Service.AskAsync("demo", "cool");
        ExecutionView execution = await InPhaseAsync(id, TransferPhase.Copy);
        await held.ArriveAsync();
        await Signals.FreezeAsync([-execution.ProcessId!.Value]); // its process group

        ExecutionView next = await lab.RunningAsync(id, attempt: 2);

        lab.Jobs.Executions.Single(one => one.Name == execution.Name).Status.Should().Be("Stopped", "there are never two writers");
        next.Arguments[0].Should().Be(execution.Arguments[0]);
        held.Dispose();
        Succeeded(await lab.Service.EndOfAsync(id));
    }

    [Test]
    public async Task ManagementApi_DownForAWhile_DelaysAndHarmsNothing()
    {
        lab = await ContainerLab.StartAsync();
        await lab.ProjectAsync("demo");
        Fault down = lab.Faults.Add(new FaultRule { Server = "jobs", Status = 503 });
        string id = await lab.Service.AskAsync("demo", "cool");
        await lab.WaitAsync(() => down.Fired >= 4 ? lab : null, "requests that are refused");
        lab.Faults.Remove(down.Id);

        Succeeded(await lab.Service.EndOfAsync(id));
        lab.Jobs.Executions.Should().ContainSingle();
    }

    [Test]
    [Category("Long")]
    public async Task ManagementApi_DownForAMinute_DelaysAndHarmsNothing()
    {
        lab = await ContainerLab.StartAsync(options => options.Environment["AZCOPY_CAP_MBPS"] = "20");
        await lab.ProjectAsync("first", Big);
        await lab.ProjectAsync("second");
        string running = await lab.Service.AskAsync("first", "cool");
        await InPhaseAsync(running, TransferPhase.Copy);
        Fault down = lab.Faults.Add(new FaultRule { Server = "jobs", CutRequestAfterBytes = 0 });
        string waiting = await lab.Service.AskAsync("second", "cool");
        await Task.Delay(TimeSpan.FromMinutes(1)); // this is what is tested
        lab.Faults.Remove(down.Id);

        Succeeded(await lab.Service.EndOfAsync(running));
        Succeeded(await lab.Service.EndOfAsync(waiting));
        lab.Jobs.Executions.Should().HaveCount(2);
    }

    [Test]
    public async Task Start_TimedOutAfterActing_StartsOneExecution()
    {
        lab = await ContainerLab.StartAsync();
        await lab.ProjectAsync("demo");
        lab.Faults.Add(new FaultRule { Server = "jobs", Operation = "StartJob", CutResponseAfterBytes = 0, Count = 1 });
        lab.Faults.Add(new FaultRule { Server = "jobs", Operation = "ListExecutions", Status = 429, RetryAfterSeconds = 1, Skip = 1, Count = 1 });

        await SucceedAsync("demo", "cool");

        lab.Jobs.Executions.Should().ContainSingle();
    }

    [Test]
    [Category("Long")]
    public async Task Start_DoneTwiceBecauseTheListIsLate_IsOneTransferOnly()
    {
        lab = await ContainerLab.StartAsync(options =>
        {
            options.ListLag = TimeSpan.FromSeconds(20);
            options.Environment["AZCOPY_CAP_MBPS"] = "40";
        });
        await lab.ProjectAsync("demo", 16 << 20);
        lab.Faults.Add(new FaultRule { Server = "jobs", Operation = "StartJob", CutResponseAfterBytes = 0, Count = 1 });
        string id = await lab.Service.AskAsync("demo", "cool");

        JsonElement operation = Succeeded(await lab.Service.EndOfAsync(id));

        lab.Jobs.Executions.Should().HaveCountGreaterThan(1).And.OnlyContain(execution => execution.Arguments[1] == "1");
        operation.GetProperty("azCopyJobs").GetArrayLength().Should().Be(1, "who does not hold the lease copies nothing");
    }

    /// <summary>
    /// One operation through five deaths of the service: before its job is started; when the start was carried out and not answered; while the
    /// agent copies; when the result lies there unread; between outcome and clean-up. Each request at which it dies is held, so none is missed.
    /// </summary>
    [TestCase("cool")]
    [TestCase("restore", Category = "Long")]
    public async Task Service_KilledInEveryPhaseOfAJob_BringsItToItsOneEnd(string what)
    {
        lab = await ContainerLab.StartAsync();
        string project = await lab.ProjectAsync("demo", 1 << 20);
        IReadOnlyList<string> before = FolderListing.Of(project);
        if (what == "restore")
        {
            await SucceedAsync("demo", "cool");
            (await lab.Service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", lab.Describe());
        }
        int earlier = lab.Jobs.Executions.Count;
        HeldRequests copying = what == "cool" ? lab.Faults.HoldWrites("cool/demo/*") : lab.Faults.HoldReads("cool/demo/*");
        HeldRequests verdict = HoldVerdict("demo", what);
        HeldRequests starting = new(lab.Faults, new FaultRule { Server = "jobs", Operation = "GetJob" });
        string id = await lab.Service.AskAsync("demo", what);

        await DieAtAsync(starting);
        lab.Jobs.Executions.Should().HaveCount(earlier, "it died before the start");

        lab.Faults.Add(new FaultRule { Server = "jobs", Operation = "StartJob", CutResponseAfterBytes = 0, Count = 1 });
        HeldRequests asking = new(lab.Faults, new FaultRule { Server = "jobs", Operation = "ListExecutions", Skip = 1 }); // the first comes before the start
        await lab.Service.StartAgainAsync();
        await DieAtAsync(asking);
        lab.Jobs.Executions.Should().HaveCount(earlier + 1, "it died after a start that nobody answered");

        await lab.Service.StartAgainAsync();
        ExecutionView execution = await InPhaseAsync(id, TransferPhase.Copy);
        await DieAtAsync(copying);
        await verdict.ArriveAsync(); // the agent works on alone

        HeldRequests reading = lab.Faults.HoldReads($"jobs/{execution.Arguments[0]}/{JobFiles.Verdict}");
        await lab.Service.StartAgainAsync();
        verdict.Dispose();
        await AgentsGoneAsync();
        await DieAtAsync(reading);

        HeldRequests closing = new(lab.Faults, new FaultRule { Server = "blobs", Method = "DELETE", Path = $"jobs/{execution.Arguments[0]}/{JobFiles.Access}" });
        await lab.Service.StartAgainAsync();
        await closing.ArriveAsync();
        Succeeded(await lab.Service.ShowAsync(id));
        await DieAtAsync(closing);

        await lab.Service.StartAgainAsync();
        await AccessGoneAsync();
        Succeeded(await lab.Service.EndOfAsync(id)).GetProperty("copied").GetProperty("files").GetInt64().Should().Be(3);
        lab.Jobs.Executions.Skip(earlier).Should().ContainSingle("one agent did it all").Which.Arguments[1].Should().Be("1");
        FolderListing.Of(project).Should().Equal(before);
        byte[] copy = await lab.Azurite.GetBlobAsync("cool", "demo/big.bin");
        byte[] original = await File.ReadAllBytesAsync(Path.Combine(project, "big.bin"));
        copy.AsSpan().SequenceEqual(original).Should().BeTrue();

        async Task DieAtAsync(HeldRequests held)
        {
            await held.ArriveAsync();
            await lab.Service.KillAsync();
            held.Dispose();
        }
    }

    /// <summary>Where agents lose their leases the next need not wait a minute; elsewhere an agent keeps its lease however slow the machine is.</summary>
    private static void LoseLeasesSoon(ContainerJobsOptions options) => options.Environment["TIERING_LEASE_SECONDS"] = "15";

    /// <summary>An agent exits a moment after its verdict.</summary>
    private async Task AgentsGoneAsync() => await lab.WaitAsync(() => lab.Jobs.Executions.All(one => one.ProcessId is null) ? lab : null, "the end of all agents");

    /// <summary>Access is removed with the end of the job, after its outcome can be seen.</summary>
    private async Task AccessGoneAsync() => await lab.Service.WaitAsync(
        () => lab.Azurite.ListAsync("jobs"), names => !names.Any(name => name.EndsWith($"/{JobFiles.Access}", StringComparison.Ordinal)), "the removal of the access");

    /// <summary>An agent does not end before it is killed.</summary>
    private HeldRequests HoldVerdict(string slug, string what) => lab.Faults.HoldWrites($"jobs/{ProjectSlug.Parse(slug).Hash}-{what}-*/{JobFiles.Verdict}");

    private async Task<ExecutionView> InPhaseAsync(string id, TransferPhase phase)
    {
        ExecutionView execution = await lab.RunningAsync(id);
        if (phase == TransferPhase.Starting)
            return execution;
        await lab.Service.WaitAsync(() => lab.PhaseAsync(execution), told => told is not null && Phase(told) >= phase, $"phase {phase}", everyMilliseconds: 5);
        return execution;
    }

    private static TransferPhase Phase(string told) => Enum.Parse<TransferPhase>(told.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private async Task<JsonElement> SucceedAsync(string slug, string what) => Succeeded(await lab.Service.MoveAsync(slug, what));

    private JsonElement Succeeded(JsonElement operation)
    {
        operation.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{operation}\n{lab.Describe()}");
        return operation;
    }

    private void Failed(JsonElement operation, string code)
    {
        operation.GetProperty("status").GetString().Should().Be("FAILED", $"{operation}\n{lab.Describe()}");
        operation.GetProperty("error").GetProperty("code").GetString().Should().Be(code);
    }
}
