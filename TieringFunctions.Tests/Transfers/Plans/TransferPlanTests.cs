using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Plans;
using Tiering.EmbeddedHost;

namespace Tiering.Tests.Transfers.Plans;

public sealed class TransferPlanTests
{
    [Test]
    public void First_ManyShortNames_AreCutByTheirNumber() =>
        TransferPlan.First(Enumerable.Range(0, 10_000).Select(i => $"{i}"), name => name).Should().HaveCount(TransferPlan.MostNames).And.StartWith(["0", "1"]);

    [Test]
    public void Plan_WithAsManyAndAsLongNamesAsThereCanBe_FitsIntoAHistory()
    {
        string longest = new('\u0001', 4096); // written as six characters each
        IReadOnlyList<string> names = TransferPlan.First(Enumerable.Repeat(longest, 10_000), name => name);
        names.Should().NotBeEmpty();
        TransferPlan plan = new(ProjectSlug.Parse("demo"), OperationType.Cool, DateTimeOffset.UnixEpoch, LocationKind.Folder, LocationKind.Blob)
        {
            Removed = new PlannedRemoval { Names = names },
            NotRepresentable = [new RefusedNames("rule", 10_000, names)],
            NotExplained = new RefusedNames("rule", 10_000, names),
        };

        JsonSerializer.Serialize(plan, TieringJson.Options).Length.Should().BeLessThan(new EmbeddedHostOptions().MaxPayloadCharacters - 100_000, "the reasons come with it");
    }
}
