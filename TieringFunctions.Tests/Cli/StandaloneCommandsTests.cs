using System.Text.Json;
using Tiering.Cli;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Tests.Support;
using Tiering.Tests.Triggers;

namespace Tiering.Tests.Cli;

/// <summary>The commands of the standalone catalogue against the real HTTP surface and a real catalogue, at noon of 2026-03-12.</summary>
public sealed class StandaloneCommandsTests
{
    private TempFolder folder = null!;
    private ServiceUnderTest service = null!;

    [SetUp]
    public async Task StartAsync()
    {
        folder = new TempFolder();
        service = await ServiceUnderTest.StartAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await service.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Import_Csv_DryRunChangesNothing_YesRegistersOnce()
    {
        string file = folder.File("projects.csv", "\uFEFFslug,state,createdAt,run,start,end,embargo\r\nalpha,HOT,2020-01-01,r1,2020-02-01,2020-03-01,\nalpha,,,r2,2020-04-01,2020-05-01,2027-01-01\n\n\"be,ta\",COOL\n..,HOT\n");

        (int dryCode, string dry, _) = await RunAsync("project", "import", file);
        (_, string before, _) = await RunAsync("project", "list", "--json");
        (int code, string done, _) = await RunAsync("project", "import", file, "--yes");
        (_, string again, _) = await RunAsync("project", "import", file, "--yes");

        (dryCode, code).Should().Be((ExitCode.Failed, ExitCode.Failed), "a line was refused");
        dry.Should().Contain("new      line 2 alpha").And.Contain("new      line 5 be,ta").And.Contain("refused  line 6").And.Contain("Would be: 2 new, 0 the same, 0 changed, 1 refused. Nothing was changed; --yes does it.");
        before.Should().NotContain("alpha");
        done.Should().Contain("2 new, 0 the same, 0 changed, 1 refused.").And.NotContain("Would");
        again.Should().Contain("0 new, 2 the same, 0 changed, 1 refused.");
        (await RunAsync("project", "run", "list", "alpha")).Output.Should().Contain("r1").And.Contain("2020-05-01").And.Contain("2027-01-01");
        (await RunAsync("project", "show", "be,ta")).Output.Should().StartWith("be,ta: COOL");
    }

    [Test]
    public async Task Import_JsonLines_TellsEachLineThatIsRefused()
    {
        string file = folder.File("projects.jsonl", "{\"slug\":\"a\"}\n\nno json\n{\"slug\":\"b\",\"state\":\"WARM\"}\n{\"slug\":\"c\",\"runs\":[{\"id\":\"r\",\"end\":\"2020-01-01\"}]}\n");

        (int code, string output, _) = await RunAsync("project", "import", file, "--yes");

        code.Should().Be(ExitCode.Failed);
        output.Should().Contain("refused  line 3").And.Contain("refused  line 4 b").And.Contain("HOT or COOL").And.Contain("2 new, 0 the same, 0 changed, 2 refused");
        (await service.Catalogue.ListProjectsAsync(null, 10, default)).Select(project => project.Slug.Value).Should().Equal("a", "c");
    }

    [Test]
    public async Task Import_Folder_TakesEverySubFolder()
    {
        folder.Folder("root", "one");
        folder.Folder("root", "two");
        folder.File("root/file.txt", "no project");
        Directory.SetLastWriteTimeUtc(folder.At("root", "one"), new DateTime(2019, 5, 6, 7, 8, 9, DateTimeKind.Utc));

        (int code, string output, _) = await RunAsync("project", "import", folder.At("root"), "--state", "cool", "--yes");

        code.Should().Be(ExitCode.Ok, output);
        IReadOnlyList<Project> projects = await service.Catalogue.ListProjectsAsync(null, 10, default);
        projects.Select(project => (project.Slug.Value, project.State)).Should().Equal(("one", LifecycleState.Cool), ("two", LifecycleState.Cool));
        projects[0].CreatedAt.Should().Be(new DateTimeOffset(2019, 5, 6, 7, 8, 9, TimeSpan.Zero));
    }

    [Test]
    public async Task Import_MoreThanOneRequestHolds_AddsUp()
    {
        string file = folder.File("many.jsonl", string.Concat(Enumerable.Range(0, 4500).Select(i => $"{{\"slug\":\"p-{i}\"}}\n")));

        (int code, string output, _) = await RunAsync("project", "import", file);

        (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).Should().Be((ExitCode.Ok, "Would be: 4500 new, 0 the same, 0 changed, 0 refused. Nothing was changed; --yes does it."));
        output.Should().Contain("line 4500 p-4499");
    }

    [TestCase("name,state\na,HOT\n", "first line")]
    [TestCase("slug,state,slug\na,HOT,b\n", "no column twice")]
    [TestCase("slug,state\na,HOT,more\n", "line 2: there are 3 cells and 2 columns")]
    [TestCase("slug,state\n\"a,HOT\n", "line 2: a quote is not closed")]
    [TestCase("slug,state,run\na,HOT,1\na,COOL,2\n", "line 3: the state of a is not what line 2 says")]
    public async Task Import_CsvThatCannotBeRead_NamesThePlace(string content, string complaint)
    {
        (int code, _, string error) = await RunAsync("project", "import", folder.File("bad.csv", content), "--yes");

        code.Should().Be(ExitCode.Usage);
        error.Should().Contain(complaint);
        (await service.Catalogue.ListProjectsAsync(null, 10, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Import_NothingThere_SaysSo() => Fails(await RunAsync("project", "import", folder.At("nowhere")), ExitCode.Usage, "neither a file nor a folder");

    [Test]
    public async Task Pin_UntilADay_IsShownUntilUnpinned()
    {
        await service.AddProjectAsync("demo");

        (await RunAsync("project", "pin", "demo", "--until", "2027-01-01", "--reason", "still [needed]")).Output.Should().Contain("demo: HOT").And.Contain("pinned until 2027-01-01 (still [needed])");
        (await RunAsync("project", "list")).Output.Should().Contain("until 2027-01-01");
        Fails(await RunAsync("cool", "demo"), ExitCode.Refused, "pinned");
        (await RunAsync("project", "unpin", "demo")).Output.Should().Contain("demo: HOT").And.NotContain("pinned");
        (await RunAsync("project", "pin", "demo")).Output.Should().Contain("pinned without an end");
        Fails(await RunAsync("project", "pin", "demo", "--until", "tomorrow"), ExitCode.Refused, "until must be a date");
        Fails(await RunAsync("project", "pin", "nobody"), ExitCode.Refused, "nobody");
    }

    [Test]
    public async Task Run_PutListRemove_MoveTheDate()
    {
        await service.AddProjectAsync("demo");

        (await RunAsync("project", "run", "list", "demo")).Output.Should().Be("There is none.\n");
        (await RunAsync("project", "run", "put", "demo", "a/b 1", "--start", "2025-01-01", "--end", "2025-02-01T12:00:00Z")).Code.Should().Be(ExitCode.Ok);
        (_, string later, _) = await RunAsync("project", "run", "put", "demo", "a/b 1", "--embargo", "2027-06-01");
        later.Should().StartWith("demo: HOT, may go cool from 2027-06-01 on");
        (await RunAsync("project", "run", "list", "demo")).Output.Should().Contain("a/b 1").And.Contain("2027-06-01");
        Fails(await RunAsync("project", "run", "put", "demo", "a/b 1", "--end", "soon"), ExitCode.Refused, "end must be a time");
        (await RunAsync("project", "run", "remove", "demo", "a/b 1")).Output.Should().Contain("may go cool from 2025-03-01");
        (await RunAsync("project", "run", "list", "demo")).Output.Should().Be("There is none.\n");
    }

    [Test]
    public async Task History_TellsEverythingInOrder()
    {
        await service.AddProjectAsync("demo");
        await RunAsync("project", "pin", "demo", "--reason", "[red]x");
        await RunAsync("project", "unpin", "demo");
        service.Time.Advance(TimeSpan.FromHours(1));
        OperationKey key = await EndedAsync("demo");

        (int code, string output, _) = await RunAsync("project", "history", "demo");

        code.Should().Be(ExitCode.Ok);
        output.Should().MatchRegex("(?s)project-add.*: pin accepted.*: unpin.*COOL began.*COOL FAILED.*it-failed: It [(]failed[)]").And.Contain(key.Id.ToString("D")).And.Contain("[red]x");
        JsonDocument.Parse((await RunAsync("project", "history", "demo", "--json")).Output).RootElement.GetProperty("operations").GetArrayLength().Should().Be(1);
        (await RunAsync("project", "history", "nobody")).Code.Should().Be(ExitCode.Refused);
    }

    [Test]
    public async Task History_OfMoreThanOneAnswerHolds_TellsAllOfIt()
    {
        const int Entries = 2100;
        await service.AddProjectAsync("demo");
        for (int i = 0; i < Entries; i++)
            await service.Audit.RecordAsync(new AuditEntry(service.Time.GetUtcNow().AddSeconds(i), "who", "x", "accepted") { Project = "demo", Detail = $"entry {i:D5}." }, default);

        JsonElement answer = JsonDocument.Parse(await service.Operator().GetStringAsync("/api/projects/demo/history")).RootElement;
        answer.GetProperty("audit").GetArrayLength().Should().Be(1000);
        answer.GetProperty("auditContinuation").GetString().Should().NotBeNullOrEmpty("it says that there are more");
        (int code, string output, _) = await RunAsync("project", "history", "demo");

        code.Should().Be(ExitCode.Ok);
        output.Split('\n').Select(line => line.Split("entry ")).Where(parts => parts.Length == 2)
            .Select(parts => int.Parse(parts[1][..5], System.Globalization.CultureInfo.InvariantCulture))
            .Should().Equal(Enumerable.Range(0, Entries));
        (_, string json, _) = await RunAsync("project", "history", "demo", "--json");
        json.Should().Contain("entry 00000.").And.Contain("entry 02099.");
    }

    [Test]
    public async Task Audit_ByProjectAndTime_AndAsJsonLines()
    {
        await RunAsync("project", "add", "slug-1");
        service.Time.Advance(TimeSpan.FromDays(1));
        await RunAsync("project", "add", "slug-2");

        (await RunAsync("audit", "--project", "slug-1")).Output.Should().Contain("project-add").And.Contain("slug-1").And.NotContain("slug-2");
        (await RunAsync("audit", "--from", "2026-03-13")).Output.Should().Contain("slug-2").And.NotContain("slug-1");
        (await RunAsync("audit", "--to", "2026-03-13")).Output.Should().Contain("slug-1").And.NotContain("slug-2");
        (await RunAsync("audit", "--project", "slug-3")).Output.Should().Be("There is none.\n");
        (_, string export, _) = await RunAsync("audit", "--export", "--project", "slug-2");
        JsonDocument.Parse(export).RootElement.GetProperty("action").GetString().Should().Be("project-add");
        Fails(await RunAsync("audit", "--from", "yesterday"), ExitCode.Refused, "from must be a time");
        (int exportCode, string nothing, _) = await RunAsync("audit", "--export", "--from", "yesterday");
        (exportCode, nothing).Should().Be((ExitCode.Refused, ""));
    }

    [Test]
    public async Task Audit_MoreThanItShows_SaysHowToSeeAll()
    {
        for (int i = 0; i < 60; i++)
            await service.Audit.RecordAsync(new AuditEntry(service.Time.GetUtcNow(), "somebody", AuditActions.Operation, AuditOutcomes.Refused), default);

        (_, string output, string error) = await RunAsync("audit");

        output.Split('\n').Count(line => line.Contains("somebody", StringComparison.Ordinal)).Should().Be(50);
        error.Should().Contain("--export");
    }

    [Test]
    public async Task NightDryRun_TellsWhatItWouldTakeAndWhyNotTheOthers()
    {
        await service.AddProjectAsync("old");
        File.WriteAllText(Path.Combine(service.Hot, "old", "f"), "12345");
        await service.AddProjectAsync("away", LifecycleState.Cool);
        await RunAsync("project", "add", "young");

        (int code, string output, _) = await RunAsync("night", "--dry-run");

        code.Should().Be(ExitCode.Ok);
        output.Should().Contain("The night of 2026-03-13, 2026-03-12 23:00:00Z to 2026-03-13 05:00:00Z (nightly cooling is switched off)")
            .And.Contain("would take 1 of at most 3, 1 file, 5 B:").And.Contain("  old: 1 file, 5 B, eligible since").And.Contain("  not away: it is COOL").And.Contain("  not young: it is eligible from");
        Fails(await RunAsync("night"), ExitCode.Usage, "either a DATE or --dry-run");
    }

    [Test]
    public async Task Nights_ListAndOne_TellTheOutcome()
    {
        (await RunAsync("nights")).Output.Should().Be("There was none.\n");
        DateTimeOffset opens = new(2026, 3, 10, 23, 0, 0, TimeSpan.Zero);
        Night night = new(new DateOnly(2026, 3, 11), opens, opens.AddHours(6), NightStatus.Running)
        {
            Items =
            [
                new NightItem(ProjectSlug.Parse("good"), Guid.NewGuid(), NightItemStatus.Succeeded) { Size = new DataSize(2, 2048) },
                new NightItem(ProjectSlug.Parse("late"), Guid.NewGuid(), NightItemStatus.NotStarted) { Reason = "The window [closed]." },
            ],
        };
        await service.Nights.OpenAsync(night, default);

        (await RunAsync("nights")).Output.Should().Contain("2026-03-11").And.Contain("RUNNING").And.Contain("2 selected: 1 not started, 1 succeeded");
        (await RunAsync("night", "2026-03-11")).Output.Should().Contain("The night of 2026-03-11: RUNNING, 2 selected").And.Contain("good: SUCCEEDED 2 files, 2.0 KiB").And.Contain("late: NOT_STARTED").And.Contain("The window [closed].");
        Fails(await RunAsync("night", "2026-03-10"), ExitCode.Refused, "2026-03-10");
        (await RunAsync("night", "today")).Error.Should().Contain("date must be a date");
    }

    [Test]
    public async Task Cool_BeforeItsDate_NeedsForce()
    {
        (await RunAsync("project", "add", "young", "--created", "2026-03-01")).Output.Should().StartWith("young: HOT, may go cool from 2028-02-19 on");
        Directory.CreateDirectory(Path.Combine(service.Hot, "young"));

        (int refused, _, string error) = await RunAsync("cool", "young");
        (int forced, _, string trouble) = await RunAsync("cool", "young", "--force");

        refused.Should().Be(ExitCode.Refused);
        error.Should().Contain("2028-02-19");
        forced.Should().Be(ExitCode.Ok, trouble);
        service.Starter.Asked.Should().ContainSingle(asked => asked.StartsWith("start ", StringComparison.Ordinal));
        Fails(await RunAsync("project", "add", "other", "--created", "long ago"), ExitCode.Refused, "createdAt");
    }

    [Test]
    public async Task Retry_OfAPinnedProject_NeedsForceAndMayIgnoreItsCost()
    {
        await service.AddProjectAsync("demo");
        OperationKey failed = await EndedAsync("demo", nothingTouched: true);
        await RunAsync("project", "pin", "demo");

        Fails(await RunAsync("operation", "retry", $"{failed.Id:D}", "--ignore-cost"), ExitCode.Refused, "pinned");
        Guid again = Guid.NewGuid();
        (int code, _, string trouble) = await RunAsync("operation", "retry", $"{failed.Id:D}", "--force", "--ignore-cost", "--id", $"{again:D}");

        code.Should().Be(ExitCode.Ok, trouble);
        (await service.Catalogue.FindOperationAsync(failed with { Id = again }, default))!.IgnoreCost.Should().BeTrue();
        (await RunAsync("audit", "--project", "demo")).Output.Should().Contain($"retry of {failed.Id:D}, whatever it costs");
    }

    [Test]
    public async Task Outbox_ListAndResend()
    {
        (await RunAsync("outbox", "list")).Output.Should().Be("There is none.\n");
        await using ServiceUnderTest dropIn = await ServiceUnderTest.StartAsync(("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:9"));
        OperationKey key = await EndedAsync("demo", other: dropIn);
        OutboxMessage owed = (await dropIn.Outbox.ListAsync(null, 0, 10, default)).Single();
        await dropIn.Outbox.FailedAsync(owed.Sequence, owed.Round, "connection refused", next: null, default);

        (await RunOnAsync(dropIn, "outbox", "list", "--status", "parked")).Output.Should().Contain(key.Id.ToString("D")).And.Contain("PARKED").And.Contain("connection refused");
        (await RunOnAsync(dropIn, "outbox", "list", "--status", "DELIVERED")).Output.Should().Be("There is none.\n");
        (int code, string output, _) = await RunOnAsync(dropIn, "outbox", "resend", $"{owed.Sequence}");
        (code, output).Should().Be((ExitCode.Ok, $"Result {owed.Sequence} of demo is sent again. `tiering outbox list` shows whether it arrives.\n"));
        dropIn.Starter.Asked.Should().Contain($"deliver outbox-{owed.Sequence}-2");
        Fails(await RunOnAsync(dropIn, "outbox", "resend", "99"), ExitCode.Refused, "outbox-message-unknown");
    }

    [Test]
    public async Task RestoreBackup_WhatIsNone_IsRefused()
    {
        (int code, _, string error) = await RunAsync("restore-backup", folder.Folder("empty"), "--to", folder.At("fresh"));

        code.Should().Be(ExitCode.Failed);
        error.Should().Contain("backup.json");
    }

    private static void Fails((int Code, string Output, string Error) result, int code, string complaint)
    {
        result.Code.Should().Be(code, result.Error);
        result.Error.Should().Contain(complaint);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunOnAsync(service, arguments);

    private static async Task<(int Code, string Output, string Error)> RunOnAsync(ServiceUnderTest service, params string[] arguments)
    {
        CommandLine command = new(service.Address, ServiceUnderTest.Token);
        int code = await command.RunAsync(arguments);
        return (code, command.Output, command.Error);
    }

    /// <summary>A COOL that has failed.</summary>
    private async Task<OperationKey> EndedAsync(string project, bool nothingTouched = false, ServiceUnderTest? other = null)
    {
        OperationKey key = new(ProjectSlug.Parse(project), OperationType.Cool, Guid.NewGuid());
        ICatalogue catalogue = (other ?? service).Catalogue;
        await catalogue.AcceptAsync(new OperationRequest(key, "operator"), default);
        await catalogue.StartAsync(key, default);
        await catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("it-failed", "It (failed)."), NothingTouched = nothingTouched }, default);
        return key;
    }
}
