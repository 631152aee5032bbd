using Microsoft.Extensions.Configuration;
using Tiering.Functions.Upkeep;

namespace Tiering.Tests.Upkeep;

public sealed class SettingsRecordTests
{
    [Test]
    public void Compare_FirstStart_NamesNoChange() =>
        SettingsRecord.Compare(Settings(("TIERING_PROOF", "full"), ("PATH", "/bin")), before: null).Should().BeEquivalentTo(
            (new SortedDictionary<string, string>(StringComparer.Ordinal) { ["TIERING_PROOF"] = "full" }, Array.Empty<string>()));

    [Test]
    public void Compare_ChangedSetAndTakenAway_SaysEach()
    {
        IReadOnlyDictionary<string, string> before = SettingsRecord.Compare(Settings(("TIERING_PROOF", "full"), ("DATA_FOLDER", "/hot"), ("AZCOPY_PATH", "a")), before: null).Now;

        SettingsRecord.Compare(Settings(("TIERING_PROOF", "sizes"), ("AZCOPY_PATH", "a"), ("TIERING_TIME_ZONE", "UTC")), before).Changes.Should().Equal(
            "DATA_FOLDER was taken away; it was '/hot'", "TIERING_PROOF was changed from 'full' to 'sizes'", "TIERING_TIME_ZONE was set to 'UTC'");
    }

    [Test]
    public void Compare_Secrets_AreNeverTold()
    {
        const string Secret = "django-11by";
        SortedDictionary<string, string> before = SettingsRecord.Compare(Settings(("JWT_SECRET_KEY", Secret), ("TIERING_TOKEN", "0123456789abcdef")), before: null).Now;

        (SortedDictionary<string, string> same, IReadOnlyList<string> none) = SettingsRecord.Compare(Settings(("JWT_SECRET_KEY", Secret), ("TIERING_TOKEN", "0123456789abcdef")), before);
        (SortedDictionary<string, string> now, IReadOnlyList<string> changes) = SettingsRecord.Compare(Settings(("JWT_SECRET_KEY", "another"), ("AZURE_STORAGE_ACCOUNT_KEY", "k")), before);

        none.Should().BeEmpty();
        same.Should().Equal(before);
        changes.Should().Equal("AZURE_STORAGE_ACCOUNT_KEY was set", "JWT_SECRET_KEY was changed", "TIERING_TOKEN was taken away");
        string.Join('\n', before.Values.Concat(now.Values).Concat(changes)).Should().NotContain(Secret).And.NotContain("another").And.NotContain("0123456789abcdef");
    }

    [Test]
    public void Compare_SignatureInAnAddress_IsTakenOut() =>
        SettingsRecord.Compare(Settings(("AZURE_STORAGE_BLOB_ENDPOINT", "http://h/a?sig=abc%3D")), before: null).Now["AZURE_STORAGE_BLOB_ENDPOINT"].Should().Be("http://h/a?sig=REDACTED");

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
}
