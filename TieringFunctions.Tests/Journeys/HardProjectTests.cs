using System.Text.Json;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Journeys;

/// <summary>Folders that are hard to copy: what can come back does, and what cannot is refused.</summary>
public sealed class HardProjectTests : SharedJourney
{
    [Test]
    public Task HardProject_CooledDeletedAndRestored_IsWhatItWas() => RoundTripAsync("hard", files: 300, bytes: 10_000_000, bigBytes: 10_000_000);

    [Test]
    [Category("Long")]
    public Task BigHardProject_CooledDeletedAndRestored_IsWhatItWas() => RoundTripAsync("hard big", files: 3000, bytes: 60_000_000, bigBytes: 300_000_000);

    [Test]
    public async Task Cool_NamesThatABlobCannotHold_AreAllListedAndNothingMoves()
    {
        string project = await ProjectAsync("poison");
        File.WriteAllText(Path.Combine(project, "back\\slash"), "x");
        File.WriteAllText(Path.Combine(project, "runs", "bell\u0007"), "x");
        File.WriteAllText(Path.Combine(project, "line\nfeed"), "x");
        File.WriteAllText(Path.Combine(project, "delete\u007f"), "x");
        File.WriteAllText(Path.Combine(project, "no\ufffecharacter"), "x");
        RawNames.MakeFile(project, "latin-1 "u8.ToArray().Append((byte)0xE9).ToArray());
        RawNames.MakePipe(Path.Combine(project, "pipe"));
        try
        {
            JsonElement cooled = Failed(await Service.MoveAsync("poison", "cool"), "not-representable");

            string listed = cooled.GetProperty("error").GetProperty("details").GetProperty("first").GetString()!;
            foreach (string name in (string[])["back\\slash", "runs/bell", "line", "feed", "delete", "character", @"latin-1 \xE9", "pipe"])
                listed.Should().Contain(name);
            cooled.GetProperty("error").GetProperty("details").GetProperty("differences").GetString().Should().Be("7");
            listed.Where(char.IsControl).Should().OnlyContain(character => character == '\n', "what is shown must not steer a terminal");
            (await Service.StateAsync("poison")).Should().Be("HOT");
            (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("poison/", StringComparison.Ordinal));
        }
        finally
        {
            RawNames.DeleteFile(project, "latin-1 "u8.ToArray().Append((byte)0xE9).ToArray());
        }
    }

    private async Task RoundTripAsync(string slug, int files, long bytes, long bigBytes)
    {
        string project = Path.Combine(Service.Hot, slug);
        HardProject.Fill(project, files, bytes, bigBytes);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await Service.AddAsync(slug);

        JsonElement cooled = await SucceedAsync(slug, "cool");
        cooled.GetProperty("total").GetProperty("files").GetInt64().Should().Be(files + 1);
        cooled.GetProperty("proof").GetString().Should().NotBe("sizes");
        (await Service.DeleteSourceAsync(slug)).GetProperty("status").GetString().Should().Be("SUCCEEDED", Service.Output);
        Directory.Exists(project).Should().BeFalse();

        await SucceedAsync(slug, "restore");
        FolderListing.Of(project).Should().Equal(before);
    }
}
