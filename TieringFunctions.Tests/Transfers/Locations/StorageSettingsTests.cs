using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.Locations;

public sealed class StorageSettingsTests
{
    private static readonly ProjectSlug Project = ProjectSlug.Parse("project-01");

    private readonly Dictionary<string, string> settings = [];

    [SetUp]
    public void SetUp()
    {
        settings.Clear();
        Set(
            ("DATA_BACKEND", "azure_fileshare"),
            ("DATA_BACKEND_COOL", " Azure_Blob "),
            ("AZURE_STORAGE_ACCOUNT", "storageaccount"),
            ("AZURE_STORAGE_FILESHARE", "fileshare"),
            ("AZURE_STORAGE_DATA_CONTAINER_COOL", "container"));
    }

    [TestCase("projects", "https://storageaccount.file.core.windows.net/fileshare/projects/project-01")]
    [TestCase("", "https://storageaccount.file.core.windows.net/fileshare/project-01")]
    public void For_Share_IsTheContractsAddress(string prefix, string address)
    {
        Set(("DATA_PROJECTS_LOCATION_PREFIX", prefix));
        For(StorageRole.Hot).Should().Be(new Location(LocationKind.Share, address, "https://storageaccount.file.core.windows.net/fileshare"));
    }

    [Test]
    public void For_Blob_IsTheContractsAddress()
    {
        Set(("DATA_PROJECTS_LOCATION_PREFIX", "/base//projects/"));
        For(StorageRole.Cool).Should().Be(new Location(
            LocationKind.Blob,
            "https://storageaccount.blob.core.windows.net/container/base/projects/project-01",
            "https://storageaccount.blob.core.windows.net/container"));
        For(StorageRole.Cool).Should().Be(For(StorageRole.Cool));
    }

    [Test]
    public void For_Folder_IsAPath()
    {
        Set(("DATA_BACKEND", "folder"), ("DATA_FOLDER", "/data/hot/"), ("DATA_PROJECTS_LOCATION_PREFIX", "a b"));
        For(StorageRole.Hot).Should().Be(new Location(LocationKind.Folder, "/data/hot/a b/project-01", "/data/hot"));
    }

    [Test]
    public void For_EndpointOfAnEmulator_IsBelowItsAccount()
    {
        Set(("AZURE_STORAGE_BLOB_ENDPOINT", "http://127.0.0.1:10000/devstoreaccount1/"));
        For(StorageRole.Cool).Address.Should().Be("http://127.0.0.1:10000/devstoreaccount1/container/project-01");
    }

    [Test]
    public void For_SlugWithSpacesAndLetters_IsPercentEncodedInAddressesOnly()
    {
        ProjectSlug slug = ProjectSlug.Parse("Été & co+1");
        new ProjectLocations(new StorageSettings(Get)).For(slug, StorageRole.Cool).Address.Should().EndWith("/container/%C3%89t%C3%A9%20%26%20co%2B1");
        Set(("DATA_BACKEND", "folder"), ("DATA_FOLDER", "/hot"));
        new ProjectLocations(new StorageSettings(Get)).For(slug, StorageRole.Hot).Address.Should().Be("/hot/Été & co+1");
    }

    [TestCase("DATA_BACKEND", null, "DATA_BACKEND environment variable is not set")]
    [TestCase("DATA_BACKEND", "s3", "DATA_BACKEND must be 'azure_fileshare' or 'azure_blob'")]
    [TestCase("AZURE_STORAGE_ACCOUNT", " ", "AZURE_STORAGE_ACCOUNT environment variable is not set")]
    [TestCase("AZURE_STORAGE_FILESHARE", null, "AZURE_STORAGE_FILESHARE environment variable is not set")]
    [TestCase("AZURE_STORAGE_FILESHARE", "a/b", "AZURE_STORAGE_FILESHARE must be 3 to 63 lower-case letters, digits and single hyphens")]
    [TestCase("AZURE_STORAGE_FILE_ENDPOINT", "ftp://x", "AZURE_STORAGE_FILE_ENDPOINT must be an http or https address without query")]
    [TestCase("DATA_PROJECTS_LOCATION_PREFIX", "a/../b", "DATA_PROJECTS_LOCATION_PREFIX must not contain '.', '..', '\\' or control characters as parts")]
    public void For_HotWithWrongSetting_NamesIt(string name, string? value, string message) => Refused(StorageRole.Hot, name, value, message);

    [TestCase("DATA_BACKEND_COOL", null, "Cooling is disabled because DATA_BACKEND_COOL is not set")]
    [TestCase("DATA_BACKEND_COOL", "tape", "DATA_BACKEND_COOL must be 'azure_fileshare' or 'azure_blob'")]
    [TestCase("AZURE_STORAGE_DATA_CONTAINER_COOL", null, "AZURE_STORAGE_DATA_CONTAINER_COOL environment variable is not set")]
    public void For_CoolWithWrongSetting_NamesIt(string name, string? value, string message) => Refused(StorageRole.Cool, name, value, message);

    [TestCase(null, "DATA_FOLDER environment variable is not set")]
    [TestCase("relative", "DATA_FOLDER must be an absolute path")]
    [TestCase("/", "DATA_FOLDER must not be the root of the file system")]
    public void For_FolderWithWrongSetting_NamesIt(string? value, string message)
    {
        Set(("DATA_BACKEND", "folder"));
        Refused(StorageRole.Hot, "DATA_FOLDER", value, message);
    }

    [Test]
    public void For_BothRolesInOnePlace_IsRefused()
    {
        Set(("DATA_BACKEND", "azure_blob"), ("AZURE_STORAGE_DATA_CONTAINER", "container"));
        Refused(StorageRole.Hot, "x", null, "HOT and COOL must not lie in the same place");
    }

    [Test]
    public void For_CoolNotSetUp_LeavesHotAlone()
    {
        settings.Remove("DATA_BACKEND_COOL");
        For(StorageRole.Hot).Kind.Should().Be(LocationKind.Share);
    }

    [TestCase("sizes", ProofMode.Sizes, 100)]
    [TestCase("FULL", ProofMode.Full, 100)]
    [TestCase("sample:5", ProofMode.Sample, 5)]
    [TestCase("sample:100%", ProofMode.Sample, 100)]
    public void Proof_Set_IsTaken(string text, ProofMode mode, int percent)
    {
        Set(("TIERING_PROOF", text));
        new StorageSettings(Get).ProofFor(new DataSize(1, long.MaxValue)).Should().Be(new Proof(mode, percent));
    }

    [TestCase("")]
    [TestCase("sample")]
    [TestCase("sample:0")]
    [TestCase("sample:101")]
    [TestCase("sample:-1")]
    [TestCase("none")]
    public void Proof_Wrong_IsRefused(string text)
    {
        Set(("TIERING_PROOF", text));
        if (text.Length == 0)
            new StorageSettings(Get).ProofFor(default).Mode.Should().Be(ProofMode.Full, "an empty setting is not set");
        else
            new StorageSettings(Get).Invoking(s => s.ProofFor(default)).Should().Throw<ConfigurationException>().WithMessage("TIERING_PROOF must*");
    }

    [Test]
    public void Proof_NotSet_DependsOnTheSize()
    {
        Set(("TIERING_PROOF_FULL_BYTES", "100"));
        new StorageSettings(Get).ProofFor(new DataSize(1, 100)).Mode.Should().Be(ProofMode.Full);
        new StorageSettings(Get).ProofFor(new DataSize(1, 101)).Should().Be(new Proof(ProofMode.Sample, StorageSettings.DefaultSamplePercent));
    }

    [TestCase(null, null)]
    [TestCase("8", 1_000_000L)]
    [TestCase("1", 125_000L)]
    public void ProofBytesPerSecond_Set_AreTheMegabitsInBytes(string? text, long? bytes)
    {
        Set(("TIERING_PROOF_MBPS", text ?? ""));
        new StorageSettings(Get).ProofBytesPerSecond.Should().Be(bytes);
    }

    [TestCase("0")]
    [TestCase("fast")]
    [TestCase("100001")]
    public void ProofBytesPerSecond_Wrong_IsRefused(string text)
    {
        Set(("TIERING_PROOF_MBPS", text));
        new StorageSettings(Get).Invoking(s => s.ProofBytesPerSecond).Should().Throw<ConfigurationException>().WithMessage("TIERING_PROOF_MBPS must be*1 to 100000");
    }

    [Test]
    public void Signer_KeyThatIsNoKey_IsRefusedWithoutShowingIt()
    {
        Set(("AZURE_STORAGE_ACCOUNT_KEY", "not a key!"));
        new StorageSettings(Get).Invoking(s => s.Signer()).Should().Throw<ConfigurationException>().WithMessage("AZURE_STORAGE_ACCOUNT_KEY must be base64");
    }

    private void Refused(StorageRole role, string name, string? value, string message)
    {
        if (value is null)
            settings.Remove(name);
        else
            settings[name] = value;
        FluentActions.Invoking(() => For(role)).Should().Throw<ConfigurationException>().WithMessage(message).Which.Code.Should().Be("configuration");
    }

    private Location For(StorageRole role) => new ProjectLocations(new StorageSettings(Get)).For(Project, role);

    private string? Get(string name) => settings.GetValueOrDefault(name);

    private void Set(params (string Name, string Value)[] values)
    {
        foreach ((string name, string value) in values)
            settings[name] = value;
    }
}
