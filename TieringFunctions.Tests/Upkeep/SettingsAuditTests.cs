using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Tests.Upkeep;

/// <summary>The real service, started again and again on the same data: what was set differently is in the audit once, and no secret is.</summary>
public sealed class SettingsAuditTests
{
    private const string FirstSecret = "first-secret-of-eleven-bytes";
    private const string SecondSecret = "second-secret-of-eleven-bytes";

    [Test]
    public async Task Starts_WithOtherSettings_AreAuditedOnceWhateverEndsThem()
    {
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        string data = temp.Folder("data");
        DateTimeOffset begin = DateTimeOffset.UtcNow;

        (await ChangesAsync(("TIERING_PROOF", "full"), ("JWT_SECRET_KEY", FirstSecret))).Should().BeEmpty("the first start has nothing before it");
        (await ChangesAsync(("TIERING_PROOF", "full"), ("JWT_SECRET_KEY", FirstSecret))).Should().BeEmpty("nothing differs");
        string[] changed = ["JWT_SECRET_KEY was changed", "TIERING_NIGHT_LIMIT was set to '5'", "TIERING_PROOF was changed from 'full' to 'sample:10'"];
        (await ChangesAsync(("TIERING_PROOF", "sample:10"), ("JWT_SECRET_KEY", SecondSecret), ("TIERING_NIGHT_LIMIT", "5"))).Should().BeEquivalentTo(changed);
        (await ChangesAsync(("TIERING_PROOF", "sample:10"), ("JWT_SECRET_KEY", SecondSecret), ("TIERING_NIGHT_LIMIT", "5"))).Should().BeEquivalentTo(changed, "it is told once");
        (await ChangesAsync()).Should().BeEquivalentTo(
            [.. changed, "JWT_SECRET_KEY was taken away", "TIERING_NIGHT_LIMIT was taken away; it was '5'", "TIERING_PROOF was taken away; it was 'sample:10'"]);

        // Every start ends with kill -9: what was audited must be on disk by then.
        async Task<IReadOnlyList<string>> ChangesAsync(params (string Name, string Value)[] settings)
        {
            Dictionary<string, string> given = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
            await using ServiceProcess service = await ServiceProcess.StartAsync(data, azurite, given);
            JsonElement page = await service.SendAsync(HttpMethod.Get, "/api/audit?limit=1000");
            page.ToString().Should().NotContain(FirstSecret).And.NotContain(SecondSecret);
            JsonElement[] entries = [.. page.GetProperty("items").EnumerateArray().Where(entry => entry.GetProperty("action").GetString() == "setting")];
            entries.Should().NotContain(entry => entry.GetProperty("who").GetString() != "service" || entry.GetProperty("at").GetDateTimeOffset() < begin);
            return [.. entries.Select(entry => entry.GetProperty("detail").GetString()!)];
        }
    }
}
