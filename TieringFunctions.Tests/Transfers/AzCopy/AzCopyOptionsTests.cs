using Tiering.Core;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class AzCopyOptionsTests
{
    [Test]
    public void Read_NothingSet_GivesDefaults() => AzCopyOptions.Read(_ => null).Should().BeEquivalentTo(new AzCopyOptions());

    [TestCase("AZCOPY_POLL_INTERVAL_SECONDS", "0")]
    [TestCase("AZCOPY_POLL_INTERVAL_SECONDS", "often")]
    [TestCase("AZCOPY_DEFAULT_LOG_LEVEL", "LOUD")]
    [TestCase("AZCOPY_BUFFER_GB", "-1")]
    [TestCase("AZCOPY_BUFFER_GB", "NaN")]
    [TestCase("AZCOPY_CONCURRENCY_VALUE", "1.5")]
    [TestCase("AZCOPY_CAP_MBPS", "1e9")]
    public void Read_WrongValue_IsRefusedByName(string name, string value) =>
        FluentActions.Invoking(() => AzCopyOptions.Read(asked => asked == name ? value : null))
            .Should().Throw<ConfigurationException>().WithMessage($"{name} must be*");

    [Test]
    public void Read_WorkFolderMissing_IsCreatedForTheOwnerAlone()
    {
        using TempFolder temp = new();

        AzCopyOptions options = AzCopyOptions.Read(name => name == "AZCOPY_WORK_DIR" ? temp.At("a", "b") : null);

        options.Warnings.Should().BeEmpty();
        new DirectoryInfo(options.WorkFolder!).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public void Read_WorkFolderCannotBeCreated_FallsBackWithAWarning()
    {
        using TempFolder temp = new();
        string file = temp.File("file", "no folder");

        AzCopyOptions options = AzCopyOptions.Read(name => name == "AZCOPY_WORK_DIR" ? Path.Combine(file, "below") : null);

        options.WorkFolder.Should().StartWith(Path.GetTempPath());
        options.Warnings.Should().ContainSingle().Which.Should().StartWith("AZCOPY_WORK_DIR");
        Directory.Exists(options.WorkFolder).Should().BeTrue();
        AzCopyWorkspace.Open(options, temp.Folder("job")).IsLasting.Should().BeFalse();
    }
}
