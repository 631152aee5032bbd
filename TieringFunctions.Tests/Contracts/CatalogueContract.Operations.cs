using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Contracts;

public abstract partial class CatalogueContract
{
    [Test]
    public async Task Accept_New_IsPendingAndClaimsTheProject()
    {
        await AddAsync("demo");
        OperationKey key = Cool();

        Acceptance acceptance = await Catalogue.AcceptAsync(new OperationRequest(key, "operator", Size), default);

        acceptance.IsNew.Should().BeTrue();
        acceptance.Operation.Should().BeEquivalentTo(new LifecycleOperation(key, Time.GetUtcNow()) { Expected = Size, RequestedBy = "operator" });
        acceptance.Operation.Status.Should().Be(OperationStatus.Pending);
        Project project = (await Catalogue.FindProjectAsync(Demo, default))!;
        project.State.Should().Be(LifecycleState.Hot);
        project.Claim.Should().Be(key.InstanceId);
        project.LastOperation.Should().BeNull();
    }

    [Test]
    public async Task Accept_SameKeyAtOnceFromManyCallers_IsAcceptedOnce()
    {
        await AddAsync("demo");
        OperationKey key = Cool();

        Acceptance[] all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => AcceptAsync(key))));

        all.Count(acceptance => acceptance.IsNew).Should().Be(1);
        (await Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().ContainSingle();
    }

    [Test]
    public async Task Accept_TwoOperationsAtOnce_OneIsRefusedAsBusy()
    {
        await AddAsync("demo");

        Exception?[] outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            try
            {
                await AcceptAsync(Cool());
                return null;
            }
            catch (ProjectBusyException busy)
            {
                return (Exception)busy;
            }
        })));

        outcomes.Count(failure => failure is null).Should().Be(1);
        (await Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().ContainSingle();
    }

    [Test]
    public async Task Accept_SameIdOfAnotherProjectOrType_IsAnotherOperation()
    {
        Guid id = Guid.NewGuid();
        await CompleteAsync(Cool() with { Id = id });
        await AddAsync("other");

        (await AcceptAsync(Cool("other") with { Id = id })).IsNew.Should().BeTrue();
        (await AcceptAsync(Restore() with { Id = id })).IsNew.Should().BeTrue();
        (await Catalogue.FindOperationsAsync(id, default)).Should().HaveCount(3);
        (await Catalogue.FindOperationAsync(Restore("other") with { Id = id }, default)).Should().BeNull();
    }

    [Test]
    public async Task Accept_AfterTheEnd_ReturnsWhatIsRecordedAndClaimsNothing()
    {
        OperationKey key = await CompleteAsync(Cool());

        Acceptance repeated = await AcceptAsync(key);

        repeated.IsNew.Should().BeFalse();
        repeated.Operation.Status.Should().Be(OperationStatus.Succeeded);
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().BeNull();
        (await Catalogue.ListUnfinishedAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task FindRefusals_SaysAllThatAcceptWouldRefuse_AndChangesNothing()
    {
        OperationRequest request = new(Cool(), "operator");
        (await Catalogue.FindRefusalsAsync(request, default)).Select(refusal => refusal.Code).Should().Equal("project-unknown");

        await AddAsync("demo", LifecycleState.Cool);
        (await Catalogue.FindRefusalsAsync(request, default)).Select(refusal => refusal.Code).Should().Equal("invalid-transition");

        await AcceptAsync(new OperationKey(Demo, OperationType.Restore, Guid.NewGuid()));
        (await Catalogue.FindRefusalsAsync(request, default)).Select(refusal => refusal.Code).Should().Equal("project-busy", "invalid-transition");
        (await Catalogue.FindOperationAsync(request.Key, default)).Should().BeNull();
    }

    [Test]
    public async Task Accept_WhateverItCosts_IsRecordedAndAudited()
    {
        await AddAsync("demo");

        Acceptance accepted = await Catalogue.AcceptAsync(new OperationRequest(Cool(), "operator") { IgnoreCost = true }, default);

        accepted.Operation.IgnoreCost.Should().BeTrue();
        (await Catalogue.FindOperationAsync(accepted.Operation.Key, default))!.IgnoreCost.Should().BeTrue();
        (await Audit.ListAsync(new AuditQuery("demo"), default)).Entries[0].Detail.Should().Be("whatever it costs");
    }

    [Test]
    public async Task Accept_UnknownProject_IsRefused() =>
        await FluentActions.Awaiting(() => AcceptAsync(Cool())).Should().ThrowAsync<ProjectUnknownException>();

    [Test]
    public async Task Accept_WrongState_IsRefusedAndRecordsNothing()
    {
        await AddAsync("demo", LifecycleState.Cool);

        await FluentActions.Awaiting(() => AcceptAsync(Cool())).Should().ThrowAsync<InvalidTransitionException>();

        (await Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().BeEmpty();
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().BeNull();
    }

    [Test]
    public async Task Accept_RetryFromErrorOfTheOtherType_IsRefused()
    {
        await CompleteAsync(Cool(), Broken());

        await FluentActions.Awaiting(() => AcceptAsync(Restore())).Should().ThrowAsync<RetryTypeException>();
        (await AcceptAsync(Cool())).IsNew.Should().BeTrue();
    }

    [Test]
    public async Task Start_Accepted_IsRunningAndTheProjectMoves()
    {
        await AddAsync("demo");
        OperationKey key = Cool();
        await AcceptAsync(key);
        Time.Advance(TimeSpan.FromSeconds(5));

        LifecycleOperation started = await Catalogue.StartAsync(key, default);
        Time.Advance(TimeSpan.FromSeconds(5));
        LifecycleOperation again = await Catalogue.StartAsync(key, default);

        started.Status.Should().Be(OperationStatus.Running);
        again.StartedAt.Should().Be(started.StartedAt);
        Project project = (await Catalogue.FindProjectAsync(Demo, default))!;
        project.State.Should().Be(LifecycleState.Cooling);
        project.LastOperation.Should().Be(key);
    }

    [Test]
    public async Task Start_Unknown_IsRefused() =>
        await FluentActions.Awaiting(() => Catalogue.StartAsync(Cool(), default)).Should().ThrowAsync<OperationUnknownException>();

    [Test]
    public async Task Report_FiguresThatGoBack_AreIgnored()
    {
        await AddAsync("demo");
        OperationKey key = Cool();
        await AcceptAsync(key);
        await Catalogue.StartAsync(key, default);
        await Catalogue.ReportAsync(key, new DataSize(20, 200), new DataSize(5, 100), 50, ["job-1"], default);

        LifecycleOperation told = await Catalogue.ReportAsync(key, new DataSize(99, 999), new DataSize(4, 90), 40, ["job-2"], default);

        told.Total.Should().Be(new DataSize(20, 200));
        told.Copied.Should().Be(new DataSize(5, 100));
        told.Percent.Should().Be(50);
        told.AzCopyJobs.Should().Equal("job-1", "job-2");
        (await Catalogue.FindOperationAsync(key, default)).Should().BeEquivalentTo(told);
    }

    [Test]
    public async Task Report_AfterTheEnd_HasNoEffect()
    {
        OperationKey key = await CompleteAsync(Cool());

        LifecycleOperation told = await Catalogue.ReportAsync(key, new DataSize(9, 9), new DataSize(9, 9), 9, ["late"], default);

        told.Copied.Should().Be(Size);
        told.AzCopyJobs.Should().BeEmpty();
    }

    [Test]
    public async Task Finish_Verified_MovesTheProjectAndFreesIt()
    {
        OperationKey cool = await CompleteAsync(Cool());
        (await StateAsync()).Should().Be(LifecycleState.Cool);
        OperationKey restore = await CompleteAsync(Restore());
        (await StateAsync()).Should().Be(LifecycleState.Hot);

        Project project = (await Catalogue.FindProjectAsync(Demo, default))!;
        project.Claim.Should().BeNull();
        project.LastOperation.Should().Be(restore);
        LifecycleOperation operation = (await Catalogue.FindOperationAsync(cool, default))!;
        operation.Should().BeEquivalentTo(new { Status = OperationStatus.Succeeded, Total = Size, Copied = Size, Percent = 100.0, Proof = "full" });
    }

    [Test]
    public async Task Finish_CountsThatDiffer_IsFailedWhateverTheOutcomeSays()
    {
        OperationKey key = await CompleteAsync(Cool(), Verified() with { Copied = new DataSize(2, 300) });

        LifecycleOperation operation = (await Catalogue.FindOperationAsync(key, default))!;
        operation.Status.Should().Be(OperationStatus.Failed);
        operation.Error!.Code.Should().Be("verification-mismatch");
        (await StateAsync()).Should().Be(LifecycleState.Error);
    }

    [Test]
    public async Task Finish_Twice_KeepsTheFirstOutcome()
    {
        OperationKey key = await CompleteAsync(Cool(), Broken());

        LifecycleOperation second = await Catalogue.FinishAsync(key, Verified(), default);

        second.Status.Should().Be(OperationStatus.Failed);
        (await StateAsync()).Should().Be(LifecycleState.Error);
    }

    [Test]
    public async Task Finish_FailedBeforeItStarted_LeavesTheState()
    {
        await AddAsync("demo");
        OperationKey key = Cool();
        await AcceptAsync(key);

        await Catalogue.FinishAsync(key, Broken(), default);

        (await StateAsync()).Should().Be(LifecycleState.Hot);
        (await AcceptAsync(Cool())).IsNew.Should().BeTrue();
    }

    [Test]
    public async Task Finish_NothingTouched_PutsTheStateBack()
    {
        await CompleteAsync(Cool(), Broken(nothingTouched: true));
        (await StateAsync()).Should().Be(LifecycleState.Hot);

        await CompleteAsync(Cool(), Broken());
        await CompleteAsync(Cool(), Broken(nothingTouched: true));
        (await StateAsync()).Should().Be(LifecycleState.Error);
    }

    [Test]
    public async Task Finish_RetryThatFails_LeavesError()
    {
        await CompleteAsync(Cool(), Broken());
        await CompleteAsync(Cool(), Broken());

        (await StateAsync()).Should().Be(LifecycleState.Error);
        await CompleteAsync(Cool());
        (await StateAsync()).Should().Be(LifecycleState.Cool);
    }

    [Test]
    public async Task ListOperations_FiltersAndPages_GiveEachOnceNewestFirst()
    {
        List<OperationKey> keys = [];
        for (int i = 0; i < 7; i++)
            keys.Add(await CompleteAsync(Cool($"p-{i}"), i % 2 == 0 ? Broken() : null));

        (await PagesAsync(new OperationQuery(Limit: 3))).Should().Equal(Enumerable.Reverse(keys));
        (await PagesAsync(new OperationQuery(Status: OperationStatus.Failed, Limit: 2))).Should().Equal(keys[6], keys[4], keys[2], keys[0]);
        (await PagesAsync(new OperationQuery(Project: keys[1].Project))).Should().Equal(keys[1]);
        (await PagesAsync(new OperationQuery(Project: keys[1].Project, Status: OperationStatus.Failed))).Should().BeEmpty();
        await FluentActions.Awaiting(() => Catalogue.ListOperationsAsync(new OperationQuery(Continuation: "x' OR 1"), default)).Should().ThrowAsync<InvalidFieldException>();
    }

    [Test]
    public async Task ListUnfinished_ShowsWhatWasAcceptedAndNotEnded()
    {
        await CompleteAsync(Cool("done"));
        await AddAsync("pending");
        await AddAsync("running");
        OperationKey pending = Cool("pending");
        OperationKey running = Cool("running");
        await AcceptAsync(pending);
        await AcceptAsync(running);
        await Catalogue.StartAsync(running, default);

        (await Catalogue.ListUnfinishedAsync(default)).Should().Equal(
            new UnfinishedWork(pending, null, OperationStatus.Pending), new UnfinishedWork(running, null, OperationStatus.Running));
    }

    [Test]
    public async Task TryTakeSlot_LimitReached_SaysNoUntilOneEnds()
    {
        OperationKey[] keys = [Cool("a"), Cool("b"), Cool("c")];
        foreach (OperationKey key in keys)
        {
            await AddAsync(key.Project.Value);
            await AcceptAsync(key);
        }

        (await Catalogue.TryTakeSlotAsync(keys[0], 2, default)).Should().BeTrue();
        (await Catalogue.TryTakeSlotAsync(keys[1], 2, default)).Should().BeTrue();
        (await Catalogue.TryTakeSlotAsync(keys[2], 2, default)).Should().BeFalse();
        (await Catalogue.TryTakeSlotAsync(keys[0], 2, default)).Should().BeTrue("it holds one already");
        await Catalogue.FinishAsync(keys[0], Broken(), default);
        (await Catalogue.TryTakeSlotAsync(keys[2], 2, default)).Should().BeTrue();
        await FluentActions.Awaiting(() => Catalogue.TryTakeSlotAsync(keys[0], 9, default)).Should().ThrowAsync<OperationTerminalException>();
    }

    private async Task<List<OperationKey>> PagesAsync(OperationQuery query)
    {
        List<OperationKey> seen = [];
        string? continuation = null;
        do
        {
            OperationPage page = await Catalogue.ListOperationsAsync(query with { Continuation = continuation }, default);
            page.Operations.Count.Should().BeLessThanOrEqualTo(query.Limit);
            seen.AddRange(page.Operations.Select(operation => operation.Key));
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return seen;
    }
}
