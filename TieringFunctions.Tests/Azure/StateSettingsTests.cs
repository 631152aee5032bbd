using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core;
using Tiering.Functions;

namespace Tiering.Tests.Azure;

/// <summary>A wrong setting of the Azure host keeps it from starting.</summary>
[Category("Azure")]
public sealed class StateSettingsTests
{
    [TestCase("TIERING_TABLES", "http://account.table.core.windows.net", "TIERING_TABLES must be an https address, without query")]
    [TestCase("TIERING_MANIFESTS", "account", "TIERING_MANIFESTS must be an https address, without query")]
    [TestCase("TIERING_TABLE_PREFIX", "1st", "TIERING_TABLE_PREFIX must be a letter and then letters or digits, 40 at most")]
    [TestCase("TIERING_STATE_CONNECTION", "AccountName=a;AccountKey=not base64!", "TIERING_STATE_CONNECTION must be the connection string of a storage account")]
    [TestCase("TIERING_STATE_CONNECTION", "secret", "TIERING_STATE_CONNECTION must be the connection string of a storage account")]
    [TestCase("TIERING_CONTAINER_JOB", "job", "TIERING_CONTAINER_JOB must be a resource id*")]
    [TestCase("TIERING_JOBS", "jobs", "TIERING_JOBS must be the http or https address of a container, without query")]
    public void Start_WrongValue_IsRefusedByNameAndRule(string name, string value, string message) =>
        FluentActions.Invoking(() => Start((name, value))).Should().Throw<ConfigurationException>().WithMessage(message);

    [TestCase("TIERING_TABLE_PREFIX", "Second")]
    [TestCase("TIERING_STATE_CONNECTION", "UseDevelopmentStorage=true")]
    public void Start_RightValue_IsTaken(string name, string value) => FluentActions.Invoking(() => Start((name, value))).Should().NotThrow();

    private static void Start((string Name, string Value) setting) => HostAdapters.AddTo(new ServiceCollection(), new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["TIERING_TOKEN"] = "0123456789abcdef-operator",
        ["TIERING_SIGNING_KEY"] = "https://vault.vault.azure.net/keys/tiering/0123456789abcdef0123456789abcdef",
        ["TIERING_TABLES"] = "https://account.table.core.windows.net",
        ["TIERING_MANIFESTS"] = "https://account.blob.core.windows.net/tiering-manifests",
        ["TIERING_CONTAINER_JOB"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/jobs/j",
        ["TIERING_JOBS"] = "https://account.blob.core.windows.net/jobs",
        [setting.Name] = setting.Value,
    }).Build());
}
