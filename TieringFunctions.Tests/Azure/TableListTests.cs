using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Azure;
using Tiering.Tests.Support;

namespace Tiering.Tests.Azure;

/// <summary>What only tables have: long texts in several properties, and entries that no row confirms.</summary>
[Category("Azure")]
public sealed class TableListTests
{
    private static readonly ProjectSlug Demo = ProjectSlug.Parse("demo");

    [Test]
    public async Task Finish_ErrorLongerThanAProperty_ComesBackWhole()
    {
        TableCatalogue catalogue = new(AzureAccount.Tables(AzureAccount.NewName(), new ManualTime()), dropIn: true);
        OperationKey key = new(Demo, OperationType.Cool, Guid.NewGuid());
        string message = string.Concat(Enumerable.Repeat("a\U0001F4BEß'\"\n", 20_000)); // pairs at every possible edge of a property
        await catalogue.AcceptAsync(new OperationRequest(key, "o"), default);

        await catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("x", message) }, default);

        (await catalogue.FindOperationAsync(key, default))!.Error!.Message.Should().Be(message);
    }

    [Test]
    public async Task Slug_OfTheLongestKind_IsListedInOrder()
    {
        TableCatalogue catalogue = new(AzureAccount.Tables(AzureAccount.NewName(), new ManualTime()), dropIn: false);
        string[] slugs = [new('z', 255), string.Concat(Enumerable.Repeat("日", 85)), "a 'b' & c+d=e;{f}", new('a', 255), "ünïcode"];
        foreach (string slug in slugs)
            await catalogue.AddProjectAsync(ProjectSlug.Parse(slug), LifecycleState.Hot, Caller.Service, default);

        List<string> seen = [];
        for (ProjectSlug? after = null; (await catalogue.ListProjectsAsync(after, 2, default)) is { Count: > 0 } page; after = page[^1].Slug)
            seen.AddRange(page.Select(project => project.Slug.Value));

        seen.Should().Equal(slugs.OrderBy(slug => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(slug)), StringComparer.Ordinal));
    }

    [Test]
    public async Task List_EntriesOfAWorkerThatDied_AreNeverSeenAndGoneAfterAnHour()
    {
        string prefix = AzureAccount.NewName();
        ManualTime time = new();
        TableCatalogue catalogue = new(AzureAccount.Tables(prefix, time), dropIn: true);
        OperationKey lost = new(Demo, OperationType.Cool, Guid.NewGuid());
        await catalogue.ListUnfinishedAsync(default); // the tables are there
        for (int requests = 3; requests < 9; requests++) // it makes two tables and reads two rows first
        {
            TableCatalogue dying = new(AzureAccount.Tables(prefix, time, new DyingTransport(requests, acts: true)), dropIn: true);
            await FluentActions.Awaiting(() => dying.AcceptAsync(new OperationRequest(lost, "o"), default)).Should().ThrowAsync<CatalogueUnavailableException>();
        }

        (await catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().BeEmpty();
        (await EntriesAsync(prefix)).Should().BePositive("a change that is being made needs them");
        time.Advance(TimeSpan.FromMinutes(61));
        await catalogue.ListOperationsAsync(new OperationQuery(), default);
        await catalogue.ListUnfinishedAsync(default);
        await catalogue.FindOperationsAsync(lost.Id, default);
        await new TableAudit(AzureAccount.Tables(prefix, time)).ListAsync(new AuditQuery(), default);

        (await EntriesAsync(prefix)).Should().Be(0);
    }

    private static async Task<int> EntriesAsync(string prefix)
    {
        int entries = 0;
        await foreach (global::Azure.Data.Tables.TableEntity _ in AzureAccount.Service().GetTableClient(prefix + "Lists").QueryAsync<global::Azure.Data.Tables.TableEntity>())
            entries++;
        return entries;
    }
}
