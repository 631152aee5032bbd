using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Inventories;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

public sealed class CopyPartsTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void SetUp() => folder = new TempFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [TestCase(3, "a/1 a/2 b/1 b/2 c/1", "a | b c")]
    [TestCase(4, "a/1 a/2 b/1 b/2 c/1", "a b | c")]
    [TestCase(2, "a/1 a/2 b/1 b/2 c/1", "a | b | c")]
    [TestCase(2, "a/1 a/2 a/3 a/4 a/5", "a/1 a/2 | a/3 a/4 | a/5", Description = "a folder that fits into no part")]
    [TestCase(10, "1 2 a/b/c/1 a/b/c/2", "1 2 a")]
    [TestCase(3, "a/x/1 a/x/2 a/y/1 a/y/2 a/z/1", "a/x | a/y a/z", Description = "folders of a folder that is split stay whole")]
    [TestCase(3, "a!/1 a/1 a/2 a/3 ab/1", "a! a/1 a/2 | a/3 ab")]
    [TestCase(1, "1 2", "1 | 2")]
    public async Task Plan_SplitsByFoldersWhereTheyAllowIt(int limit, string files, string expected)
    {
        IReadOnlyList<CopyPart> parts = await PlanAsync(files.Split(' '), limit);
        string.Join(" | ", parts.Select(part => string.Join(' ', Lines(part)))).Should().Be(expected);
    }

    [Test]
    public async Task Plan_OfAnyTree_CoversEveryFileOnceWithinTheLimit([Range(1, 40)] int seed)
    {
        Random random = new(seed);
        List<string> files = [.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => RandomPath(random)).Distinct()];
        files.Sort(PathOrder.Instance);
        files.RemoveAll(file => files.Exists(other => other.StartsWith(file + "/", StringComparison.Ordinal))); // a file is no folder
        int limit = random.Next(1, 60);

        IReadOnlyList<CopyPart> parts = await PlanAsync(files, limit);

        List<string> covered = [];
        foreach (CopyPart part in parts)
        {
            List<string> held = [.. files.Where(file => Lines(part).Any(line => file == line || file.StartsWith(line + "/", StringComparison.Ordinal)))];
            held.Count.Should().BeInRange(1, limit);
            part.Size.Should().Be(new DataSize(held.Count, held.Sum(file => (long)file.Length)));
            covered.AddRange(held);
        }
        covered.Should().Equal(files); // every one, once, in order
        parts.Count.Should().BeLessThanOrEqualTo((2 * files.Count / limit) + 1); // no part but the last is less than half full
    }

    [Test]
    public async Task Plan_NameWithALineBreak_IsRefused() => (await FluentActions
        .Awaiting(() => PlanAsync(["a\nb"], 5)).Should().ThrowAsync<TransferFailedException>()).Which.Code.Should().Be("not-representable");

    private Task<IReadOnlyList<CopyPart>> PlanAsync(IReadOnlyList<string> files, int limit) => CopyParts.PlanAsync(
        files.Select(file => new InventoryEntry(file, EntryKind.File, file.Length)).ToAsyncEnumerable(), limit, folder.Root, default);

    private string[] Lines(CopyPart part) => File.ReadAllLines(folder.At(part.List));

    private static string RandomPath(Random random) =>
        string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => "ab!é0"[random.Next(5)].ToString()).Append($"f{random.Next(9)}"));
}
