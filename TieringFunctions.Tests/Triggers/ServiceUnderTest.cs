using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Functions.Access;
using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Triggers;
using Tiering.Tests.Support;

namespace Tiering.Tests.Triggers;

/// <summary>
/// Every HTTP function behind the gate, on the embedded host and a real catalogue; what would start orchestrations notes what it is asked.
/// </summary>
public sealed class ServiceUnderTest : IAsyncDisposable
{
    public const string Secret = "django-11by";
    public const string Token = "0123456789abcdef-operator";
    private readonly TempFolder folder = new();
    private readonly IHost app;

    private ServiceUnderTest(Dictionary<string, string?> settings)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TIERING_DATA"] = folder.At("state"),
            ["TIERING_TOKEN"] = Token,
            ["JWT_SECRET_KEY"] = Secret,
            ["DATA_BACKEND"] = "folder",
            ["DATA_FOLDER"] = Hot,
            ["DATA_BACKEND_COOL"] = "folder",
            ["DATA_FOLDER_COOL"] = folder.Folder("cool"),
            ["AZCOPY_PATH"] = Tools.AzCopy,
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.UseMiddleware<AccessMiddleware>();
        builder.Services
            .Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options))
            .AddSqliteCatalogue()
            .AddHttpSurface()
            .AddSingleton<IReadinessCheck>(provider => new AzCopyReadiness(provider.GetRequiredService<IConfiguration>()["AZCOPY_PATH"], asContainer: false))
            .AddSingleton<DeliveryStarter>()
            .AddEuphrosyne(name => builder.Configuration[name])
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(provider => new StorageSettings(name => provider.GetRequiredService<IConfiguration>()[name]))
            .AddSingleton<ProjectLocations>()
            .AddSingleton<NightSelection>()
            .AddSingleton<NightPreview>()
            .AddSingleton<IManifestStore>(_ => new FileManifestStore(folder.Folder("state", "manifests")))
            .AddSingleton(_ => new ProjectStores(new HttpClient()))
            .AddSingleton<IAccessIssuer>(provider => new AccessIssuer(provider.GetRequiredService<StorageSettings>(), new HttpClient(), identity: null, Time))
            .AddSingleton<ICertificateStore>(Certificates)
            .AddSingleton<IJobFolders>(new DirectoryJobFolders(folder.Folder("state", "jobs"), new FileManifestStore(folder.Folder("state", "manifests"))))
            .AddSingleton<IOperationStarter>(Starter)
            .Configure<EmbeddedHostOptions>(options => HttpFunctionTypes().ToList().ForEach(options.Types.Add));
        app = builder.Build();
    }

    public NotingStarter Starter { get; } = new();

    public ManualTime Time { get; } = new();

    public FileCertificateStore Certificates => new(folder.Folder("state", "manifests"));

    public string State => folder.At("state");

    public string Hot => folder.Folder("hot");

    public ICatalogue Catalogue => app.Services.GetRequiredService<ICatalogue>();

    public IOutbox Outbox => app.Services.GetRequiredService<IOutbox>();

    public INightStore Nights => app.Services.GetRequiredService<INightStore>();

    public IAudit Audit => app.Services.GetRequiredService<IAudit>();

    public Uri Address => app.GetAddresses().Single();

    public static async Task<ServiceUnderTest> StartAsync(params (string Name, string? Value)[] settings)
    {
        ServiceUnderTest service = new(settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        await service.app.StartAsync();
        return service;
    }

    /// <summary>A client that shows this bearer token; null for none.</summary>
    public HttpClient Client(string? token)
    {
        HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public HttpClient Operator() => Client(Token);

    public HttpClient Euphrosyne() => Client(Jwt(new { user_id = "euphrosyne", exp = Time.GetUtcNow().ToUnixTimeSeconds() + 300 }));

    public static string Jwt(object claims, object? header = null, string secret = Secret)
    {
        string signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header ?? new { alg = "HS256", typ = "JWT" }))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";

        static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    public IProjectRegister Register => app.Services.GetRequiredService<IProjectRegister>();

    /// <summary>Registers a project that was made long ago: it may go cool at once.</summary>
    public async Task AddProjectAsync(string slug, LifecycleState state = LifecycleState.Hot)
    {
        Directory.CreateDirectory(Path.Combine(Hot, slug));
        ProjectRegistration registration = new(ProjectSlug.Parse(slug), state) { CreatedAt = Time.GetUtcNow().AddYears(-3) };
        await Register.RegisterAsync([registration], dryRun: false, Caller.Service, default);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await ((IAsyncDisposable)app).DisposeAsync();
        folder.Dispose();
    }

    private static IEnumerable<Type> HttpFunctionTypes() => typeof(DataTriggers).Assembly.GetTypes()
        .Where(type => type.GetMethods().Any(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute), inherit: false))));
}

/// <summary>Notes what it is asked to start.</summary>
public sealed class NotingStarter : IOperationStarter
{
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Thrown by every call; null for none.</summary>
    public Exception? Failure { get; set; }

    public Task EnsureStartedAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation) => Note($"start {key.InstanceId}");

    public Task EnsureDeletionStartedAsync(DurableTaskClient client, OperationKey key, int generation, CancellationToken cancellation) =>
        Note($"delete {key.DeletionInstanceId} {generation}");

    public Task RequestCancelAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation) => Note($"cancel {key.InstanceId}");

    public Task EnsureAdoptionStartedAsync(DurableTaskClient client, ProjectSlug project, Guid id, CancellationToken cancellation) => Note($"adopt {project} {id:D}");

    public Task EnsureDeliveryStartedAsync(DurableTaskClient client, OutboxMessage message, CancellationToken cancellation) => Note($"deliver {message.InstanceId}");

    public Task EnsurePlanStartedAsync(DurableTaskClient client, OperationRequest request, CancellationToken cancellation) =>
        Note($"plan {request.Key.Type} of {request.Key.Project} {request.Key.Id:D}");

    private Task Note(string what)
    {
        Asked.Enqueue(what);
        return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
    }
}

internal static class HttpAnswers
{
    /// <summary>Status and body as they came.</summary>
    public static async Task<(int Status, string Body)> ReadAsync(this Task<HttpResponseMessage> answer)
    {
        using HttpResponseMessage response = await answer;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public static async Task<JsonNode> JsonAsync(this Task<HttpResponseMessage> answer, int status)
    {
        (int found, string body) = await answer.ReadAsync();
        found.Should().Be(status, body);
        return JsonNode.Parse(body)!;
    }
}
