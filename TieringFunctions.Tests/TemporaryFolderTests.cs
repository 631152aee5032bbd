using Tiering.Core;

namespace Tiering.Tests;

public sealed class TemporaryFolderTests
{
    [Test]
    public void Folder_OfAProcessThatWasKilled_IsRemovedWhenTheNextIsMade()
    {
        using TemporaryFolder mine = TemporaryFolder.Create();
        File.WriteAllText(mine.At("file"), "in use");
        // What a kill leaves: a folder with its mark, which nobody holds.
        string left = Directory.CreateTempSubdirectory("tiering-work-").FullName;
        File.WriteAllText(Path.Combine(left, "manifest.jsonl.gz"), "half of it");
        File.WriteAllText(Path.Combine(left, ".held"), "");

        using (TemporaryFolder next = TemporaryFolder.Create())
            Directory.Exists(next.Root).Should().BeTrue();

        Directory.Exists(left).Should().BeFalse();
        File.ReadAllText(mine.At("file")).Should().Be("in use");
    }

    [Test]
    public void Folder_Disposed_IsGoneAndWasForItsOwnerAlone()
    {
        string root;
        using (TemporaryFolder folder = TemporaryFolder.Create())
        {
            root = folder.Root;
            File.GetUnixFileMode(root).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllText(folder.At("file"), "x");
        }
        Directory.Exists(root).Should().BeFalse();
    }
}
