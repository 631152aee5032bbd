using System.Text.Json;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Contracts;

public abstract partial class CatalogueContract
{
    [Test]
    public async Task AcceptDeletion_OfTheLastVerifiedOperation_ClaimsTheProject()
    {
        OperationKey key = await CompleteAsync(Cool());
        (await Catalogue.FindDeletionAsync(key, default)).Should().Be(SourceDeletion.None);

        SourceDeletion accepted = await DeleteAsync(key);

        accepted.Should().BeEquivalentTo(new { Status = DeletionStatus.Running, Generation = 1, RequestedBy = "operator" });
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().Be(key.DeletionInstanceId);
        (await Catalogue.ListUnfinishedAsync(default)).Should().Equal(new UnfinishedWork(key, 1, OperationStatus.Succeeded));
        await FluentActions.Awaiting(() => AcceptAsync(Restore())).Should().ThrowAsync<ProjectBusyException>();
    }

    [Test]
    public async Task AcceptDeletion_Repeated_IsTheSameUntilItFails()
    {
        OperationKey key = await CompleteAsync(Cool());
        SourceDeletion first = await DeleteAsync(key);
        (await DeleteAsync(key)).Should().Be(first);

        await Catalogue.FinishDeletionAsync(key, 1, null, new OperationError("store-unavailable", "The storage did not answer."), default);
        (await DeleteAsync(key)).Should().BeEquivalentTo(new { Status = DeletionStatus.Running, Generation = 2, Error = (OperationError?)null });

        await Catalogue.FinishDeletionAsync(key, 2, Size, null, default);
        (await DeleteAsync(key)).Should().BeEquivalentTo(new { Status = DeletionStatus.Succeeded, Generation = 2, Removed = Size });
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().BeNull();
    }

    [Test]
    public async Task AcceptDeletion_WhatMayNotGo_IsRefused()
    {
        await Refused(await CompleteAsync(Cool("failed"), Broken()), "has not succeeded");
        await Refused(await CompleteAsync(Cool("sizes"), Verified("sizes")), "sizes alone");
        OperationKey first = await CompleteAsync(Cool("again"));
        await CompleteAsync(Restore("again"));
        await Refused(first, "the project is HOT, not COOL");
        await CompleteAsync(Cool("again"));
        await Refused(first, "a later operation");
        await FluentActions.Awaiting(() => DeleteAsync(Cool("again"))).Should().ThrowAsync<OperationUnknownException>();

        async Task Refused(OperationKey key, string why) =>
            (await FluentActions.Awaiting(() => DeleteAsync(key)).Should().ThrowAsync<DeletionRefusedException>()).WithMessage($"*{why}*");
    }

    [Test]
    public async Task AcceptDeletion_MissingTotals_IsRefused()
    {
        OperationKey key = await CompleteAsync(Cool(), new OperationOutcome { Copied = Size, Proof = "full" });

        (await Catalogue.FindOperationAsync(key, default))!.Should().BeEquivalentTo(new { Status = OperationStatus.Failed, Total = (DataSize?)null }, "nothing succeeds without totals");
        await FluentActions.Awaiting(() => DeleteAsync(key)).Should().ThrowAsync<DeletionRefusedException>();
        (await Catalogue.FindDeletionAsync(key, default)).Should().Be(SourceDeletion.None);
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().BeNull();
    }

    [Test]
    public async Task AcceptDeletion_OperationOfAnEarlierRegistration_IsRefused()
    {
        OperationKey key = await CompleteAsync(Cool());
        await Catalogue.RemoveProjectAsync(Demo, Caller.Service, default);
        await AddAsync("demo", LifecycleState.Cool);

        await FluentActions.Awaiting(() => DeleteAsync(key)).Should().ThrowAsync<DeletionRefusedException>();
    }

    [Test]
    public async Task AcceptDeletion_WhileAnOperationRuns_IsBusy()
    {
        OperationKey key = await CompleteAsync(Cool());
        await AcceptAsync(Restore());

        await FluentActions.Awaiting(() => DeleteAsync(key)).Should().ThrowAsync<ProjectBusyException>();
    }

    [Test]
    public async Task FinishDeletion_OfAnOlderGeneration_HasNoEffect()
    {
        OperationKey key = await CompleteAsync(Cool());
        await DeleteAsync(key);
        await Catalogue.FinishDeletionAsync(key, 1, null, new OperationError("cancelled", "Cancelled."), default);
        await DeleteAsync(key);

        SourceDeletion late = await Catalogue.FinishDeletionAsync(key, 1, Size, null, default);

        late.Should().BeEquivalentTo(new { Status = DeletionStatus.Running, Generation = 2 });
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().Be(key.DeletionInstanceId);
    }

    [Test]
    public async Task FindDeletion_UnknownOperation_IsNull() => (await Catalogue.FindDeletionAsync(Cool(), default)).Should().BeNull();

    [Test]
    public async Task DropIn_AnyProjectInAnyState_IsAcceptedAndItsResultIsOwed()
    {
        Use(dropIn: true);
        OperationKey key = Restore();
        (await AcceptAsync(key)).IsNew.Should().BeTrue();
        await FluentActions.Awaiting(() => AcceptAsync(Cool())).Should().ThrowAsync<ProjectBusyException>();
        await Catalogue.StartAsync(key, default);
        (await Outbox.ListAsync(null, 0, 10, default)).Should().BeEmpty();

        await Catalogue.FinishAsync(key, Verified(), default);
        await Catalogue.FinishAsync(key, Broken(), default);

        OutboxMessage message = (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Should().ContainSingle().Subject;
        message.Should().BeEquivalentTo(new { Operation = key, IsDeletion = false, Status = OutboxStatus.Pending, Attempts = 0 });
        JsonDocument.Parse(message.Payload).RootElement.GetProperty("status").GetString().Should().Be("SUCCEEDED");
        (await Catalogue.ListProjectsAsync(null, 10, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Outbox_FailedParkedAndAskedAgain_KeepsItsPayload()
    {
        Use(dropIn: true);
        OperationKey key = Cool();
        await AcceptAsync(key);
        await Catalogue.FinishAsync(key, Broken(), default);
        OutboxMessage message = (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Single();

        await Outbox.FailedAsync(message.Sequence, 1, "503", Time.GetUtcNow().AddSeconds(2), default);
        (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Should().BeEmpty();
        Time.Advance(TimeSpan.FromSeconds(2));
        (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Single().Attempts.Should().Be(1);

        await Outbox.FailedAsync(message.Sequence, 1, "404", next: null, default);
        (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Should().BeEmpty();
        (await Outbox.ListAsync(OutboxStatus.Parked, 0, 10, default)).Single().LastError.Should().Be("404");

        await AcceptAsync(key);
        (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Single().Payload.Should().Be(message.Payload);
        await Outbox.DeliveredAsync(message.Sequence, default);
        (await Outbox.ListAsync(OutboxStatus.Pending, 0, 10, default)).Should().BeEmpty();
        (await Outbox.ListAsync(OutboxStatus.Delivered, 0, 10, default)).Should().ContainSingle();
        await Outbox.ResendAsync(message.Sequence, new Caller("operator"), default);
        (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Should().ContainSingle();
    }

    [Test]
    public async Task Outbox_SentAgain_IsANewRoundAndOlderAttemptsDoNotCount()
    {
        Use(dropIn: true);
        OperationKey first = Cool();
        OperationKey second = Cool();
        await AcceptAsync(first);
        await Catalogue.FinishAsync(first, Broken(), default);
        await AcceptAsync(second);
        await Catalogue.FinishAsync(second, Broken(), default);
        OutboxMessage older = (await Outbox.ListPendingAsync(first, default)).Single();
        OutboxMessage newer = (await Outbox.ListPendingAsync(second, default)).Single();
        DateTimeOffset now = Time.GetUtcNow();
        (await Outbox.HasOlderAsync(newer, now.AddSeconds(1), default)).Should().BeTrue();
        (await Outbox.HasOlderAsync(newer, now, default)).Should().BeFalse("it is not due before that");
        (await Outbox.HasOlderAsync(older, now.AddSeconds(1), default)).Should().BeFalse();

        OutboxMessage again = (await Outbox.ResendAsync(older.Sequence, new Caller("operator"), default))!;
        again.Should().BeEquivalentTo(new { older.Sequence, older.Payload, Round = 2, Attempts = 0, Since = now });
        await Outbox.FailedAsync(older.Sequence, 1, "late", now.AddDays(1), default);
        (await Outbox.FindAsync(older.Sequence, default))!.Should().BeEquivalentTo(new { Attempts = 0, NextAt = now });

        await Outbox.DeliveredAsync(older.Sequence, default);
        await Outbox.FailedAsync(older.Sequence, 2, "late", null, default);
        (await Outbox.FindAsync(older.Sequence, default))!.Status.Should().Be(OutboxStatus.Delivered);
        await AcceptAsync(first);
        (await Outbox.ListPendingAsync(first, default)).Single().Round.Should().Be(3);
        (await Outbox.FindAsync(long.MaxValue - 1, default)).Should().BeNull();
        (await Outbox.ResendAsync(long.MaxValue - 1, new Caller("operator"), default)).Should().BeNull();
    }

    [Test]
    public async Task Outbox_AskedForWhileItHasToWait_ComesForwardOnceButNotAtOnce()
    {
        Use(dropIn: true);
        OperationKey key = Cool();
        await AcceptAsync(key);
        await Catalogue.FinishAsync(key, Broken(), default);
        OutboxMessage message = (await Outbox.ListPendingAsync(key, default)).Single();
        DateTimeOffset now = Time.GetUtcNow();

        await Outbox.FailedAsync(message.Sequence, 1, "503", now.AddSeconds(8), default);
        await AcceptAsync(key);
        (await Outbox.FindAsync(message.Sequence, default)).Should().BeEquivalentTo(new { NextAt = now.AddSeconds(8), Round = 1, Attempts = 1 }, "it comes soon by itself");

        await Outbox.FailedAsync(message.Sequence, 1, "404", now.AddMinutes(30), default);
        await AcceptAsync(key);
        await AcceptAsync(key);
        (await Outbox.FindAsync(message.Sequence, default)).Should().BeEquivalentTo(
            new { message.Payload, Status = OutboxStatus.Pending, NextAt = now.AddMinutes(1), Round = 2, Attempts = 0, Since = now });
        (await Outbox.ListDueAsync(now.AddMinutes(1), 10, default)).Should().ContainSingle();
    }

    [Test]
    public async Task DropIn_DeletionAskedForAgainAfterAFailure_TellsOnlyTheNewOutcome()
    {
        Use(dropIn: true);
        OperationKey key = Cool();
        await DeleteAsync(key);
        await Catalogue.FinishDeletionAsync(key, 1, null, new OperationError("count-mismatch", "It is another number."), default);
        OutboxMessage stale = (await Outbox.ListPendingAsync(key, default)).Single();
        await Outbox.FailedAsync(stale.Sequence, 1, "No answer.", Time.GetUtcNow().AddSeconds(4), default); // the client acted, and its answer was lost

        (await DeleteAsync(key)).Generation.Should().Be(2);

        (await Outbox.ListPendingAsync(key, default)).Should().BeEmpty("the client would take it for the outcome of what it asks now");
        await Outbox.FailedAsync(stale.Sequence, 1, "No answer.", Time.GetUtcNow().AddSeconds(4), default);
        await Catalogue.FinishDeletionAsync(key, 2, Size, null, default);
        OutboxMessage told = (await Outbox.ListPendingAsync(key, default)).Should().ContainSingle().Subject;
        JsonDocument.Parse(told.Payload).RootElement.GetProperty("from_data_deletion_status").GetString().Should().Be("SUCCEEDED");
    }

    [Test]
    public async Task DropIn_DeletionOfABusyProject_IsAcceptedAndGetsTheClaimOnlyWhenItIsFree()
    {
        Use(dropIn: true);
        OperationKey running = Restore();
        await AcceptAsync(running);
        OperationKey key = Cool();

        (await DeleteAsync(key)).Status.Should().Be(DeletionStatus.Running);
        (await Catalogue.TryClaimDeletionAsync(key, 1, default)).Should().BeFalse("the operation holds it");
        await Catalogue.FinishAsync(running, Broken(), default);
        (await Catalogue.TryClaimDeletionAsync(key, 2, default)).Should().BeFalse("there is no such request");
        (await Catalogue.TryClaimDeletionAsync(key, 1, default)).Should().BeTrue();
        (await Catalogue.TryClaimDeletionAsync(key, 1, default)).Should().BeTrue("it has it");

        await FluentActions.Awaiting(() => AcceptAsync(Cool())).Should().ThrowAsync<ProjectBusyException>();
        await Catalogue.FinishDeletionAsync(key, 1, Size, null, default);
        (await Catalogue.TryClaimDeletionAsync(key, 1, default)).Should().BeFalse("it has ended");
        (await AcceptAsync(Cool())).IsNew.Should().BeTrue();
    }

    [Test]
    public async Task DropIn_DeletionOfASucceededOne_IsToldAgain()
    {
        Use(dropIn: true);
        OperationKey key = Cool();
        await DeleteAsync(key); // an operation that Tiering did not make
        await Catalogue.FinishDeletionAsync(key, 1, Size, null, default);
        OutboxMessage message = (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Single();
        await Outbox.DeliveredAsync(message.Sequence, default);

        await DeleteAsync(key);

        OutboxMessage again = (await Outbox.ListDueAsync(Time.GetUtcNow(), 10, default)).Should().ContainSingle().Subject;
        again.IsDeletion.Should().BeTrue();
        JsonDocument.Parse(again.Payload).RootElement.TryGetProperty("status", out _).Should().BeFalse();
    }

    [Test]
    public async Task Audit_EveryChange_IsRecordedOnce()
    {
        await AddAsync("demo");
        await AddAsync("demo");
        OperationKey failed = await CompleteAsync(Cool(), Broken());
        OperationKey key = Cool();
        await Catalogue.AcceptAsync(new OperationRequest(key, "operator") { From = "10.0.0.7", RetryOf = failed.Id }, default);
        await AcceptAsync(key);
        await Catalogue.StartAsync(key, default);
        await Catalogue.FinishAsync(key, Verified(), default);
        await DeleteAsync(key);
        await Catalogue.FinishDeletionAsync(key, 1, Size, null, default);
        await Audit.RecordAsync(new AuditEntry(Time.GetUtcNow(), "operator", AuditActions.OperationCancel, AuditOutcomes.Refused) { Project = "other" }, default);

        IReadOnlyList<AuditEntry> entries = (await Audit.ListAsync(new AuditQuery("demo"), default)).Entries;

        entries.Reverse().Select(entry => $"{entry.Who} {entry.Action} {entry.Outcome}").Should().Equal(
            "operator project-add accepted",
            "operator operation accepted",
            "service operation failed",
            "operator operation accepted",
            "operator operation repeated",
            "service operation succeeded",
            "operator source-deletion accepted",
            "service source-deletion succeeded");
        entries.Reverse().ElementAt(3).Should().BeEquivalentTo(new { From = "10.0.0.7", Operation = key.Id, Type = OperationType.Cool, Detail = $"retry of {failed.Id:D}" });
        (await Audit.ListAsync(new AuditQuery(), default)).Entries.Should().HaveCount(9);
    }

    [Test]
    public async Task Audit_TimeRangeAndPages_GiveEachOnce()
    {
        DateTimeOffset start = Time.GetUtcNow();
        for (int i = 0; i < 9; i++)
        {
            await Audit.RecordAsync(new AuditEntry(Time.GetUtcNow(), $"who-{i}", "x", "y"), default);
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        AuditQuery query = new(From: start.AddMinutes(2), To: start.AddMinutes(7), Limit: 3);
        AuditPage first = await Audit.ListAsync(query, default);
        AuditPage second = await Audit.ListAsync(query with { Continuation = first.Continuation }, default);

        first.Entries.Concat(second.Entries).Select(entry => entry.Who).Should().Equal("who-6", "who-5", "who-4", "who-3", "who-2");
        second.Continuation.Should().BeNull();
    }

    private Task<SourceDeletion> DeleteAsync(OperationKey key) => Catalogue.AcceptDeletionAsync(new DeletionRequest(key, "operator"), default);
}
