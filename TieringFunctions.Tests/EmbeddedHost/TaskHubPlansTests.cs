using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Storage;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>A step, a page and a start cost the same in a hub of any size: nothing goes through all instances or histories.</summary>
public sealed class TaskHubPlansTests
{
    private static readonly OrchestrationRuntimeStatus[] Live =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended];

    [Test]
    public async Task Statements_OfTheEngine_UseIndexes()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms), typeof(BehaviourPrograms));
        await UseEverythingAsync(host);
        await host.RestartAsync();
        SqliteTaskHubStore store = (SqliteTaskHubStore)host.Services.GetRequiredService<TaskHubHost>().Store;
        foreach (InstanceFilter filter in Filters())
            store.List(filter);
        await UseEverythingAsync(host);
        string[] statements = [.. store.Statements.Where(sql => sql.Split(' ')[0] is "SELECT" or "UPDATE" or "DELETE" or "INSERT")];
        statements.Should().HaveCountGreaterThan(40);

        using HubDatabase database = new(host.DatabasePath, readOnly: true);
        foreach (string sql in statements)
        {
            List<string> plan = [];
            using (HubStatement explain = database.Prepare($"EXPLAIN QUERY PLAN {sql}"))
            {
                while (explain.Step())
                    plan.Add(explain.GetText(3));
            }
            plan.Should().NotContain(line => line.StartsWith("SCAN instances") || line.StartsWith("SCAN history"), sql);
            if (sql.Contains("LIMIT", StringComparison.Ordinal))
                plan.Should().NotContain(line => line.Contains("TEMP B-TREE", StringComparison.Ordinal), sql);
        }
    }

    [Test]
    public void List_ByPages_GivesEachThatMatchesOnce()
    {
        using TempFolder folder = new();
        using SqliteTaskHubStore store = new(folder.At("taskhub.db"));
        store.Open();
        Fill(store);
        IReadOnlyList<StoredInstance> all = store.List(new() { Limit = 1_000 });
        all.Should().HaveCount(60);
        foreach (InstanceFilter filter in Filters())
        {
            string[] expected = [.. all
                .Where(row => filter.CreatedFrom is null || row.Created >= filter.CreatedFrom)
                .Where(row => filter.CreatedTo is null || row.Created <= filter.CreatedTo)
                .Where(row => filter.Statuses is not { Count: > 0 } || filter.Statuses.Contains(row.Status))
                .Where(row => row.Id.StartsWith(filter.Prefix ?? "", StringComparison.Ordinal))
                .Where(row => !filter.SetAside || row.SetAside is not null)
                .Select(row => row.Id)];
            List<string> found = [];
            for (InstanceFilter next = filter with { Limit = 3 }; ;)
            {
                IReadOnlyList<StoredInstance> page = store.List(next);
                found.AddRange(page.Select(row => row.Id));
                if (page.Count < 3)
                    break;
                next = next with { After = InstanceCursor.Parse(InstanceCursor.Of(page[^1]).ToString()) };
            }
            found.Should().BeEquivalentTo(expected, filter.ToString()).And.OnlyHaveUniqueItems();
        }
    }

    [TestCase("1")]
    [TestCase("a.b.c")]
    [TestCase("1.2.!")]
    [TestCase("9999999999999999999.1.YQ")]
    public void Token_OfNoPage_IsRefused(string token) => FluentActions.Invoking(() => InstanceCursor.Parse(token)).Should().Throw<ArgumentException>();

    private static IEnumerable<InstanceFilter> Filters()
    {
        DateTime[] times = [Created(10), Created(40)];
        OrchestrationRuntimeStatus[][] statuses = [[], [OrchestrationRuntimeStatus.Failed], Live, [.. Live, OrchestrationRuntimeStatus.Completed]];
        foreach (OrchestrationRuntimeStatus[] among in statuses)
        {
            foreach (string? prefix in new[] { null, "b", "nobody" })
            {
                yield return new() { Limit = 5, Statuses = among, Prefix = prefix };
                yield return new() { Limit = 5, Statuses = among, Prefix = prefix, CreatedFrom = times[0], CreatedTo = times[1] };
            }
        }
        yield return new() { Limit = 5, SetAside = true };
    }

    private static DateTime Created(int number) => new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(number / 4); // four at one moment

    private static void Fill(SqliteTaskHubStore store)
    {
        OrchestrationRuntimeStatus[] statuses =
            [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended, OrchestrationRuntimeStatus.Pending];
        List<StoreOperation> group = [];
        for (int i = 0; i < 60; i++)
        {
            NewInstance instance = new(store.NextInstance(), $"{"abc"[i % 3]}{60 - i}", "X", "", Created(i), new(Created(i), [new ExecutionStarted(null)], []));
            group.Add(new StartInstance(instance, new HashSet<OrchestrationRuntimeStatus>()));
            OrchestrationRuntimeStatus status = statuses[i % 5];
            if (status != OrchestrationRuntimeStatus.Pending)
                group.Add(new CommitStep { Instance = instance.Number, Generation = 0, Status = status, StatusChanges = true, Now = Created(i), Final = i % 5 < 2 });
            if (i % 7 == 0)
                group.Add(new SetAside(instance.Number, "held"));
        }
        store.Commit(group);
    }

    private static async Task UseEverythingAsync(TestHost host)
    {
        DurableTaskClient client = host.Client;
        await host.RunAsync(nameof(FaultPrograms.Echo), "x");
        await host.RunAsync(nameof(BehaviourPrograms.FailsAfterRetries));
        await host.RunAsync(nameof(BehaviourPrograms.ContinuesTwice), 0);
        string nest = Guid.NewGuid().ToString("N");
        await client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.Nests), new BehaviourPrograms.Nest(nest, 2, Waits: true), new StartOrchestrationOptions($"{nest}-2"));
        await Eventually.IsTrueAsync(() => client.GetInstanceAsync($"{nest}-0").GetAwaiter().GetResult() is { RuntimeStatus: OrchestrationRuntimeStatus.Running });
        await client.SuspendInstanceAsync($"{nest}-1");
        await client.TerminateInstanceAsync($"{nest}-2", new TerminateInstanceOptions(null, Recursive: true));
        foreach (int depth in new[] { 2, 1, 0 })
            await host.EndAsync($"{nest}-{depth}");
        await client.PurgeInstanceAsync($"{nest}-2", new PurgeInstanceOptions(Recursive: true));
        await client.PurgeAllInstancesAsync(new PurgeInstancesFilter(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1)));
        string key = Guid.NewGuid().ToString("N");
        OrchestrationMetadata failed = await host.RunAsync(nameof(FaultPrograms.SecondFails), key);
        FaultPrograms.Repair(key);
        await client.RewindInstanceAsync(failed.InstanceId, "again");
        await host.EndAsync(failed.InstanceId);
        await client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.Echo), "x", new StartOrchestrationOptions(null, DateTimeOffset.UtcNow.AddHours(1)));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        administration.ListSetAside().Should().BeEmpty();
        administration.CheckReplays().Should().BeEmpty();
        administration.Inspect(failed.InstanceId).Should().NotBeEmpty();
    }
}
