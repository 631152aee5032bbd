using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Tiering.Cli.Api;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

/// <summary>
/// Answers like Tiering's API, and moves folders by plain copies: what the command line asks, and what it makes of every answer, is tested
/// without a transfer. It keeps what it knows across <see cref="StopAsync"/> and <see cref="StartAsync"/>, as the real one does.
/// </summary>
public sealed class FakeService(string hotFolder, string coolFolder) : IAsyncDisposable
{
    public const string Token = "the-token";

    private WebApplication? _app;
    private readonly ReservedPort _port = new();
    private readonly SemaphoreSlim _turn = new(1);

    public ConcurrentDictionary<string, LifecycleState> Projects { get; } = new();

    public ConcurrentDictionary<Guid, OperationView> Operations { get; } = new();

    /// <summary>Method and path of every request, in order, with its idempotency key.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>How an operation that was accepted ends; null lets it succeed.</summary>
    public Func<OperationView, OperationError?> Outcome { get; set; } = _ => null;

    /// <summary>Called before a request is answered; what it returns is the answer, unless it is null.</summary>
    public Func<HttpRequest, IResult?> Interfere { get; set; } = _ => null;

    /// <summary>How often an operation is shown as running before it ends.</summary>
    public int PollsToEnd { get; set; } = 2;

    public Uri Address => new($"http://127.0.0.1:{_port.Number}/");

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{_port.Number}");
        app.Use(WatchAsync);
        app.MapGet("/api/health/ready", () => Results.Ok());
        app.MapPost("/api/projects", AddProject);
        app.MapGet("/api/projects", ListProjects);
        app.MapGet("/api/projects/{slug}", (string slug) => Projects.ContainsKey(slug) ? Json(View(slug)) : NotFound(slug));
        app.MapDelete("/api/projects/{slug}", (string slug) => Projects.TryRemove(slug, out _) ? Results.NoContent() : NotFound(slug));
        app.MapPost("/api/projects/{slug}/cool", (string slug, HttpRequest request) => Accept(slug, OperationType.Cool, request));
        app.MapPost("/api/projects/{slug}/restore", (string slug, HttpRequest request) => Accept(slug, OperationType.Restore, request));
        app.MapPost("/api/projects/{slug}/delete-source", DeleteSource);
        app.MapGet("/api/operations", () => Json(new Page<OperationView>([.. Operations.Values])));
        app.MapGet("/api/operations/{id:guid}", Poll);
        await app.StartAsync();
        _app = app;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
            await app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _port.Dispose();
        _turn.Dispose();
    }

    public static IResult Problem(int status, string title, string detail, string code) =>
        Results.Json(new { type = "about:blank", title, status, detail, code }, TieringJson.Options, "application/problem+json", status);

    private async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path} {request.Headers["Idempotency-Key"]}".TrimEnd());
        if (Interfere(request) is { } answer)
            await answer.ExecuteAsync(context);
        else if (request.Headers.Authorization != $"Bearer {Token}" && request.Path != "/api/health/ready")
            await Problem(401, "Unauthorized", "A valid token is needed.", "unauthorized").ExecuteAsync(context);
        else
            await InTurnAsync(() => next(context));
    }

    /// <summary>One request after the other: that of a run which was ended may still be at work when the next run's comes.</summary>
    private async Task InTurnAsync(Func<Task> work)
    {
        await _turn.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IResult> AddProject(HttpRequest request)
    {
        ProjectView project = (await request.ReadFromJsonAsync<ProjectView>(TieringJson.Options))!;
        Projects.TryAdd(project.Slug, project.State);
        return Json(View(project.Slug), 201);
    }

    private IResult ListProjects(int limit, string? after) =>
        Json(new Page<ProjectView>([.. Projects.Keys.Order(StringComparer.Ordinal).Where(slug => string.CompareOrdinal(slug, after) > 0).Take(limit).Select(View)]));

    private IResult Accept(string slug, OperationType type, HttpRequest request)
    {
        if (!Projects.TryGetValue(slug, out LifecycleState state))
            return NotFound(slug);
        Guid id = Guid.Parse(request.Headers["Idempotency-Key"].ToString());
        if (Operations.TryGetValue(id, out OperationView? known))
            return Json(known, 202);
        if (state is LifecycleState.Cooling or LifecycleState.Restoring)
            return Problem(409, "Project busy", $"Another operation holds {slug}.", "project-busy");
        Projects[slug] = type == OperationType.Cool ? LifecycleState.Cooling : LifecycleState.Restoring;
        OperationView operation = new(id, slug, type, OperationStatus.Pending) { AcceptedAt = DateTimeOffset.UtcNow, Percent = -PollsToEnd };
        Operations[id] = operation;
        return Json(operation, 202);
    }

    private IResult Poll(Guid id)
    {
        if (!Operations.TryGetValue(id, out OperationView? operation))
            return Problem(404, "Operation unknown", $"There is no operation {id:D}.", "operation-unknown");
        if (!operation.IsTerminal)
            operation = Operations[id] = operation.Percent < 0 ? operation with { Status = OperationStatus.Running, Percent = operation.Percent + 1 } : End(operation);
        return Json(operation with { Percent = Math.Max(0, operation.Percent) });
    }

    private OperationView End(OperationView operation)
    {
        bool isCool = operation.Type == OperationType.Cool;
        OperationError? error = Outcome(operation);
        if (error is null)
            Copy(isCool ? hotFolder : coolFolder, isCool ? coolFolder : hotFolder, operation.Project);
        Projects[operation.Project] = error is not null ? LifecycleState.Error : isCool ? LifecycleState.Cool : LifecycleState.Hot;
        return operation with
        {
            Status = error is null ? OperationStatus.Succeeded : OperationStatus.Failed,
            Error = error,
            FinishedAt = DateTimeOffset.UtcNow,
            Total = new DataSize(3, 4096),
            Copied = new DataSize(3, 4096),
            Percent = 100,
            AzCopyJobs = ["job-1"],
            Proof = "full",
        };
    }

    private async Task<IResult> DeleteSource(string slug, HttpRequest request)
    {
        DeletionRequest? body = request.ContentLength > 0 ? await request.ReadFromJsonAsync<DeletionRequest>(TieringJson.Options) : null;
        OperationView operation = body is { } named ? Operations[named.OperationId] : Operations.Values.Single(operation => operation.Project == slug);
        if (operation.Deletion is null)
        {
            Directory.Delete(Path.Combine(hotFolder, slug), recursive: true);
            DeletionView deletion = new(DeletionStatus.Succeeded) { Removed = operation.Total, RequestedAt = DateTimeOffset.UtcNow, FinishedAt = DateTimeOffset.UtcNow };
            operation = Operations[operation.Id] = operation with { Deletion = deletion };
        }
        return Json(operation, 202);
    }

    private sealed record DeletionRequest(Guid OperationId);

    private static void Copy(string from, string to, string slug)
    {
        Directory.CreateDirectory(to);
        using System.Diagnostics.Process copy = System.Diagnostics.Process.Start("cp", ["-a", "-T", Path.Combine(from, slug), Path.Combine(to, slug)]);
        copy.WaitForExit();
        copy.ExitCode.Should().Be(0);
    }

    private ProjectView View(string slug) => new(slug, Projects[slug]);

    private static IResult Json<T>(T value, int status = 200) => Results.Json(value, TieringJson.Options, statusCode: status);

    private static IResult NotFound(string slug) => Problem(404, "Project unknown", $"There is no project {slug}.", "project-unknown");
}
