using Spectre.Console;
using Tiering.Cli;
using Tiering.Cli.Api;
using Tiering.Cli.Showcase;
using Tiering.Core.Lifecycle;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

public sealed class ShowcaseStepsTests
{
    private TempFolder _folder = null!;
    private FakeService _service = null!;
    private string _given = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _given = _folder.Folder("given");
        _folder.File("given/a.txt", "alpha");
        _folder.File("given/b/c.txt", "charlie");
        _service = new FakeService(_folder.At("data", "hot"), _folder.At("cool"));
        await _service.StartAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Run_AllGoesWell_IsIdentical()
    {
        ShowcaseReport report = await RunAsync();

        report.Differences.Should().BeEmpty();
        report.Identical.Should().BeTrue();
        report.Files.Should().Be(2);
        report.Operations.Select(operation => operation.Type).Should().Equal(OperationType.Cool, OperationType.Restore);
        report.Deletion!.Status.Should().Be(DeletionStatus.Succeeded);
    }

    [Test]
    public async Task Run_Again_UsesNewOperations()
    {
        ShowcaseReport first = await RunAsync();
        ShowcaseReport second = await RunAsync();

        second.Identical.Should().BeTrue();
        second.Operations.Select(operation => operation.Id).Should().NotIntersectWith(first.Operations.Select(operation => operation.Id));
    }

    [Test]
    public async Task Run_WhatCameBackDiffers_SaysWhere()
    {
        _service.Outcome = operation =>
        {
            if (operation.Type == OperationType.Restore)
                File.WriteAllText(_folder.At("cool", "p", "b", "c.txt"), "Charlie");
            return null;
        };

        ShowcaseReport report = await RunAsync();

        report.Identical.Should().BeFalse();
        report.Differences.Should().Contain("b/c.txt: its content has another SHA-256");
    }

    [Test]
    public async Task Run_RestoreFailed_EndsThereAndTheNextBeginsAnew()
    {
        _service.Outcome = operation => operation.Type == OperationType.Restore ? new OperationError("verification-mismatch", "b/c.txt is missing.") : null;
        ShowcaseReport failed = await RunAsync();
        _service.Outcome = _ => null;
        ShowcaseReport next = await RunAsync();

        failed.Identical.Should().BeFalse();
        failed.Differences.Should().ContainSingle().Which.Should().Contain("verification-mismatch").And.Contain("b/c.txt");
        next.Identical.Should().BeTrue();
    }

    [Test]
    public async Task Run_DiedBeforeAnyRequest_GoesOnWithTheSameOperations([Values("cool", "delete-source", "restore")] string action)
    {
        using CancellationTokenSource death = new();
        _service.Interfere = request =>
        {
            // The service has acted on it, or not: the next run cannot know.
            if (request.Path.Value!.EndsWith(action, StringComparison.Ordinal))
                death.Cancel();
            return null;
        };
        await FluentActions.Awaiting(() => RunAsync(death.Token)).Should().ThrowAsync<OperationCanceledException>();
        _service.Interfere = _ => null;

        ShowcaseReport report = await RunAsync();

        report.Identical.Should().BeTrue();
        report.Operations.Should().HaveCount(2);
        _service.Operations.Should().HaveCount(2, "an interrupted run starts nothing twice");
    }

    [Test]
    public async Task Run_ServiceDiesWhileItCools_WaitsForItAndGoesOn()
    {
        _service.PollsToEnd = int.MaxValue;
        Task<ShowcaseReport> run = RunAsync();
        await Eventually.IsTrueAsync(() => !_service.Operations.IsEmpty);

        await _service.StopAsync();
        _service.PollsToEnd = 0;
        foreach (Guid id in _service.Operations.Keys)
            _service.Operations[id] = _service.Operations[id] with { Percent = 0 };
        await _service.StartAsync();

        (await run).Identical.Should().BeTrue();
    }

    [Test]
    public async Task Run_ProjectThatItDidNotPlace_IsLeftAlone()
    {
        _folder.File("data/hot/p/precious.txt", "precious");

        await FluentActions.Awaiting(() => RunAsync()).Should().ThrowAsync<CliException>().WithMessage("*not put there by ./run*");

        File.ReadAllText(_folder.At("data", "hot", "p", "precious.txt")).Should().Be("precious");
        _service.Operations.Should().BeEmpty();
    }

    [Test]
    public async Task Run_StateFolderInsideTheProject_IsRefused()
    {
        ShowcaseOptions options = Options() with { Project = new GivenProject("p", _folder.Root) };

        await FluentActions.Awaiting(() => RunAsync(options, default)).Should().ThrowAsync<CliException>().WithMessage("*--data*");
    }

    private Task<ShowcaseReport> RunAsync(CancellationToken cancellation = default) => RunAsync(Options(), cancellation);

    private async Task<ShowcaseReport> RunAsync(ShowcaseOptions options, CancellationToken cancellation)
    {
        using TieringApi api = new(_service.Address, FakeService.Token);
        IAnsiConsole silent = new Terminal(TextWriter.Null, TextWriter.Null, _ => null, outputRedirected: true, errorRedirected: true).Output;
        return await new ShowcaseSteps(options, api, silent).RunAsync(cancellation);
    }

    private ShowcaseOptions Options() => new(_folder.Root, _folder.Folder("data"), Port: 1) { Project = new GivenProject("p", _given) };
}
