using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Costs;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Plans;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>What a dry run says, and then what happens: the same.</summary>
public sealed class DryRunTests : SharedJourney
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_COST_VETO_MONTHS"] = "1200" };

    [Test]
    public async Task DryRun_OfEveryStepOfAProject_IsWhatThenHappens()
    {
        string project = await ProjectAsync("figures", bigBytes: 20_000_000);
        Directory.CreateDirectory(Path.Combine(project, "empty"));
        await AsPlannedAsync("figures", "cool", present: 0);
        await AsPlannedAsync("figures", "restore", present: 3);

        File.Delete(Path.Combine(project, "runs", "1.txt"));
        File.Delete(Path.Combine(project, "notes.txt"));
        await File.WriteAllTextAsync(Path.Combine(project, "new.txt"), "new");
        TransferPlan again = await AsPlannedAsync("figures", "cool", present: 1);
        again.Removed.Names.Should().BeEquivalentTo("notes.txt", "runs/1.txt");
        again.Cost!.Lines.Should().ContainSingle(line => line.Code == "early-deletion", "all that lies at COOL is written again or removed").Which.Amount.Should().BePositive();

        await Service.DeleteSourceAsync("figures");
        TransferPlan back = await AsPlannedAsync("figures", "restore", present: 0);
        back.Duration!.Operations.Should().BeGreaterThan(0);
        back.Cost!.EarlyDeletion.Should().BePositive();
    }

    [Test]
    public async Task DryRun_ChangesNothing()
    {
        await ProjectAsync("untouched");
        await PlanAsync("untouched", "cool");

        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("untouched/", StringComparison.Ordinal));
        (await Service.StateAsync("untouched")).Should().Be("HOT");
        JsonElement shown = await Service.SendAsync(HttpMethod.Get, "/api/projects/untouched");
        shown.TryGetProperty("claim", out _).Should().BeFalse();
        (await Service.SendAsync(HttpMethod.Get, "/api/operations?project=untouched")).GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task DryRun_NamesThatCannotBeHeld_AreAllNamedByRule()
    {
        string project = await ProjectAsync("names");
        foreach (string name in (string[])["back\\slash", "other\\one", "control\u0001"])
            await File.WriteAllTextAsync(Path.Combine(project, name), "x");

        TransferPlan plan = await PlanAsync("names", "cool");

        plan.Refusals.Select(refusal => refusal.Code).Should().Contain("not-representable");
        plan.NotRepresentable.Select(rule => (rule.Count, string.Join(' ', rule.Names))).Should().BeEquivalentTo(
            [(2, "back\\slash other\\one"), (1, "control\\u0001")]);
        Failed(await Service.MoveAsync("names", "cool"), "not-representable", "back\\slash");
    }

    [Test]
    public async Task DryRun_WrongStateAndNoData_SaysBothAndThatItWouldBeRefused()
    {
        await Service.AddAsync("nothing");
        TransferPlan plan = await PlanAsync("nothing", "restore");

        plan.Refusals.Select(refusal => refusal.Code).Should().Equal("invalid-transition", "project-data-missing");
        plan.Total.Should().BeNull();
    }

    [Test]
    public async Task DryRun_OverTheOnlyCopy_SaysSo()
    {
        string folder = await ProjectAsync("only", bigBytes: 20_000_000);
        await SucceedAsync("only", "cool");
        Succeeded(await Service.DeleteSourceAsync("only"));
        Directory.CreateDirectory(folder); // empty, as something made it anew

        TransferPlan plan = await PlanAsync("only", "cool", new { ignoreCost = true });

        plan.Refusals.Select(refusal => refusal.Code).Should().Contain(["invalid-transition", "only-copy"]);
    }

    [Test]
    public async Task DryRun_WithoutRoomForSecondCopies_SaysHowMuchIsNeeded()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Directory.CreateDirectory(Path.Combine(Service.Hot, "scarce")).FullName, "16m");
        await ProjectAsync("scarce", bigBytes: 10_000_000);
        Succeeded(await Service.MoveAsync("scarce", "cool"));

        TransferPlan plan = await PlanAsync("scarce", "restore");

        plan.Refusals.Should().ContainSingle(refusal => refusal.Code == "disk-full").Which.Message.Should().Contain("10000014 of them for a while");
        Failed(await Service.MoveAsync("scarce", "restore"), "disk-full", "10000014 of them for a while");
    }

    [Test]
    public async Task DryRun_StrangersAtTheDestination_AreNamed()
    {
        await ProjectAsync("strange");
        await Azurite.CreateContainerAsync("cool");
        await Azurite.PutBlobAsync("cool", "strange/of somebody else", [1]);

        TransferPlan plan = await PlanAsync("strange", "cool", new { ignoreCost = true });

        plan.NotExplained!.Names.Should().Equal("of somebody else");
        plan.Refusals.Select(refusal => refusal.Code).Should().Equal("destination-not-explained");
    }

    [Test]
    public async Task Cool_ThatCostsMoreThanItSaves_IsRefusedUnlessToldOtherwise()
    {
        string project = await ProjectAsync("tiny");
        for (int i = 0; i < 50; i++)
            await File.WriteAllTextAsync(Path.Combine(project, $"{i}"), "x"); // a byte, billed as 128 KiB

        (await PlanAsync("tiny", "cool")).Refusals.Select(refusal => refusal.Code).Should().Equal("not-worth-cooling");
        Failed(await Service.MoveAsync("tiny", "cool"), "not-worth-cooling", "saves");
        (await Service.StateAsync("tiny")).Should().Be("HOT");
        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("tiny/", StringComparison.Ordinal));

        string id = (await Service.SendAsync(HttpMethod.Post, "/api/projects/tiny/cool", new { ignoreCost = true })).GetProperty("id").GetString()!;
        Succeeded(await Service.EndOfAsync(id));
        JsonElement audit = await Service.SendAsync(HttpMethod.Get, "/api/audit?project=tiny");
        audit.GetProperty("items").EnumerateArray().Select(entry => entry.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() : "")
            .Should().Contain("whatever it costs");
    }

    [Test]
    public async Task Cool_OverAnotherOne_TellsTheAgentSinceWhenThatHasLainThere()
    {
        await ProjectAsync("twice", bigBytes: 20_000_000);
        JsonElement first = await SucceedAsync("twice", "cool");
        await SucceedAsync("twice", "restore");
        JsonElement second = await SucceedAsync("twice", "cool");

        VetoOf(first)!.CooledAt.Should().BeNull();
        VetoOf(second)!.CooledAt.Should().Be(first.GetProperty("finishedAt").GetDateTimeOffset());

        CostVeto? VetoOf(JsonElement operation) =>
            AtomicFile.ReadJson<TransferJob>(Path.Combine(Service.JobOf(operation.GetProperty("id").GetString()!), JobFiles.Job))!.CostVeto;
    }

    [Test]
    public async Task DryRun_AskedForAgain_IsTheSamePlan_AndAnUnknownOneIsNone()
    {
        await ProjectAsync("again");
        object named = new { operationId = Guid.NewGuid() };
        TransferPlan first = await PlanAsync("again", "cool", named);
        (await PlanAsync("again", "cool", named)).MadeAt.Should().Be(first.MadeAt);
        (await Service.RefusalAsync(HttpMethod.Post, "/api/projects/again/restore?dry_run=true", named)).Code.Should().Be("invalid-field");
        (await Service.RefusalAsync(HttpMethod.Post, "/api/projects/again/cool?dry_run=perhaps")).Code.Should().Be("invalid-field");
        (await Service.RefusalAsync(HttpMethod.Get, $"/api/plans/{Guid.NewGuid():D}")).Should().Match<(int Status, string Code, string)>(refusal => refusal.Status == 404 && refusal.Code == "plan-unknown");
    }

    private async Task<TransferPlan> AsPlannedAsync(string slug, string what, long present)
    {
        TransferPlan plan = await PlanAsync(slug, what, what == "cool" ? new { ignoreCost = true } : null);
        plan.Refusals.Should().BeEmpty();
        plan.Present.Files.Should().Be(present);

        string id = (await Service.SendAsync(HttpMethod.Post, $"/api/projects/{slug}/{what}", what == "cool" ? new { ignoreCost = true } : null)).GetProperty("id").GetString()!;
        JsonElement done = Succeeded(await Service.EndOfAsync(id));
        done.GetProperty("total").Deserialize<Core.Lifecycle.DataSize>(TieringJson.Options).Should().Be(plan.Total);
        done.GetProperty("copied").Deserialize<Core.Lifecycle.DataSize>(TieringJson.Options).Should().Be(plan.Total);
        done.GetProperty("proof").GetString().Should().Be(plan.Proof);
        JsonElement certificate = (await Service.SendAsync(HttpMethod.Get, $"/api/operations/{id}/certificate")).GetProperty("certificate");
        certificate.GetProperty("removed").GetInt64().Should().Be(plan.Removed.Count);
        certificate.GetProperty("moved").GetProperty("folders").GetInt64().Should().Be(plan.Folders);
        certificate.GetProperty("moved").GetProperty("links").GetInt64().Should().Be(plan.Links);
        return plan;
    }
}
