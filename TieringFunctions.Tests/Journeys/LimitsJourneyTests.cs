using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.EmbeddedHost;
using Tiering.Functions;
using Tiering.Functions.Access;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Agents;

namespace Tiering.Tests.Journeys;

/// <summary>
/// An AzCopy that hangs, below the real agent and the whole service, which runs in this process so that its clock can be put forward: the orchestration
/// ends what takes too long.
/// </summary>
public sealed class LimitsJourneyTests
{
    private const string Token = "0123456789abcdef-operator";

    private readonly ShiftedTime clock = new();
    private TempFolder temp = null!;
    private AzuriteServer azurite = null!;
    private IHost service = null!;
    private HttpClient http = null!;

    [SetUp]
    public async Task StartAsync()
    {
        clock.Behind = TimeSpan.Zero;
        temp = new TempFolder();
        azurite = await AzuriteServer.StartAsync();
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(Settings());
        builder.UseMiddleware<AccessMiddleware>();
        builder.Services.AddTiering(builder.Configuration);
        HostAdapters.AddTo(builder.Services, builder.Configuration);
        builder.Services.AddSingleton<TimeProvider>(clock).Configure<EmbeddedHostOptions>(options => options.Assemblies.Add(typeof(TieringServices).Assembly));
        service = builder.Build();
        await service.StartAsync();
        http = new HttpClient { BaseAddress = service.GetAddresses().Single() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        temp.File("hot/demo/file.txt", "content");
        await SendAsync(HttpMethod.Post, "/api/projects", new { slug = "demo", createdAt = "2020-01-01T00:00:00Z" });
    }

    [TearDown]
    public async Task StopAsync()
    {
        http.Dispose();
        await service.StopAsync();
        foreach (string job in Directory.EnumerateDirectories(temp.At("data", "jobs")))
            await service.Services.GetRequiredService<IJobHost>().StopAsync(Path.GetFileName(job), default);
        service.Dispose();
        await azurite.DisposeAsync();
        temp.Dispose();
    }

    [Test]
    public async Task Cool_AzCopyHangsPastTheDeadline_FailsAndARetryGoesWell()
    {
        (string id, string instance) = await HangAsync();
        await HangingAsync(instance, attempt: 1);
        clock.Behind -= TimeSpan.FromHours(11);

        await FailsAsync(id, instance, "deadline-exceeded");
    }

    [Test]
    public async Task Cool_NothingMovesForTheStallLimitInThreeAttempts_FailsAndARetryGoesWell()
    {
        (string id, string instance) = await HangAsync();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            await HangingAsync(instance, attempt);
            clock.Behind -= TimeSpan.FromMinutes(18);
        }

        JsonElement failed = await FailsAsync(id, instance, "stalled");

        failed.GetProperty("error").GetProperty("message").GetString().Should().Contain("3 attempts");
    }

    private Dictionary<string, string?> Settings() => new()
    {
        ["TIERING_DATA"] = temp.Folder("data"),
        ["TIERING_TOKEN"] = Token,
        ["TIERING_AGENT_PATH"] = Tools.Agent,
        ["TIERING_DEADLINE_LEAST_MINUTES"] = "600",
        ["TIERING_START_GRACE_SECONDS"] = "600", // an agent that is slow to begin would be followed by another attempt
        ["DATA_BACKEND"] = "folder",
        ["DATA_FOLDER"] = temp.Folder("hot"),
        ["DATA_BACKEND_COOL"] = "azure_blob",
        ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
        ["AZURE_STORAGE_BLOB_ENDPOINT"] = azurite.Endpoint.ToString(),
        ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
        ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
        ["AZCOPY_PATH"] = AzCopyThatHangs(),
    };

    /// <summary>AzCopy, that hangs in every copy as long as there is a file called <c>hang</c>.</summary>
    private string AzCopyThatHangs()
    {
        temp.File("hang", "");
        string script = temp.File("script", "[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\nhang\n[show]\nerror no job with JobId {id} exists\nexit 1");
        return ShellProgram.Write(
            temp.At("azcopy"),
            $"[ ! -e '{temp.At("hang")}' ] || exec '{Environment.ProcessPath}' exec '{Tools.StandIn}' '{script}' '{Tools.AzCopy}' \"$@\"\nexec '{Tools.AzCopy}' \"$@\"");
    }

    private async Task<(string Id, string Instance)> HangAsync()
    {
        string id = (await SendAsync(HttpMethod.Post, "/api/projects/demo/cool")).GetProperty("id").GetString()!;
        return (id, new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(id)).InstanceId);
    }

    /// <summary>Waits until an attempt's AzCopy hangs.</summary>
    private async Task HangingAsync(string instance, int attempt) => await UntilAsync(
        async () => await service.Services.GetRequiredService<IJobFolders>().ReadAsync(instance, default),
        view => view.Progress is { } progress && progress.Attempt == attempt && progress.AzCopyJobs.Count == attempt,
        $"the AzCopy of attempt {attempt}");

    private async Task<JsonElement> FailsAsync(string id, string instance, string code)
    {
        JsonElement failed = await EndOfAsync(id);
        failed.GetProperty("status").GetString().Should().Be("FAILED", failed.ToString());
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be(code, failed.ToString());
        (await SendAsync(HttpMethod.Get, "/api/projects/demo")).GetProperty("state").GetString().Should().Be("ERROR");
        AzCopyOrphans.Find(temp.At("data", "jobs", instance)).Should().BeEmpty("what hung was ended");

        File.Delete(temp.At("hang"));
        JsonElement retried = await EndOfAsync((await SendAsync(HttpMethod.Post, $"/api/operations/{id}/retry")).GetProperty("id").GetString()!);
        retried.GetProperty("status").GetString().Should().Be("SUCCEEDED", retried.ToString());
        return failed;
    }

    private Task<JsonElement> EndOfAsync(string id) => UntilAsync(
        () => SendAsync(HttpMethod.Get, $"/api/operations/{id}"), shown => shown.GetProperty("status").GetString() is "SUCCEEDED" or "FAILED", $"the end of {id}");

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.Should().BeTrue($"{method} {path} is answered: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            T seen = await look();
            if (isSo(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(start) > Eventually.Limit)
                throw new TimeoutException($"Waited in vain for {what}; last seen: {seen}");
            await Task.Delay(50);
        }
    }
}
