using System.Security.Cryptography;
using System.Text;
using Tiering.Core;
using Tiering.Core.Backups;
using Tiering.Tests.Support;

namespace Tiering.Tests.Upkeep;

public sealed class BackupListTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void Start() => folder = new TempFolder();

    [TearDown]
    public void Remove() => folder.Dispose();

    [Test]
    public void Restore_CompleteBackup_PutsEveryFileInItsPlace()
    {
        Make(("tiering.db", "catalogue"), ("manifests/ab/1.jsonl.gz", "manifest"));

        BackupList.Restore(folder.At("backup"), folder.Folder("data")).Files.Should().HaveCount(2);

        File.ReadAllText(folder.At("data", "manifests", "ab", "1.jsonl.gz")).Should().Be("manifest");
        File.GetUnixFileMode(folder.At("data", "tiering.db")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [TestCase("altered")]
    [TestCase("missing")]
    [TestCase("unfinished")]
    [TestCase("outside")]
    public void Restore_DamagedBackup_IsRefusedAndTouchesNothing(string damage)
    {
        Make(("tiering.db", "catalogue"), (damage == "outside" ? "../x" : "taskhub.db", "hub"));
        if (damage == "altered")
            File.WriteAllText(folder.At("backup", "taskhub.db"), "bug");
        else if (damage != "outside")
            File.Delete(folder.At("backup", damage == "missing" ? "taskhub.db" : BackupList.FileName));

        FluentActions.Invoking(() => BackupList.Restore(folder.At("backup"), folder.Folder("data"))).Should().Throw<BackupException>();
        Directory.EnumerateFileSystemEntries(folder.At("data")).Should().BeEmpty();
    }

    [Test]
    public void Restore_FolderInUse_IsRefused()
    {
        Make(("tiering.db", "catalogue"));
        folder.File("data/tiering.db", "another");

        FluentActions.Invoking(() => BackupList.Restore(folder.At("backup"), folder.At("data"))).Should().Throw<BackupException>().WithMessage("*fresh state folder*");
        File.ReadAllText(folder.At("data", "tiering.db")).Should().Be("another");
    }

    private void Make(params (string Path, string Content)[] files)
    {
        foreach ((string path, string content) in files)
            folder.File($"backup/{path}", content);
        AtomicFile.WriteJson(folder.At("backup", BackupList.FileName), new BackupList(
            DateTimeOffset.UnixEpoch,
            [.. files.Select(file => new BackedUpFile(file.Path, file.Content.Length, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Content)))))]));
    }
}
