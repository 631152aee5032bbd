using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Catalogue;

public sealed class CatalogueRulesTests
{
    private static readonly OperationKey Key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));

    /// <summary>No operation ends well without totals; a row that says so was written by something else, and is not believed.</summary>
    [Test]
    public void CheckDeletion_SucceededWithoutTotals_IsRefused()
    {
        DataSize size = new(3, 300);
        LifecycleOperation whole = new LifecycleOperation(Key, DateTimeOffset.UnixEpoch).Succeed(DateTimeOffset.UnixEpoch, size, size, "full", unwitnessed: false);
        string text = JsonSerializer.Serialize(whole, TieringJson.Options);
        LifecycleOperation without = JsonSerializer.Deserialize<LifecycleOperation>(text.Replace("\"total\":{\"files\":3,\"bytes\":300},", "", StringComparison.Ordinal), TieringJson.Options)!;
        without.Should().BeEquivalentTo(new { Status = OperationStatus.Succeeded, Proof = "full", Total = (DataSize?)null });

        FluentActions.Invoking(() => CatalogueRules.CheckDeletion(whole, LifecycleState.Cool, Key)).Should().NotThrow();
        FluentActions.Invoking(() => CatalogueRules.CheckDeletion(without, LifecycleState.Cool, Key)).Should().Throw<DeletionRefusedException>().WithMessage("*totals are not known*");
    }
}
