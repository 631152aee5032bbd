using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Contracts;

/// <summary>Two workers on the same data: what one answers holds for the other.</summary>
public abstract partial class CatalogueContract
{
    /// <summary>Another worker's adapters on the data of the last <see cref="Create"/>.</summary>
    protected abstract (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) CreateAnother(bool dropIn);

    [Test]
    public async Task Workers_AcceptingTheSameKey_AcceptItOnce()
    {
        ICatalogue[] workers = Workers(dropIn: false);
        await AddAsync("demo");
        OperationKey key = Cool();

        Acceptance[] all = await RaceAsync(20, i => workers[i % 2].AcceptAsync(new OperationRequest(key, "operator"), default));

        all.Count(acceptance => acceptance.IsNew).Should().Be(1);
        all.Select(acceptance => acceptance.Operation.AcceptedAt).Distinct().Should().ContainSingle();
        (await workers[1].ListOperationsAsync(new OperationQuery(), default)).Operations.Should().ContainSingle();
    }

    [Test]
    public async Task Workers_ClaimingOneProject_ClaimItOnce()
    {
        ICatalogue[] workers = Workers(dropIn: true);
        OperationKey[] keys = [.. Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? Cool() : Restore())];

        bool[] accepted = await RaceAsync(keys.Length, i => HappensAsync(() => workers[i % 2].AcceptAsync(new OperationRequest(keys[i], "euphrosyne"), default)));

        accepted.Count(isIn => isIn).Should().Be(1);
        UnfinishedWork work = (await workers[0].ListUnfinishedAsync(default)).Should().ContainSingle().Subject;
        work.Key.Should().Be(keys[Array.IndexOf(accepted, true)]);
    }

    [Test]
    public async Task Workers_TakingSlots_NeverTakeMoreThanThereAre()
    {
        ICatalogue[] workers = Workers(dropIn: false);
        OperationKey[] keys = [.. Enumerable.Range(0, 8).Select(i => Cool($"p-{i}"))];
        foreach (OperationKey key in keys)
        {
            await AddAsync(key.Project.Value);
            await AcceptAsync(key);
        }

        bool[] taken = await RaceAsync(keys.Length, i => workers[i % 2].TryTakeSlotAsync(keys[i], 3, default));
        taken.Count(isIn => isIn).Should().Be(3);

        OperationKey ended = keys[Array.IndexOf(taken, true)];
        await workers[0].FinishAsync(ended, Broken(), default);
        OperationKey[] waiting = [.. keys.Where((_, i) => !taken[i])];
        bool[] next = await RaceAsync(waiting.Length, i => workers[i % 2].TryTakeSlotAsync(waiting[i], 3, default));
        next.Count(isIn => isIn).Should().Be(1);
    }

    [Test]
    public async Task Workers_FinishingTheSameOperation_KeepOneOutcomeAndOweItOnce()
    {
        ICatalogue[] workers = Workers(dropIn: true);
        OperationKey key = Cool();
        await AcceptAsync(key);
        await Catalogue.StartAsync(key, default);

        LifecycleOperation[] ended = await RaceAsync(10, i => workers[i % 2].FinishAsync(key, i % 2 == 0 ? Verified() : Broken(), default));

        ended.Select(operation => operation.Status).Distinct().Should().ContainSingle();
        (await Outbox.ListAsync(null, 0, 10, default)).Should().ContainSingle();
        (await Audit.ListAsync(new AuditQuery("demo"), default)).Entries.Count(entry => entry.Who == "service").Should().Be(1);
        (await workers[1].ListUnfinishedAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task Workers_ReportingAndFinishing_EndTerminal()
    {
        ICatalogue[] workers = Workers(dropIn: false);
        await AddAsync("demo");
        OperationKey key = Cool();
        await AcceptAsync(key);
        await Catalogue.StartAsync(key, default);

        await RaceAsync(12, async i =>
        {
            if (i == 7)
                return (await workers[1].FinishAsync(key, Verified(), default)).IsTerminal;
            await workers[i % 2].ReportAsync(key, Size, new DataSize(1, i), i, [$"job-{i}"], default);
            return false;
        });

        LifecycleOperation operation = (await workers[0].FindOperationAsync(key, default))!;
        operation.Status.Should().Be(OperationStatus.Succeeded);
        operation.Copied.Should().Be(Size);
        (await StateAsync()).Should().Be(LifecycleState.Cool);
    }

    [Test]
    public async Task Workers_AcceptingAndRemoving_LeaveNoClaimWithoutItsOperation()
    {
        ICatalogue[] workers = Workers(dropIn: false);
        for (int round = 0; round < 5; round++)
        {
            string slug = $"p-{round}";
            await AddAsync(slug);
            OperationKey key = Cool(slug);

            bool[] done = await RaceAsync(2, i => HappensAsync(() => i == 0
                ? workers[0].AcceptAsync(new OperationRequest(key, "operator"), default)
                : workers[1].RemoveProjectAsync(key.Project, Caller.Service, default)));

            done.Count(isDone => isDone).Should().Be(1, "whoever comes first leaves nothing to the other");
            Project? project = await Catalogue.FindProjectAsync(key.Project, default);
            (project?.Claim).Should().Be(done[0] ? key.InstanceId : null);
        }
    }

    private ICatalogue[] Workers(bool dropIn)
    {
        Use(dropIn);
        return [Catalogue, CreateAnother(dropIn).Catalogue];
    }

    private static Task<T[]> RaceAsync<T>(int count, Func<int, Task<T>> act) => Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i))));

    private static async Task<bool> HappensAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (TieringException refused) when (refused is ProjectBusyException or ProjectUnknownException)
        {
            return false;
        }
    }
}
