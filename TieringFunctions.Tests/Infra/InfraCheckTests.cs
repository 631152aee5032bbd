using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>The templates pass <c>infra/check</c>, and it finds what is wrong.</summary>
public sealed class InfraCheckTests
{
    private static readonly string Infra = Path.Combine(Tools.RepositoryRoot, "infra");

    private TempFolder temp = null!;

    [SetUp]
    public void SetUp() => temp = new TempFolder();

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Check_Templates_FindsNothing()
    {
        (int code, string output) = await RunAsync(Infra);

        output.Should().BeEmpty();
        code.Should().Be(0);
    }

    [TestCase("main.bicep", "    appPrincipalId: identities.outputs.appPrincipalId\n  }\n}\n\nmodule state", "  }\n}\n\nmodule state", "module monitoring: the parameter appPrincipalId is missing")]
    [TestCase("main.bicep", "identities.outputs.agentClientId", "identities.outputs.agentClient", "has no output agentClient")]
    [TestCase("main.bicep", "network!.outputs.appSubnetId", "network.outputs.appSubnetId", "module network may not be there")]
    [TestCase("main.bicep", "deadlineHours: deadlineHours", "deadlineHour: deadlineHours", "jobs.bicep has no parameter deadlineHour")]
    [TestCase("main.bicep", "'modules/vault.bicep'", "'modules/vaults.bicep'", "there is no modules/vaults.bicep")]
    [TestCase("main.bicep", "param projectsPrefix string", "param projectPrefix string", "projectsPrefix is not declared")]
    [TestCase("main.bicep", "TIERING_JOB_HOST:", "TIERING_JOB_HOTS:", "TIERING_JOB_HOTS does not stand in docs/settings.md")]
    [TestCase("main.bicep", "output vaultName string", "output appName string", "appName is declared twice")]
    [TestCase("main.bicep", "name: 'alerts'\n", "name: 'alerts\n", "a string does not end on its line")]
    [TestCase("modules/state.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "lacks allowSharedKeyAccess: false")]
    [TestCase("modules/state.bicep", "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'", "lacks minimumTlsVersion: 'TLS1_2'")]
    [TestCase("modules/state.bicep", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa4", "is not the role storageTableDataContributor")]
    [TestCase("modules/state.bicep", "  name: 'jobs'\n  properties: { publicAccess: 'None' }", "  name: 'jobs'\n  properties: { publicAccess: 'Blob' }", "resource jobFolders lacks publicAccess: 'None'")]
    [TestCase("modules/jobs.bicep", "replicaRetryLimit: 0", "replicaRetryLimit: 3", "resource job lacks replicaRetryLimit: 0")]
    [TestCase("modules/jobs.bicep", "userAssignedIdentities: { '${agentIdentityId}': {} }\n", "userAssignedIdentities: { '${agentIdentityId}': {}\n", "is never closed")]
    [TestCase("modules/jobs.bicep", "tiering-agent@${agentDigest}", "tiering-agent:${agentDigest}", "resource job lacks @${agentDigest}")]
    [TestCase("modules/jobs.bicep", "appLogsConfiguration: { destination: 'azure-monitor' }", "appLogsConfiguration: { sharedKey: environment.listKeys() }", "a storage key or signature")]
    [TestCase("modules/data-account.bicep", "publicNetworkAccess: publicAccess", "publicNetworkAccess: 'Enabled'", "resource storage lacks publicNetworkAccess: publicAccess")]
    [TestCase("modules/registry.bicep", "@2023-07-01", "", "is no type with a version")]
    [TestCase("modules/data.bicep", "'Microsoft.Storage/storageAccounts@2023-05-01' existing", "'Microsoft.Storage/storageAccounts@2023-01-01' existing", "is used in two versions")]
    [TestCase("modules/alerts.bicep", "name: 'no-night'", "name: 'nights'", "there is no alert no-night")]
    [TestCase("modules/identities.bicep", "output agentId", "output agentIds", "has no output agentId")]
    [TestCase("env/dev.bicepparam", "param name = 'dev'", "param name = 'development'", "name breaks maxLength 8")]
    [TestCase("env/dev.bicepparam", "param environment = 'dev'", "param environment = 'play'", "environment must be one of")]
    [TestCase("env/dev.bicepparam", "param softDeleteDays = 7", "param softDeleteDays = '7'", "softDeleteDays must be a value of type int")]
    [TestCase("env/dev.bicepparam", "TIERING_NIGHT_LIMIT:", "TIERING_NIGHTS_LIMIT:", "serviceSettings has no setting TIERING_NIGHTS_LIMIT")]
    [TestCase("env/prod.bicepparam", "param createDataStorage = false\n", "", "the parameter createDataStorage is missing")]
    public async Task Check_SomethingWrong_IsNamed(string file, string right, string wrong, string finding)
    {
        Copy(Infra, temp.At("infra"));
        Directory.CreateDirectory(temp.At("docs"));
        File.Copy(Path.Combine(Tools.RepositoryRoot, "docs", "settings.md"), temp.At("docs", "settings.md"));
        string path = temp.At("infra", file);
        string text = await File.ReadAllTextAsync(path);
        text.Should().Contain(right, "the test has to change something");
        await File.WriteAllTextAsync(path, text.Replace(right, wrong, StringComparison.Ordinal));

        (int code, string output) = await RunAsync(temp.At("infra"));

        output.Should().Contain(finding);
        code.Should().Be(1);
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder)
    {
        ProcessStartInfo start = new("node") { ArgumentList = { Path.Combine(Infra, "check"), folder }, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
