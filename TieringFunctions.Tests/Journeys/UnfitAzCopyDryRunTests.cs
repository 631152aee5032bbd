using Tiering.Core.Transfers.Plans;

namespace Tiering.Tests.Journeys;

/// <summary>What an agent of this machine is going to stumble over, the dry run of the service says beforehand.</summary>
public sealed class UnfitAzCopyDryRunTests : SharedJourney
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AZCOPY_PATH"] = "/nowhere/azcopy",
        ["AZCOPY_DISK_BUDGET_GB"] = "0.001",
    };

    [Test]
    public async Task DryRun_WithoutAzCopyAndRoomForItsPlans_SaysBoth()
    {
        await ProjectAsync("unfit");

        TransferPlan plan = await PlanAsync("unfit", "cool");

        plan.Refusals.Select(refusal => refusal.Code).Should().Equal("azcopy-not-installed", "azcopy-disk-budget");
        Failed(await Service.MoveAsync("unfit", "cool"), "azcopy-not-installed", plan.Refusals[0].Message);
    }
}
