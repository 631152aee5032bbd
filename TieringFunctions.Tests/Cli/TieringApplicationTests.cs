using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Cli;
using Tiering.Cli.Api;
using Tiering.Core;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Plans;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

public sealed class TieringApplicationTests
{
    private TempFolder _folder = null!;
    private FakeService _service = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _folder.File("hot/p/a.txt", "a");
        _service = new FakeService(_folder.At("hot"), _folder.At("cool"));
        await _service.StartAsync();
        _service.Projects["p"] = LifecycleState.Hot;
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Cool_Wait_EndsWithTheOperation()
    {
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("cool", "p", "--wait");

        code.Should().Be(ExitCode.Ok, command.Error);
        _service.Projects["p"].Should().Be(LifecycleState.Cool);
        command.Output.Should().Contain("COOL p: RUNNING").And.Contain("COOL of p: SUCCEEDED. 3 files, 4.0 KiB").And.Contain("Proof: full");
    }

    [Test]
    public async Task Cool_IntoAPipe_WritesNoControlCodes()
    {
        CommandLine command = new(_service.Address);

        await command.RunAsync("cool", "p", "--wait");
        await command.RunAsync("operation", "list");
        await command.RunAsync("project", "list");
        await command.RunAsync("restore", "nobody");

        (command.Output + command.Error).Should().NotContain("\u001b").And.Contain("SUCCEEDED");
    }

    [Test]
    public async Task Cool_Failed_ExitsWithOneAndNamesTheReason()
    {
        _service.Outcome = _ => new OperationError("source-changed", "a.txt changed\u001b[31m.", new Dictionary<string, string> { ["path"] = "a.txt" });
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("cool", "p", "--wait");

        code.Should().Be(ExitCode.Failed);
        command.Output.Should().Contain("FAILED").And.Contain("source-changed").And.Contain("a.txt changed\\u001b[31m.").And.Contain("path: a.txt");
    }

    [Test]
    public async Task Operation_Failed_ShowsNothingAsCopied()
    {
        OperationView failed = new(Guid.NewGuid(), "p", OperationType.Cool, OperationStatus.Failed)
        {
            AcceptedAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch.AddSeconds(7),
            Total = new DataSize(5, 10),
            Copied = new DataSize(2, 0),
            Percent = 99.9,
            Error = new OperationError("azcopy-failed", "AzCopy job failed"),
        };
        _service.Operations[failed.Id] = failed;
        CommandLine command = new(_service.Address);

        await command.RunAsync("operation", "show", failed.Id.ToString("D"));
        await command.RunAsync("operation", "show", failed.Id.ToString("D"), "--wait");

        command.Output.Should().Contain("FAILED, 99 %").And.Contain("COOL p: FAILED 99 %").And.Contain("COOL of p: FAILED. After 7.0 s.").And.Contain("5 files, 10 B")
            .And.NotContain("Copied").And.NotContain("2 files").And.NotContain("2 of 5").And.NotContain("100 %");
    }

    [Test]
    public async Task Operation_AlmostDone_IsNotShownAsDone()
    {
        OperationView running = new(Guid.NewGuid(), "p", OperationType.Cool, OperationStatus.Running) { Total = new DataSize(5, 10), Copied = new DataSize(5, 10), Percent = 99.99 };
        _service.Interfere = request => request.Path.StartsWithSegments("/api/operations", StringComparison.Ordinal) ? Results.Json(running, TieringJson.Options) : null;
        CommandLine command = new(_service.Address);

        await command.RunAsync("operation", "show", running.Id.ToString("D"));

        command.Output.Should().Contain("RUNNING, 99 %").And.Contain("Copied so far").And.NotContain("100 %");
    }

    [Test]
    public async Task Cool_Json_PrintsTheAnswerAlone()
    {
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("cool", "p", "--wait", "--json");

        code.Should().Be(ExitCode.Ok);
        using JsonDocument json = JsonDocument.Parse(command.Output);
        json.RootElement.GetProperty("status").GetString().Should().Be("SUCCEEDED");
        json.RootElement.GetProperty("azCopyJobs")[0].GetString().Should().Be("job-1");
        command.Error.Should().Contain("RUNNING");
    }

    [Test]
    public async Task Cool_WithId_SendsItAsIdempotencyKey()
    {
        Guid id = Guid.NewGuid();

        await new CommandLine(_service.Address).RunAsync("cool", "p", "--id", id.ToString("D"));
        await new CommandLine(_service.Address).RunAsync("cool", "p", "--id", id.ToString("D"));

        _service.Operations.Keys.Should().Equal(id);
        _service.Requests.Should().Equal($"POST /api/projects/p/cool {id:D}", $"POST /api/projects/p/cool {id:D}");
    }

    [Test]
    public async Task Cool_WithProof_SendsItInTheBody()
    {
        string? body = null;
        _service.Interfere = request =>
        {
            if (request.Method == "POST")
                body = new StreamReader(request.Body).ReadToEndAsync().GetAwaiter().GetResult();
            return null;
        };

        int code = await new CommandLine(_service.Address).RunAsync("cool", "p", "--proof", "sample:5%");

        (code, body).Should().Be((ExitCode.Ok, """{"proof":"sample:5%"}"""));
    }

    [Test]
    public async Task Cool_DryRun_ShowsThePlanAndStartsNothing([Values] bool refused)
    {
        int polls = 0;
        TransferPlan plan = new(ProjectSlug.Parse("p"), OperationType.Cool, new DateTimeOffset(2026, 3, 12, 12, 0, 0, TimeSpan.Zero), LocationKind.Folder, LocationKind.Blob)
        {
            Total = new DataSize(3, 4096),
            Removed = new PlannedRemoval { Size = new DataSize(1, 7), Names = ["old.txt"] },
            Duration = new DurationEstimate(90, 60, 120, "past-operations", 4),
            Cost = new CostEstimate("Here", "EUR", new DateOnly(2026, 1, 2), [CostLine.Requests("cool-writes", 3, 10)], 2, 1) { BreakEven = new DateOnly(2026, 4, 1), Return = 0.5m },
            Refusals = refused ? [new OperationError("project-busy", "The project p is held.")] : [],
        };
        _service.Interfere = request => (request.Method, request.Path.Value, request.Query["dry_run"].ToString()) switch
        {
            ("POST", "/api/projects/p/cool", "true") => Answer("RUNNING", null),
            ("GET", { } path, _) when path.StartsWith("/api/plans/", StringComparison.Ordinal) => polls++ == 0 ? Answer("RUNNING", null) : Answer("READY", plan),
            _ => null,
        };
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("cool", "p", "--dry-run");

        code.Should().Be(refused ? ExitCode.Refused : ExitCode.Ok, command.Error);
        _service.Operations.Should().BeEmpty();
        command.Output.Should().Contain("3 files, 4.0 KiB").And.Contain("old.txt").And.Contain("about 90 s (60 s to 2 min)").And.Contain("known from 4 operations of its size")
            .And.Contain("0.003 EUR once").And.Contain("saves 1.00 EUR a month").And.Contain("2026-04-01");
        command.Output.Contains("project-busy", StringComparison.Ordinal).Should().Be(refused);

        static IResult Answer(string status, TransferPlan? plan) => Results.Json(new { id = Guid.NewGuid(), status, plan }, TieringJson.Options);
    }

    [Test]
    public async Task Cool_DryRunOfNextToNothing_CountsInTheSingularAndShowsWhatItCosts()
    {
        TransferPlan plan = new(ProjectSlug.Parse("p"), OperationType.Cool, new DateTimeOffset(2026, 3, 12, 12, 0, 0, TimeSpan.Zero), LocationKind.Folder, LocationKind.Blob)
        {
            Total = new DataSize(1, 1),
            Folders = 1,
            Links = 2,
            Duration = new DurationEstimate(90, 60, 120, "past-operations", 1),
            Cost = new CostEstimate("Here", "EUR", new DateOnly(2026, 1, 2), [CostLine.Requests("cool-writes", 1, 0.1m)], 0, 0.005m),
        };
        _service.Interfere = request => request.Path.Value!.StartsWith("/api/plans/", StringComparison.Ordinal) || request.Query["dry_run"] == "true"
            ? Results.Json(new { id = Guid.NewGuid(), status = "READY", plan }, TieringJson.Options)
            : null;
        CommandLine command = new(_service.Address);

        await command.RunAsync("cool", "p", "--dry-run");

        command.Output.Should().Contain("(1 folder, 2 links)").And.Contain("known from 1 operation of its size").And.Contain("cool-writes: 1 request, 0.00001 EUR")
            .And.Contain("never pays for itself: costs 0.005 EUR more each month");
    }

    [Test]
    public async Task Cool_WithAProofThatIsNone_AsksNobody()
    {
        CommandLine command = new(_service.Address);

        (await command.RunAsync("cool", "p", "--proof", "sample:0%")).Should().Be(ExitCode.Usage);

        command.Error.Should().Contain("--proof must be");
        _service.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task Wait_ServiceGoesAwayAndComesBack_GoesOn()
    {
        _service.PollsToEnd = int.MaxValue;
        CommandLine command = new(_service.Address);
        Task<int> waiting = command.RunAsync("cool", "p", "--wait");
        await Eventually.IsTrueAsync(() => command.Output.Contains("RUNNING", StringComparison.Ordinal));

        await _service.StopAsync();
        await Eventually.IsTrueAsync(() => command.Output.Contains("does not answer", StringComparison.Ordinal));
        foreach (Guid id in _service.Operations.Keys)
            _service.Operations[id] = _service.Operations[id] with { Percent = 0 };
        await _service.StartAsync();

        (await waiting).Should().Be(ExitCode.Ok);
        command.Output.Should().Contain("the service is back").And.Contain("SUCCEEDED");
    }

    [Test]
    public async Task Any_NothingListens_ExitsWithThree()
    {
        Uri address = _service.Address;
        await _service.StopAsync();
        CommandLine command = new(address);

        int code = await command.RunAsync("project", "list");

        code.Should().Be(ExitCode.Unreachable);
        command.Error.Should().Contain($"127.0.0.1:{address.Port}").And.Contain("./run --serve");
    }

    [Test]
    public async Task Any_AnswerOfSomethingElse_ExitsWithThree()
    {
        _service.Interfere = _ => Results.Text("<html>hello</html>");
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("project", "show", "p");

        code.Should().Be(ExitCode.Unreachable);
        command.Error.Should().Contain("not Tiering");
    }

    [Test]
    public async Task Any_Refused_ExitsWithFourAndShowsTheProblem()
    {
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync("cool", "nobody");

        code.Should().Be(ExitCode.Refused);
        command.Error.Should().Contain("Project unknown: There is no project nobody. (project-unknown)");
    }

    [Test]
    public async Task Any_WrongToken_ExitsWithFourAndSaysWhereItComesFrom()
    {
        CommandLine command = new(_service.Address, token: "wrong");

        int code = await command.RunAsync("project", "list");

        code.Should().Be(ExitCode.Refused);
        command.Error.Should().Contain("TIERING_TOKEN").And.NotContain("wrong");
    }

    [Test]
    public async Task Any_TokenFile_IsUsed()
    {
        _folder.File("data/token", FakeService.Token + "\n");
        CommandLine command = new(_service.Address, token: null);

        int code = await command.RunAsync("project", "show", "p", "--data", _folder.At("data"));

        code.Should().Be(ExitCode.Ok, command.Error);
        command.Output.Should().StartWith("p: HOT");
    }

    [TestCase("cool")]
    [TestCase("cool", "..")]
    [TestCase("cool", "p", "--url", "ftp://x")]
    [TestCase("operation", "list", "--limit", "0")]
    [TestCase("operation", "show", "not-an-id")]
    [TestCase("project", "add", "p", "--state", "ERROR")]
    [TestCase("showcase", "--root", "/", "--hot", "disk")]
    [TestCase("showcase", "--root", "/", "--project", "p")]
    [TestCase("showcase", "--root", "/", "--project", "p=/no/such/folder")]
    [TestCase("showcase", "--root", "/", "--once", "--serve")]
    [TestCase("showcase", "--root", "/", "--port", "70000")]
    public async Task Any_WrongUsage_ExitsWithTwoAndSendsNothing(params string[] arguments)
    {
        CommandLine command = new(_service.Address);

        int code = await command.RunAsync(arguments);

        code.Should().Be(ExitCode.Usage);
        command.Error.Should().NotBeNullOrWhiteSpace();
        _service.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task ProjectList_MoreThanAPage_ShowsAll()
    {
        foreach (int i in Enumerable.Range(0, 1500))
            _service.Projects[$"project-{i:0000}"] = LifecycleState.Cool;
        CommandLine command = new(_service.Address);

        await command.RunAsync("project", "list");

        command.Output.Split('\n').Count(line => line.Contains("project-", StringComparison.Ordinal)).Should().Be(1500);
    }

    [Test]
    public async Task ProjectAdd_ThenRemove_AreSeenByList()
    {
        CommandLine command = new(_service.Address);

        (await command.RunAsync("project", "add", "new one", "--state", "cool")).Should().Be(ExitCode.Ok);
        _service.Projects["new one"].Should().Be(LifecycleState.Cool);
        (await command.RunAsync("project", "remove", "new one")).Should().Be(ExitCode.Ok);
        _service.Projects.Should().NotContainKey("new one");
        command.Output.Should().EndWith("new one is forgotten. Its data stays where it is.\n");
    }

    [TestCase("ID", "operation", "show", "not-an-id")]
    [TestCase("ID", "operation", "retry", "")]
    [TestCase("--id", "cool", "p", "--id", "1")]
    public async Task Id_ThatIsNone_IsNamedWithItsRule(string name, params string[] arguments)
    {
        CommandLine command = new(_service.Address);

        (await command.RunAsync(arguments)).Should().Be(ExitCode.Usage);

        command.Error.Should().Contain($"{name} must be a UUID, as in ").And.NotContain("System.");
    }

    [Test]
    public async Task DeleteSource_Wait_ShowsWhatWasRemoved()
    {
        CommandLine command = new(_service.Address);
        await command.RunAsync("cool", "p", "--wait");

        int code = await command.RunAsync("delete-source", "p", "--wait");

        code.Should().Be(ExitCode.Ok, command.Error);
        command.Output.Should().Contain("Source deletion of p: SUCCEEDED. 3 files, 4.0 KiB removed.");
        Directory.Exists(_folder.At("hot", "p")).Should().BeFalse();
    }

    [Test]
    public async Task Wait_Interrupted_ExitsWithTheSignalsCode()
    {
        _service.PollsToEnd = int.MaxValue;
        using CancellationTokenSource interrupt = new();
        CommandLine command = new(_service.Address);
        Task<int> waiting = command.RunAsync(interrupt.Token, "cool", "p", "--wait");
        await Eventually.IsTrueAsync(() => command.Output.Contains("RUNNING", StringComparison.Ordinal));

        await interrupt.CancelAsync();

        (await waiting).Should().Be(ExitCode.Interrupted);
    }
}
