using System.Globalization;
using System.Text;
using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Azure;
using Tiering.Tests.Support;

namespace Tiering.Tests.Azure;

/// <summary>
/// A worker dies at each of its requests in turn, before it or right after it has acted; another worker then repeats the call. The end is the
/// same as without the death: by every list, by every look-up.
/// </summary>
[Category("Azure")]
public sealed class TableCrashTests
{
    private static readonly ProjectSlug Demo = ProjectSlug.Parse("été 1");
    private static readonly OperationKey Key = new(Demo, OperationType.Cool, new Guid("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));
    private static readonly OperationKey Earlier = new(Demo, OperationType.Restore, new Guid("11111111-7b0a-4b5e-9c61-2f6d3a1b7e55"));
    private static readonly DataSize Size = new(3, 300);

    private static readonly OperationOutcome Verified = new() { Total = Size, Copied = Size, Proof = "full" };

    /// <summary>What came before, and the call that a worker dies in.</summary>
    private static IEnumerable<TestCaseData> Calls()
    {
        yield return Case("AddProject", dropIn: false, _ => Task.CompletedTask, w => w.Catalogue.AddProjectAsync(Demo, LifecycleState.Hot, Caller.Service, default));
        yield return Case("RemoveProject", dropIn: false, AddAsync, w => w.Catalogue.RemoveProjectAsync(Demo, Caller.Service, default));
        yield return Case("Accept", dropIn: false, AddAsync, w => w.Catalogue.AcceptAsync(new OperationRequest(Key, "operator"), default));
        yield return Case("Accept in drop-in mode", dropIn: true, _ => Task.CompletedTask, w => w.Catalogue.AcceptAsync(new OperationRequest(Key, "euphrosyne"), default));
        yield return Case("Start", dropIn: false, AcceptAsync, w => w.Catalogue.StartAsync(Key, default));
        yield return Case("Report", dropIn: false, StartAsync, w => w.Catalogue.ReportAsync(Key, Size, new DataSize(1, 100), 30, ["job"], default));
        yield return Case("TryTakeSlot", dropIn: false, StartAsync, w => w.Catalogue.TryTakeSlotAsync(Key, 1, default));
        yield return Case("Finish", dropIn: false, StartAsync, w => w.Catalogue.FinishAsync(Key, Verified, default));
        yield return Case("Finish with a slot", dropIn: false, TakeSlotAsync, w => w.Catalogue.FinishAsync(Key, Verified, default));
        yield return Case("Finish in drop-in mode", dropIn: true, StartAsync, w => w.Catalogue.FinishAsync(Key, Verified, default));
        yield return Case("Accept again after the end", dropIn: true, DeliveredAsync, w => w.Catalogue.AcceptAsync(new OperationRequest(Key, "euphrosyne"), default));
        yield return Case("AcceptDeletion", dropIn: false, FinishAsync, w => w.Catalogue.AcceptDeletionAsync(new DeletionRequest(Key, "operator"), default));
        yield return Case("FinishDeletion", dropIn: true, DeleteAsync, w => w.Catalogue.FinishDeletionAsync(Key, 1, Size, null, default));
        yield return Case("Delivered", dropIn: true, FinishAsync, async w => await w.Outbox.DeliveredAsync(await SequenceAsync(w), default));
    }

    [TestCaseSource(nameof(Calls))]
    public async Task Call_WorkerDiesAtAnyRequest_RepeatedByAnotherEndsTheSame(bool dropIn, Func<Worker, Task> before, Func<Worker, Task> call)
    {
        string expected = await RunAsync(dropIn, before, call, int.MaxValue, acts: false) ?? throw new InvalidOperationException();
        int deaths = 0;
        for (int requests = 1; ; requests++)
        {
            string? after = await RunAsync(dropIn, before, call, requests, acts: true);
            string? instead = await RunAsync(dropIn, before, call, requests, acts: false);
            if (after is null && instead is null)
                break; // the call needs fewer requests
            after?.Should().Be(expected, "it died right after its request {0}", requests);
            instead?.Should().Be(expected, "it died before its request {0}", requests);
            deaths++;
        }
        deaths.Should().BeGreaterThan(2, "a call that makes fewer requests would show nothing");
    }

    /// <summary>The end, told by all look-ups; null when the worker lived.</summary>
    private static async Task<string?> RunAsync(bool dropIn, Func<Worker, Task> before, Func<Worker, Task> call, int requests, bool acts)
    {
        string prefix = AzureAccount.NewName();
        ManualTime time = new();
        await before(new Worker(AzureAccount.Tables(prefix, time), dropIn));
        DyingTransport transport = new(requests, acts);
        time.Advance(TimeSpan.FromSeconds(10));
        try
        {
            await call(new Worker(AzureAccount.Tables(prefix, time, transport), dropIn));
        }
        catch (CatalogueUnavailableException) when (transport.IsDead)
        {
            // it was told that it could not
        }
        if (requests != int.MaxValue && !transport.IsDead)
            return null;
        Worker other = new(AzureAccount.Tables(prefix, time), dropIn);
        if (requests != int.MaxValue)
            await call(other);
        return await TellAsync(other, time);
    }

    private static async Task<string> TellAsync(Worker worker, ManualTime time)
    {
        StringBuilder told = new();
        void Line(string what, object? value) => told.Append(CultureInfo.InvariantCulture, $"{what}: {JsonSerializer.Serialize(value, TieringJson.Options)}\n");
        Line("project", await worker.Catalogue.FindProjectAsync(Demo, default));
        Line("projects", await worker.Catalogue.ListProjectsAsync(null, 10, default));
        Line("operation", await worker.Catalogue.FindOperationAsync(Key, default));
        Line("by id", await worker.Catalogue.FindOperationsAsync(Key.Id, default));
        Line("of the project", (await worker.Catalogue.ListOperationsAsync(new OperationQuery(Demo), default)).Operations);
        foreach (OperationStatus? status in (OperationStatus?[])[null, .. Enum.GetValues<OperationStatus>()])
            Line($"operations {status}", (await worker.Catalogue.ListOperationsAsync(new OperationQuery(Status: status), default)).Operations);
        Line("unfinished", await worker.Catalogue.ListUnfinishedAsync(default));
        Line("deletion", await worker.Catalogue.FindDeletionAsync(Key, default));
        foreach (OutboxStatus? status in (OutboxStatus?[])[null, .. Enum.GetValues<OutboxStatus>()])
            Line($"outbox {status}", (await worker.Outbox.ListAsync(status, 0, 10, default)).Select(message => message with { Sequence = 0 }));
        Line("due", (await worker.Outbox.ListDueAsync(time.GetUtcNow(), 10, default)).Select(message => message with { Sequence = 0 }));
        foreach (string? project in (string?[])[null, Demo.Value])
            Line("audit", (await worker.Audit.ListAsync(new AuditQuery(project), default)).Entries.Where(entry => entry.Outcome != AuditOutcomes.Repeated));
        OperationKey next = Earlier with { Project = ProjectSlug.Parse("another") };
        await worker.Catalogue.AddProjectAsync(next.Project, LifecycleState.Cool, Caller.Service, default);
        await worker.Catalogue.AcceptAsync(new OperationRequest(next, "operator"), default);
        Line("slots are left", await worker.Catalogue.TryTakeSlotAsync(next, 1, default));
        return told.ToString();
    }

    private static TestCaseData Case(string name, bool dropIn, Func<Worker, Task> before, Func<Worker, Task> call) =>
        new TestCaseData(dropIn, before, call).SetArgDisplayNames(name);

    private static Task AddAsync(Worker worker) =>
        worker.IsDropIn ? Task.CompletedTask : worker.Catalogue.AddProjectAsync(Demo, LifecycleState.Hot, Caller.Service, default);

    private static async Task AcceptAsync(Worker worker)
    {
        await AddAsync(worker);
        await worker.Catalogue.AcceptAsync(new OperationRequest(Key, "operator"), default);
    }

    private static async Task StartAsync(Worker worker)
    {
        await AcceptAsync(worker);
        await worker.Catalogue.StartAsync(Key, default);
    }

    private static async Task TakeSlotAsync(Worker worker)
    {
        await StartAsync(worker);
        (await worker.Catalogue.TryTakeSlotAsync(Key, 1, default)).Should().BeTrue();
    }

    private static async Task FinishAsync(Worker worker)
    {
        await StartAsync(worker);
        await worker.Catalogue.FinishAsync(Key, Verified, default);
    }

    private static async Task DeliveredAsync(Worker worker)
    {
        await FinishAsync(worker);
        await worker.Outbox.DeliveredAsync(await SequenceAsync(worker), default);
    }

    private static async Task DeleteAsync(Worker worker)
    {
        await FinishAsync(worker);
        await worker.Catalogue.AcceptDeletionAsync(new DeletionRequest(Key, "operator"), default);
    }

    private static async Task<long> SequenceAsync(Worker worker) => (await worker.Outbox.ListAsync(null, 0, 10, default)).Single().Sequence;

    public sealed record Worker(ICatalogue Catalogue, IAudit Audit, IOutbox Outbox, bool IsDropIn)
    {
        public Worker(TableStorage storage, bool dropIn)
            : this(new TableCatalogue(storage, dropIn), new TableAudit(storage), new TableOutbox(storage), dropIn)
        {
        }
    }
}
