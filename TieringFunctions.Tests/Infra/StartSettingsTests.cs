using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Tiering.Core;
using Tiering.EmbeddedHost;
using Tiering.Functions;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>A wrong setting keeps the service from starting, and the sentence names the setting and its rule.</summary>
public sealed class StartSettingsTests
{
    /// <summary>One wrong value of each setting that has a rule, and what is said of it.</summary>
    private static readonly (string Name, string Value, string Rule)[] Wrong =
    [
        ("DATA_FOLDER", "relative", "must be an absolute path"),
        ("DATA_FOLDER_COOL", "/", "must not be the root of the file system"),
        ("AZURE_STORAGE_ACCOUNT_KEY", "not a key!", "must be base64"),
        ("AZURE_STORAGE_FILESHARE", "a/b", "must be 3 to 63 lower-case letters, digits and single hyphens"),
        ("AZURE_STORAGE_FILESHARE_COOL", "A", "must be 3 to 63 lower-case letters, digits and single hyphens"),
        ("AZURE_STORAGE_DATA_CONTAINER", "a--b", "must be 3 to 63 lower-case letters, digits and single hyphens"),
        ("AZURE_STORAGE_DATA_CONTAINER_COOL", "-ab", "must be 3 to 63 lower-case letters, digits and single hyphens"),
        ("DATA_PROJECTS_LOCATION_PREFIX", "a/../b", "must not contain"),
        ("AZURE_STORAGE_BLOB_ENDPOINT", "ftp://x", "must be an http or https address without query"),
        ("AZURE_STORAGE_FILE_ENDPOINT", "https://x/?a=b", "must be an http or https address without query"),
        ("TIERING_DATA", "/proc/nowhere", "must be a folder that can be written"),
        ("TIERING_TOKEN", "short", "must have at least 16 visible ASCII characters"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "must be an http or https address"),
        ("TIERING_SIGNING_KEY", "/nowhere/key.pem", "must be a private key in PEM, or the path of a file that holds one and can be read"),
        ("TIERING_PROOF", "half", "must be 'sizes', 'sample:N' with N from 1 to 100, or 'full'"),
        ("TIERING_PROOF_FULL_BYTES", "-1", "must be a whole number from 0 to 9223372036854775807"),
        ("TIERING_PROOF_MBPS", "-1", "must be a whole number from 1 to 100000"),
        ("TIERING_ACCESS_HOURS", "abc", "must be a number from 0.005 to 168"),
        ("TIERING_MAX_RUNNING_TRANSFERS", "0", "must be a whole number from 1 to 1000"),
        ("TIERING_STALL_MINUTES", "1441", "must be a whole number from 1 to 1440"),
        ("TIERING_STEP_SECONDS", "901", "must be a whole number from 1 to 900"),
        ("TIERING_DEADLINE_HOURS", "8761", "must be a whole number from 1 to 8760"),
        ("TIERING_DEADLINE_LEAST_MINUTES", "0", "must be a whole number from 1 to 525600"),
        ("TIERING_DEADLINE_MBPS", "0", "must be a whole number from 1 to 100000"),
        ("TIERING_TIME_ZONE", "Europe/Parys", "must be the name of a time zone"),
        ("TIERING_KEEP_DAYS", "0", "must be a whole number from 1 to 36500"),
        ("TIERING_NIGHTLY_COOLING", "yes", "must be 'true' or 'false'"),
        ("TIERING_NIGHT_LIMIT", "0", "must be a whole number from 1 to 1000"),
        ("TIERING_NIGHT_START", "24:00", "must be an hour as in 00:00 or 22:30"),
        ("TIERING_NIGHT_END", "00:05", "must be at least 15 minutes after TIERING_NIGHT_START"),
        ("TIERING_NIGHT_EXCLUDE", "a/b", "must be slugs with commas between them"),
        ("TIERING_PRICES", "/nowhere/prices.json", "names a file that cannot be read"),
        ("TIERING_COST_VETO_MONTHS", "1201", "must be a whole number from 1 to 1200"),
        ("TIERING_AGENT_PATH", "/nowhere/agent.dll", "must name the agent's program"),
        ("ASPNETCORE_URLS", "http://127.0.0.1:0;banana", "must be http or https addresses with semicolons between them"),
        ("IDENTITY_ENDPOINT", "localhost", "must be an http or https address without query"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "machine", "must be an http or https address without query"),
        ("TIERING_JOB_HOST", "kubernetes", "must be 'process' or 'container-apps'"),
        ("TIERING_CONTAINER_JOB", "job", "must be a resource id"),
        ("TIERING_JOBS", "https://account.blob.core.windows.net/", "must be the http or https address of a container, without query"),
        ("TIERING_START_GRACE_SECONDS", "4", "must be a whole number from 5 to 3600"),
        ("TIERING_MANAGEMENT_TIMEOUT_SECONDS", "0", "must be a whole number from 1 to 300"),
        ("AZURE_RESOURCE_MANAGER_ENDPOINT", "https://x/path", "must be an http or https address without path and query"),
        ("AZCOPY_POLL_INTERVAL_SECONDS", "0", "must be a number from 1 to 3600"),
        ("AZCOPY_DEFAULT_LOG_LEVEL", "LOUD", "must be one of NONE, ERROR, WARNING, INFO, DEBUG"),
        ("AZCOPY_BUFFER_GB", "0", "must be a number from 0.1 to 1024"),
        ("AZCOPY_CONCURRENT_FILES", "0", "must be a whole number from 1 to 10000"),
        ("AZCOPY_CONCURRENCY_VALUE", "AUTO", "must be a whole number from 1 to 10000"),
        ("AZCOPY_CAP_MBPS", "0.5", "must be a number from 1 to 1000000 or none"),
        ("AZCOPY_FILES_PER_JOB", "0", "must be a whole number from 1 to 50000000"),
        ("AZCOPY_DISK_BUDGET_GB", "0", "must be a number from 0.001 to 100000"),
        ("EUPHROSYNE_BACKEND_URL", "euphrosyne", "must be an http or https address without query"),
        ("TIERING_CALLBACK_DELAY_SECONDS", "0", "must be a number from 1 to 3600"),
        ("TIERING_OUTBOX_DAYS", "never", "must be a number from 0.01 to 90"),
    ];

    /// <summary>Any text is right, or what is wrong with it shows only when it is used.</summary>
    private static readonly string[] WithoutRule = ["AZURE_STORAGE_ACCOUNT", "JWT_SECRET_KEY", "AZURE_CLIENT_ID", "AZCOPY_MSI_CLIENT_ID", "IDENTITY_HEADER"];

    /// <summary>The contract has the service start, and refuse with 503 what is asked for.</summary>
    private static readonly string[] OfTheContract = ["DATA_BACKEND", "DATA_BACKEND_COOL"];

    /// <summary>Readiness says so, or a warning: the program may come while the service runs, and another folder does meanwhile.</summary>
    private static readonly string[] Told = ["AZCOPY_PATH", "AZCOPY_WORK_DIR", "AZCOPY_LOG_DIR"];

    /// <summary>Checked where they are read: by the agent below, and by the other host's own tests.</summary>
    private static readonly string[] Elsewhere = ["TIERING_LEASE_SECONDS", "TIERING_TABLES", "TIERING_MANIFESTS", "TIERING_TABLE_PREFIX", "TIERING_STATE_CONNECTION"];

    private static readonly string[] OfContainerJobs = ["TIERING_CONTAINER_JOB", "TIERING_JOBS", "TIERING_MANAGEMENT_TIMEOUT_SECONDS", "AZURE_RESOURCE_MANAGER_ENDPOINT"];

    private TempFolder temp = null!;

    [SetUp]
    public void SetUp() => temp = new TempFolder();

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public void Wrong_HasEverySettingOfThePage() =>
        Wrong.Select(wrong => wrong.Name).Concat(WithoutRule).Concat(OfTheContract).Concat(Told).Concat(Elsewhere).Should().BeEquivalentTo(SettingsTests.Documented);

    [TestCaseSource(nameof(WrongOnes))]
    public void Start_WrongValue_IsRefusedByNameAndRule(string name, string value, string rule) =>
        FluentActions.Invoking(() => Start((name, value))).Should().Throw<ConfigurationException>().Which.Message.Should().StartWith($"{name} {rule}");

    [Test]
    public void Start_WrongValueInDropInMode_IsRefusedToo() =>
        FluentActions.Invoking(() => Start(("EUPHROSYNE_BACKEND_URL", "http://client"), ("TIERING_NIGHTLY_COOLING", "yes")))
            .Should().Throw<ConfigurationException>().WithMessage("TIERING_NIGHTLY_COOLING must be 'true' or 'false'");

    [Test]
    public void Start_WhatIsNotSet_IsLeftToWhoAsksForIt([Values] bool ofContainerJobs) =>
        FluentActions.Invoking(() => Start(ofContainerJobs ? [("TIERING_JOB_HOST", "container-apps")] : [("DATA_BACKEND", ""), ("DATA_BACKEND_COOL", "tape"), ("DATA_FOLDER", "")]))
            .Should().NotThrow();

    [TestCase("TIERING_PROOF", "half", "configuration: TIERING_PROOF must be 'sizes', 'sample:N' with N from 1 to 100, or 'full'")]
    [TestCase("TIERING_TOKEN", "short", "configuration: TIERING_TOKEN must have at least 16 visible ASCII characters")]
    [TestCase("TIERING_NIGHT_LIMIT", "many", "configuration: TIERING_NIGHT_LIMIT must be a whole number from 1 to 1000")]
    [TestCase("TIERING_JOB_HOST", "kubernetes", "configuration: TIERING_JOB_HOST must be 'process' or 'container-apps'")]
    public async Task Service_WrongValue_EndsWithOneLine(string name, string value, string line)
    {
        (int code, string output, string error) = await RunAsync([Tools.Service, "--urls", "http://127.0.0.1:0"], name, value);

        (code, error.TrimEnd('\n')).Should().Be((2, line), output);
        output.Should().NotContain("   at ").And.NotContain("Now listening");
    }

    [TestCase("TIERING_PROOF", "half", "configuration: TIERING_PROOF must be 'sizes', 'sample:N' with N from 1 to 100, or 'full'")]
    [TestCase("TIERING_PROOF_MBPS", "-1", "configuration: TIERING_PROOF_MBPS must be a whole number from 1 to 100000")]
    [TestCase("TIERING_LEASE_SECONDS", "14", "configuration: TIERING_LEASE_SECONDS must be a whole number from 15 to 60")]
    [TestCase("AZCOPY_BUFFER_GB", "0", "configuration: AZCOPY_BUFFER_GB must be a number from 0.1 to 1024")]
    [TestCase("IDENTITY_ENDPOINT", "localhost", "configuration: IDENTITY_ENDPOINT must be an http or https address without query")]
    public async Task Agent_WrongValue_EndsBeforeItTouchesAnything(string name, string value, string line)
    {
        string job = temp.Folder("job");

        (int code, string output, string error) = await RunAsync([Tools.Agent, job, "1"], name, value);

        (code, output, error.TrimEnd('\n')).Should().Be((2, "", line));
        Directory.EnumerateFileSystemEntries(job).Should().BeEmpty();
    }

    [Test]
    public void WrongSettingIn_WrappedByTheHosts_IsFound()
    {
        ConfigurationException wrong = new("A must be B");

        StartFailures.WrongSettingIn(new AggregateException(new InvalidDataException(), new InvalidOperationException("in a service", wrong))).Should().BeSameAs(wrong);
        StartFailures.WrongSettingIn(new InvalidOperationException("a defect", new IOException())).Should().BeNull();
        StartFailures.Tell(wrong).Should().Be("configuration: A must be B");
    }

    private static IEnumerable<TestCaseData> WrongOnes() =>
        Wrong.Select(wrong => new TestCaseData(wrong.Name, wrong.Value, wrong.Rule).SetArgDisplayNames(wrong.Name, wrong.Value));

    /// <summary>As <c>Program.cs</c> begins, up to the point where the host is built.</summary>
    private void Start(params (string Name, string Value)[] settings)
    {
        Dictionary<string, string?> all = new(StringComparer.Ordinal)
        {
            ["TIERING_DATA"] = temp.At("data"),
            ["DATA_BACKEND"] = "folder",
            ["DATA_FOLDER"] = temp.Folder("hot"),
            ["DATA_BACKEND_COOL"] = "folder",
            ["DATA_FOLDER_COOL"] = temp.Folder("cool"),
            ["TIERING_CONTAINER_JOB"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/jobs/j",
            ["TIERING_JOBS"] = "https://account.blob.core.windows.net/jobs",
        };
        if (settings.Any(setting => OfContainerJobs.Contains(setting.Name)))
            all["TIERING_JOB_HOST"] = "container-apps";
        foreach ((string name, string value) in settings)
            all[name] = value;
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
        builder.Configuration.AddInMemoryCollection(all);
        builder.Services.AddTiering(builder.Configuration);
        HostAdapters.AddTo(builder.Services, builder.Configuration);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string[] program, string name, string value)
    {
        ProcessStartInfo start = new("dotnet", ["exec", .. program]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = temp.Root };
        start.Environment["TIERING_DATA"] = temp.At("data");
        start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }
}
