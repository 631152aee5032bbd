using Tiering.Cli.Showcase;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

public sealed class FolderSnapshotTests
{
    private TempFolder _folder = null!;
    private string _root = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        _root = _folder.At("sample");
        SampleProject.Create(_root);
    }

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task Compare_NothingChanged_FindsNothing()
    {
        FolderSnapshot before = await TakeAsync();

        before.Compare(await TakeAsync()).Should().BeEmpty();
        before.Size().Files.Should().BeGreaterThan(40);
    }

    [Test]
    public async Task Compare_Copy_FindsNothing()
    {
        FolderSnapshot before = await TakeAsync();
        string copy = _folder.At("place");

        await ProjectFolder.PlaceAsync(_root, _folder.At("draft"), copy, LocationKind.Folder, default);

        before.Compare(await FolderSnapshot.TakeAsync(copy, default)).Should().BeEmpty();
        before.Compare(await TakeAsync()).Should().BeEmpty("a copy never touches the original");
    }

    [TestCaseSource(nameof(Changes))]
    public async Task Compare_OneThingChanged_NamesIt(Action<string> change, string expected)
    {
        FolderSnapshot before = await TakeAsync();

        change(_root);

        before.Compare(await TakeAsync()).Should().Contain(difference => difference.StartsWith(expected, StringComparison.Ordinal));
    }

    [Test]
    public async Task Snapshot_ThroughJson_IsTheSame()
    {
        FolderSnapshot before = await TakeAsync();
        string path = _folder.At("snapshot.json");

        Core.AtomicFile.WriteJson(path, before);

        Core.AtomicFile.ReadJson<FolderSnapshot>(path)!.Entries.Should().Equal(before.Entries);
    }

    [Test]
    public async Task SampleProject_MadeTwice_IsTheSame()
    {
        SampleProject.Create(_folder.At("again"));
        FolderSnapshot again = await FolderSnapshot.TakeAsync(_folder.At("again"), default);

        (await TakeAsync()).Compare(again).Where(difference => !IsTimeOfALink(difference, again)).Should().BeEmpty();
    }

    private static IEnumerable<TestCaseData> Changes()
    {
        const string file = "measurements/run-001/detector.raw";
        yield return Change("content", root => Rewrite(Path.Combine(root, file), content => content[7]++), $"{file}: its content has another SHA-256");
        yield return Change("size", root => File.AppendAllText(Path.Combine(root, file), "x"), $"{file}: has 57002 bytes, had 57001");
        yield return Change("time", root => File.SetLastWriteTimeUtc(Path.Combine(root, file), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc)), $"{file}: was changed at 2001-01-01");
        yield return Change("mode", root => File.SetUnixFileMode(Path.Combine(root, "scripts/analyse.sh"), UnixFileMode.UserRead), "scripts/analyse.sh: has mode 0400, had 0755");
        yield return Change("folder's mode", root => File.SetUnixFileMode(Path.Combine(root, "empty/two"), (UnixFileMode)0b111_000_000), "empty/two: has mode 0700, had 0755");
        yield return Change("missing", root => File.Delete(Path.Combine(root, file)), $"{file}: missing");
        yield return Change("empty folder missing", root => Directory.Delete(Path.Combine(root, "empty/two/three/four/five")), "empty/two/three/four/five: missing");
        yield return Change("extra", root => File.WriteAllText(Path.Combine(root, "new.txt"), ""), "new.txt: was not there before");
        yield return Change("link's target", root => Relink(root, "../measurements"), "images/not-there-yet: points to ../measurements, pointed to later.tif");
        yield return Change("link became a file", root => Relink(root, target: null), "images/not-there-yet: is a file, was a link");
    }

    private static TestCaseData Change(string name, Action<string> change, string expected) => new TestCaseData(change, expected).SetArgDisplayNames(name);

    private static void Rewrite(string path, Action<byte[]> change)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        byte[] content = File.ReadAllBytes(path);
        change(content);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, time);
    }

    private static void Relink(string root, string? target)
    {
        string path = Path.Combine(root, "images/not-there-yet");
        File.Delete(path);
        if (target is null)
            File.WriteAllText(path, "");
        else
            File.CreateSymbolicLink(path, target);
    }

    /// <summary>A link's own time cannot be chosen from .NET: it is when it was made.</summary>
    private static bool IsTimeOfALink(string difference, FolderSnapshot snapshot) =>
        snapshot.Entries.Any(entry => entry.Target is not null && difference.StartsWith($"{entry.Path}: was changed at", StringComparison.Ordinal));

    private Task<FolderSnapshot> TakeAsync() => FolderSnapshot.TakeAsync(_root, default);
}
