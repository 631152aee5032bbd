using System.Text;
using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Data that changes behind Tiering's back: it is found, named, left as it is, and can be mended.</summary>
public sealed class ChangedDataTests : SharedJourney
{
    [Test]
    public async Task Restore_BlobRemovedOrChanged_FailsAndSucceedsOnceItIsPutBack([Values] bool isRemoved)
    {
        string slug = $"tampered-{isRemoved}";
        string project = await ProjectAsync(slug);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await SucceedAsync(slug, "cool");
        (await Service.DeleteSourceAsync(slug)).GetProperty("status").GetString().Should().Be("SUCCEEDED");
        byte[] original = await Azurite.GetBlobAsync("cool", $"{slug}/runs/1.txt");
        if (isRemoved)
            await Azurite.DeleteBlobAsync("cool", $"{slug}/runs/1.txt");
        else
            await Azurite.PutBlobAsync("cool", $"{slug}/runs/1.txt", Encoding.ASCII.GetBytes("First run")); // the size is the same

        JsonElement failed = Failed(await Service.MoveAsync(slug, "restore"), "source-differs", "runs/1.txt");
        (await Service.StateAsync(slug)).Should().Be("ERROR");
        Directory.Exists(project).Should().BeFalse("nothing is written before the source is proved");

        await Azurite.PutBlobAsync("cool", $"{slug}/runs/1.txt", original);
        Succeeded(await Service.RetryAsync(failed));
        (await Service.StateAsync(slug)).Should().Be("HOT");
        FolderListing.Of(project).Should().Equal(before);
    }

    [TestCase("changed", TransferPhase.Copy)]
    [TestCase("appeared", TransferPhase.Copy)]
    [TestCase("vanished", TransferPhase.Copy)]
    [TestCase("changed", TransferPhase.Proof)]
    [TestCase("appeared", TransferPhase.Proof)]
    [TestCase("vanished", TransferPhase.Proof)]
    public async Task Cool_SourceChangesMeanwhile_FailsAndSucceedsWhenTriedAgain(string what, TransferPhase phase)
    {
        string slug = $"{what}-in-{phase}";
        string project = await ProjectAsync(slug, bigBytes: 1_000_000);
        string file = Path.Combine(project, what == "appeared" ? "new.txt" : "runs/1.txt");
        string id;
        using (HeldRequests held = phase == TransferPhase.Copy ? Faults.HoldWrites($"cool/{slug}/big.bin") : Faults.HoldReads($"cool/{slug}/big.bin"))
        {
            id = await Service.AskAsync(slug, "cool");
            await held.ArriveAsync();
            await Service.PhaseAsync(id, phase);
            if (what == "vanished")
                File.Delete(file);
            else
                await File.WriteAllTextAsync(file, "other words");
        }
        IReadOnlyList<string> after = FolderListing.Of(project);

        JsonElement failed = Failed(await Service.EndOfAsync(id), "source-changed", Path.GetRelativePath(project, file));
        (await Service.StateAsync(slug)).Should().Be("ERROR");
        FolderListing.Of(project).Should().Equal(after, "HOT is not touched");

        Succeeded(await Service.RetryAsync(failed));
        (await Service.StateAsync(slug)).Should().Be("COOL");
        (await Azurite.ListAsync("cool")).Where(name => name.StartsWith($"{slug}/", StringComparison.Ordinal))
            .Should().BeEquivalentTo(Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Select(path => $"{slug}/{Path.GetRelativePath(project, path)}"));
    }

    [Test]
    public async Task HotEditedWhileCool_RestoreAndDeletionRefuseAndNameIt()
    {
        string project = await ProjectAsync("edited");
        await SucceedAsync("edited", "cool");
        await File.WriteAllTextAsync(Path.Combine(project, "runs", "late.txt"), "somebody still works here");
        await File.WriteAllTextAsync(Path.Combine(project, "notes.txt"), "NOTES");
        IReadOnlyList<string> edited = FolderListing.Of(project);

        JsonElement deletion = await Service.DeleteSourceAsync("edited");
        deletion.GetProperty("status").GetString().Should().Be("FAILED");
        deletion.GetProperty("error").GetProperty("message").GetString().Should().Contain("runs/late.txt").And.Contain("notes.txt");
        Failed(await Service.MoveAsync("edited", "restore"), "destination-not-explained", "runs/late.txt", "notes.txt");

        (await Service.StateAsync("edited")).Should().Be("COOL");
        FolderListing.Of(project).Should().Equal(edited);
    }
}
