using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>The templates, as Bicep's own compiler sees them: types, allowed values, and the rules of <c>infra/bicepconfig.json</c>.</summary>
public sealed class BicepTests
{
    private static readonly string Compiler = Path.Combine(Tools.RepositoryRoot, "tools", ".setup", "bicep");
    private static readonly string Infra = Path.Combine(Tools.RepositoryRoot, "infra");

    public static IEnumerable<string> Environments => Directory.GetFiles(Path.Combine(Infra, "env"), "*.bicepparam").Select(Path.GetFileName)!;

    public static IEnumerable<string> Templates => Directory.GetFiles(Infra, "*.bicep", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Infra, file));

    [SetUp]
    public void SetUp()
    {
        if (!File.Exists(Compiler))
            Assert.Ignore("The Bicep compiler could not be fetched.");
    }

    [TestCaseSource(nameof(Environments))]
    public async Task Environment_IsCompiledWithoutAFinding(string name)
    {
        (int code, string output, string findings) = await RunAsync("build-params", Path.Combine(Infra, "env", name), "--stdout");

        findings.Should().BeEmpty();
        code.Should().Be(0);
        output.Should().Contain("Microsoft.Resources/deployments");
    }

    [Test]
    public async Task Mistake_IsFound()
    {
        using TempFolder temp = new();
        string template = temp.File("wrong.bicep", "resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: 'x', kinds: 'StorageV2' }\n");

        (int code, _, string findings) = await RunAsync("build", template, "--stdout");

        code.Should().NotBe(0);
        findings.Should().Contain("kinds");
    }

    [TestCaseSource(nameof(Templates))]
    public async Task Template_IsWrittenAsTheFormatterWritesIt(string name)
    {
        string file = Path.Combine(Infra, name);

        (await RunAsync("format", file, "--stdout")).Output.TrimEnd().Should().Be((await File.ReadAllTextAsync(file)).TrimEnd());
    }

    private static async Task<(int Code, string Output, string Findings)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Compiler, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"; // it brings no ICU
        using Process process = Process.Start(start)!;
        Task<string> findings = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await findings);
    }
}
