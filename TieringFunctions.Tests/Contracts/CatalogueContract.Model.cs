using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Contracts;

public abstract partial class CatalogueContract
{
    private static readonly int[] Seeds = [.. Enumerable.Range(1, 15)];

    /// <summary>
    /// Random calls, in an order that nobody planned, repeated and late ones included; after each the invariants hold: one live thing per
    /// project and its claim, a state that fits it, ends that never change.
    /// </summary>
    [TestCaseSource(nameof(Seeds))]
    public async Task AnySequence_OfCalls_KeepsTheInvariants(int seed)
    {
        Random random = new(seed);
        ProjectSlug[] projects = [ProjectSlug.Parse("a"), ProjectSlug.Parse("b")];
        foreach (ProjectSlug project in projects)
            await AddAsync(project.Value);
        List<OperationKey> keys = [];
        Dictionary<OperationKey, string> ends = [];

        for (int step = 0; step < 120; step++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await StepAsync(random, projects, keys);
            await CheckAsync(projects, keys, ends);
        }
        ends.Count.Should().BeGreaterThan(3, "a run in which nothing ends shows nothing");
        ends.Values.Any(end => end.Contains("SUCCEEDED", StringComparison.Ordinal)).Should().BeTrue();
    }

    private async Task StepAsync(Random random, ProjectSlug[] projects, List<OperationKey> keys)
    {
        Project project = (await Catalogue.FindProjectAsync(projects[random.Next(projects.Length)], default))!;
        OperationType likely = project.State switch
        {
            LifecycleState.Hot => OperationType.Cool,
            LifecycleState.Cool => OperationType.Restore,
            _ => project.LastOperation?.Type ?? OperationType.Cool,
        };
        OperationKey fresh = new(project.Slug, random.Next(5) == 0 ? (OperationType)random.Next(2) : likely, Guid.NewGuid());
        IReadOnlyList<UnfinishedWork> live = await Catalogue.ListUnfinishedAsync(default);
        OperationKey key = random.Next(3) switch
        {
            0 when keys.Count > 0 => keys[^random.Next(1, Math.Min(keys.Count, 6) + 1)],
            1 when live.Count > 0 => live[random.Next(live.Count)].Key,
            _ => fresh,
        };
        try
        {
            switch (random.Next(9))
            {
                case 0 or 1:
                    await AcceptAsync(key);
                    if (!keys.Contains(key))
                        keys.Add(key);
                    break;
                case 2:
                    await Catalogue.StartAsync(key, default);
                    break;
                case 3:
                    await Catalogue.ReportAsync(key, null, new DataSize(random.Next(3), random.Next(300)), random.NextDouble() * 100, [], default);
                    break;
                case 4 or 8:
                    await Catalogue.FinishAsync(key, random.Next(5) switch { 0 => Broken(), 1 => Broken(nothingTouched: true), _ => Verified() }, default);
                    break;
                case 5:
                    await DeleteAsync(key);
                    break;
                case 6:
                    SourceDeletion? deletion = await Catalogue.FindDeletionAsync(key, default);
                    await Catalogue.FinishDeletionAsync(key, (deletion?.Generation ?? 0) - random.Next(2), Size, random.Next(2) == 0 ? null : new OperationError("x", "y"), default);
                    break;
                default:
                    await Catalogue.TryTakeSlotAsync(key, 1, default);
                    break;
            }
        }
        catch (TieringException)
        {
            // a refusal: it must not have changed anything, which the invariants show
        }
    }

    private async Task CheckAsync(ProjectSlug[] projects, List<OperationKey> keys, Dictionary<OperationKey, string> ends)
    {
        IReadOnlyList<UnfinishedWork> live = await Catalogue.ListUnfinishedAsync(default);
        foreach (ProjectSlug slug in projects)
        {
            Project project = (await Catalogue.FindProjectAsync(slug, default))!;
            List<UnfinishedWork> mine = [.. live.Where(work => work.Key.Project == slug)];
            mine.Count.Should().BeLessThanOrEqualTo(1, "one thing at a time holds a project");
            project.Claim.Should().Be(mine is [UnfinishedWork work] ? work.Deletion is null ? work.Key.InstanceId : work.Key.DeletionInstanceId : null);
            LifecycleState? moving = mine is [{ Status: OperationStatus.Running, Deletion: null } running]
                ? running.Key.Type == OperationType.Cool ? LifecycleState.Cooling : LifecycleState.Restoring
                : null;
            if (moving is { } state)
                project.State.Should().Be(state);
            else
                project.State.Should().NotBe(LifecycleState.Cooling).And.NotBe(LifecycleState.Restoring);
        }
        foreach (OperationKey key in keys)
        {
            LifecycleOperation operation = (await Catalogue.FindOperationAsync(key, default))!;
            string record = JsonSerializer.Serialize(operation, TieringJson.Options);
            if (operation.IsTerminal && !ends.TryAdd(key, record))
                record.Should().Be(ends[key]);
        }
    }
}
