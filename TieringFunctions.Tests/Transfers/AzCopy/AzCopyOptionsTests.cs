using System.Globalization;
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
    [TestCase("AZCOPY_CONCURRENT_FILES", "0")]
    [TestCase("AZCOPY_CAP_MBPS", "1e9")]
    public void Read_WrongValue_IsRefusedByName(string name, string value) =>
        FluentActions.Invoking(() => AzCopyOptions.Read(asked => asked == name ? value : null))
            .Should().Throw<ConfigurationException>().WithMessage($"{name} must be*");

    [TestCase(null, null)]
    [TestCase("8", " 1.5 ")]
    public void Workspace_Settings_TellAzCopyTheDownloadsThatAreReckonedWith(string? files, string? buffer)
    {
        using TempFolder temp = new();

        AzCopyOptions options = AzCopyOptions.Read(name => name switch { "AZCOPY_CONCURRENT_FILES" => files, "AZCOPY_BUFFER_GB" => buffer, _ => null });

        IReadOnlyDictionary<string, string> told = AzCopyWorkspace.Open(options, temp.Folder("job")).Settings();
        told["AZCOPY_CONCURRENT_FILES"].Should().Be(files ?? "64").And.Be(options.Downloads.Files.ToString(CultureInfo.InvariantCulture));
        double gb = double.Parse(told["AZCOPY_BUFFER_GB"], CultureInfo.InvariantCulture);
        gb.Should().Be(buffer is null ? Math.Min(16, Environment.ProcessorCount / 2.0) : 1.5);
        options.Downloads.BufferBytes.Should().Be((long)(gb * (1L << 30)));
    }

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
