using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tiering.Emulators.Euphrosyne;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>The proof of an operation that another program made, before its source is deleted: it comes in steps, and a kill costs one of them.</summary>
public sealed partial class DeletionProofTests : DropInJourney
{
    private const int Files = 80;
    private const int FileBytes = 60_000;

    /// <summary>Slow enough for several steps of the shortest kind: all of it takes a dozen seconds.</summary>
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["TIERING_PROOF_MBPS"] = "6",
        ["TIERING_STEP_SECONDS"] = "1",
    };

    [Test]
    public async Task Proof_KilledBetweenTwoSteps_GoesOnBehindTheLast()
    {
        (string folder, ClientOperation cool) = await MadeBeforeAsync("made-before");
        (await Client.DeleteSourceAsync(cool.Id)).Should().Be(202);
        int before = await Service.WaitAsync(() => ProvedAsync(cool.Id), proved => proved is > 0, "a step of the proof", everyMilliseconds: 5) ?? 0;
        await KillServiceAsync();
        Directory.Exists(folder).Should().BeTrue();
        await StartServiceAgainAsync();

        List<int> after = [];
        await Service.WaitAsync(() => ProvedAsync(cool.Id), proved => proved is null ? IsTold(cool.Id) : Add(after, proved.Value), "the proof's end", everyMilliseconds: 5);
        after.Should().NotContain(proved => proved < before, "what was proved is not read again");
        (await DeletionOfAsync(cool.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);

        Directory.Exists(folder).Should().BeFalse();
        CallbacksOf(cool.Id).Should().ContainSingle();
        Directory.EnumerateFiles(Path.Combine(Service.Data, "manifests"), "draft-*", SearchOption.AllDirectories).Should().BeEmpty();
        Directory.EnumerateFiles(Path.Combine(Service.Data, "manifests"), $"*-cool-{cool.Id:D}.proved.jsonl.gz", SearchOption.AllDirectories).Should().ContainSingle();
    }

    private bool IsTold(Guid id) => Client.Model.Find(id)!.Deletion is "SUCCEEDED" or "FAILED";

    private static bool Add(List<int> seen, int proved)
    {
        seen.Add(proved);
        return false;
    }

    private async Task<(string Folder, ClientOperation Cool)> MadeBeforeAsync(string slug)
    {
        string folder = HotProject(slug, Files, FileBytes);
        await CoolCopyAsync(slug, Files, FileBytes);
        return (folder, Earlier(slug, "COOL", Files, (long)Files * FileBytes, "COOL"));
    }

    /// <summary>How many files the proof has behind it; null when none is under way.</summary>
    private async Task<int?> ProvedAsync(Guid id)
    {
        JsonElement page = await Service.SendAsync(HttpMethod.Get, "/api/instances?limit=1000");
        foreach (JsonElement item in page.GetProperty("items").EnumerateArray())
        {
            if (item.GetProperty("id").GetString()!.EndsWith($"-delete-hot-{id:D}", StringComparison.Ordinal) && item.TryGetProperty("customStatus", out JsonElement told)
                && Proving().Match(told.ToString()) is { Success: true } match)
                return int.Parse(match.Groups["files"].ValueSpan, CultureInfo.InvariantCulture);
        }
        return null;
    }

    [GeneratedRegex("^proving: (?<files>[0-9]+) of 80 files, [0-9]+ of 4800000 bytes$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Proving();
}
