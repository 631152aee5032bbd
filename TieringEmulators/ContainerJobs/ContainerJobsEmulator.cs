using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Hosting;
using Tiering.Emulators.Identity;
using Tiering.Emulators.Requests;

namespace Tiering.Emulators.ContainerJobs;

/// <summary>
/// The part of Azure Resource Manager that manages the executions of one manually triggered Container Apps job, and the identity endpoint that
/// its containers have. An execution is a process of this machine with an environment of its own.
/// Source: https://github.com/Azure/azure-rest-api-specs, Microsoft.App, Jobs, 2025-01-01.
/// </summary>
public sealed class ContainerJobsEmulator : EmulatorServer
{
    /// <summary>The job's resource id.</summary>
    public const string Job = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tiering/providers/Microsoft.App/jobs/tiering-agent";

    private const string Management = "https://management.azure.com";
    private const string IdentityPath = "/msi/token";
    private static readonly string[] Inherited = ["PATH", "HOME", "LD_LIBRARY_PATH", "DOTNET_ROOT", "TMPDIR", "LANG", "TZ", "DOTNET_CLI_TELEMETRY_OPTOUT"];

    private readonly ContainerJobsOptions _options;
    private readonly List<Execution> _executions = [];
    private readonly List<Task> _running = [];
    private readonly string _identityHeader = Guid.NewGuid().ToString("N");

    private ContainerJobsEmulator(ContainerJobsOptions options)
    {
        _options = options;
        Faults = options.Faults ?? new FaultSet();
        Log = options.Log ?? new RequestLog();
        Tokens = options.Tokens ?? new TokenIssuer(options.Time);
    }

    /// <summary>What stands for <c>https://management.azure.com</c>.</summary>
    public Uri Endpoint => Root;

    /// <summary>What goes wrong on purpose; the server is called <c>jobs</c>, its operations GetJob, StartJob, ListExecutions, GetExecution, StopExecution, GetToken.</summary>
    public FaultSet Faults { get; }

    public RequestLog Log { get; }

    public TokenIssuer Tokens { get; }

    /// <summary>What a program needs to sign in with this emulator's identity.</summary>
    public IReadOnlyDictionary<string, string> IdentityEnvironment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["IDENTITY_ENDPOINT"] = new Uri(Root, IdentityPath).ToString(),
        ["IDENTITY_HEADER"] = _identityHeader,
    };

    /// <summary>Every execution that was ever started: name, status, arguments, process id while it runs.</summary>
    public IReadOnlyList<ExecutionView> Executions
    {
        get
        {
            lock (_executions)
                return [.. _executions.Select(View)];
        }
    }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ContainerJobsEmulator> StartAsync(ContainerJobsOptions options)
    {
        ContainerJobsEmulator emulator = new(options);
        await emulator.ListenAsync(options.Port, options.Certificate);
        return emulator;
    }

    /// <summary>Takes an execution and its processes away without a word; <paramref name="forget"/> takes it off the list, too.</summary>
    public void Lose(string name, bool forget = false)
    {
        lock (_executions)
        {
            Execution execution = _executions.Single(one => one.Name == name);
            execution.Lose();
            if (forget)
                _executions.Remove(execution);
        }
    }

    /// <summary>Ends every execution, and the server.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        List<Task> running;
        lock (_executions)
        {
            foreach (Execution execution in _executions)
                execution.Dispose();
            running = [.. _running];
        }
        await Task.WhenAll(running);
    }

    private protected override async Task HandleAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "";
        string operation = OperationOf(http.Request.Method, path);
        Fault? fault = Faults.Draw("jobs", http.Request.Method, operation, path);
        RequestRecord record = new(Log.NextId(), "jobs", http.Request.Method, operation, path, _options.Time.GetUtcNow())
        {
            Query = http.Request.QueryString.Value ?? "", Fault = fault?.Id, Agent = http.Request.Headers.UserAgent.ToString(),
        };
        Log.Begin(record);
        MeteredStream output = new(http.Response.Body) { CutAfterBytes = fault?.Rule.CutResponseAfterBytes, Cut = http.Abort };
        http.Response.Body = output;
        bool complete = false;
        try
        {
            await new FaultedExchange(http, output, fault).RunAsync(() => ServeAsync(http, operation, path));
            complete = true;
        }
        catch (StorageException refused) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, refused.Status, new JsonObject { ["error"] = new JsonObject { ["code"] = refused.Code, ["message"] = refused.Message } });
            complete = true;
        }
        catch (Exception cut) when (cut is ConnectionCutException || http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
        finally
        {
            Log.EndRequest(record with { End = _options.Time.GetUtcNow(), Status = complete ? http.Response.StatusCode : null, Complete = complete, BytesOut = output.Count });
        }
    }

    private static string OperationOf(string method, string path)
    {
        if (path == IdentityPath)
            return "GetToken";
        if (!path.StartsWith(Job, StringComparison.OrdinalIgnoreCase))
            return "Unknown";
        return (method, path[Job.Length..].Split('/')) switch
        {
            ("GET", [""]) => "GetJob",
            ("POST", ["", "start"]) => "StartJob",
            ("GET", ["", "executions"]) => "ListExecutions",
            ("GET", ["", "executions", _]) => "GetExecution",
            ("POST", ["", "executions", _, "stop"]) => "StopExecution",
            _ => "Unknown",
        };
    }

    private Task ServeAsync(HttpContext http, string operation, string path)
    {
        if (operation == "GetToken")
            return GiveTokenAsync(http);
        if (!Tokens.Accepts(http.Request.Headers.Authorization, Management))
            throw new StorageException(401, "AuthenticationFailed", "Authentication failed.");
        if (http.Request.Query["api-version"].ToString().Length == 0)
            throw new StorageException(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        return operation switch
        {
            "GetJob" => AnswerAsync(http, 200, DescribeJob()),
            "StartJob" => StartJobAsync(http),
            "ListExecutions" => ListAsync(http),
            "GetExecution" => AnswerAsync(http, 200, Describe(Find(path.Split('/')[^1]))),
            "StopExecution" => StopExecutionAsync(http, Find(path.Split('/')[^2])),
            _ => throw new StorageException(404, "ResourceNotFound", "The resource was not found."),
        };
    }

    private Task GiveTokenAsync(HttpContext http)
    {
        if (http.Request.Headers["X-IDENTITY-HEADER"] != _identityHeader)
            throw new StorageException(401, "Unauthorized", "The identity header is missing or wrong.");
        if (http.Request.Query["resource"] is not [{ Length: > 0 } resource])
            throw new StorageException(400, "BadRequest", "The resource is missing.");
        (string token, DateTimeOffset until) = Tokens.Issue(resource);
        return AnswerAsync(http, 200, new JsonObject
        {
            ["access_token"] = token,
            ["expires_on"] = until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
        });
    }

    private async Task StartJobAsync(HttpContext http)
    {
        JsonNode template = await ReadTemplateAsync(http);
        Execution execution;
        lock (_executions)
        {
            string name = "tiering-agent-" + Guid.NewGuid().ToString("N")[..7];
            execution = new Execution(name, template, _options.Time.GetUtcNow());
            _executions.Add(execution);
            _running.Add(Task.Run(() => execution.RunAsync(ProcessOf(execution), Path.Combine(_options.Disks, name + ".log"), _options.StartDelay, _options.Time)));
        }
        http.Response.Headers.Location = $"{Endpoint}{Job.TrimStart('/')}/executions/{execution.Name}?api-version=2025-01-01";
        await AnswerAsync(http, 202, new JsonObject { ["name"] = execution.Name, ["id"] = $"{Job}/executions/{execution.Name}" });
    }

    /// <summary>A template that is given replaces the job's own as a whole; without one the job's own counts.</summary>
    private async Task<JsonNode> ReadTemplateAsync(HttpContext http)
    {
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (body.Length == 0)
            return DescribeTemplate();
        JsonNode? given;
        try
        {
            given = JsonNode.Parse(body.ToArray());
        }
        catch (JsonException)
        {
            given = null;
        }
        return given?["containers"] is JsonArray { Count: > 0 } containers && containers.All(one => one?["image"] is not null && one["name"] is not null)
            ? given
            : throw new StorageException(400, "InvalidRequestContent", "Containers need a name and an image.");
    }

    private ProcessStartInfo ProcessOf(Execution execution)
    {
        string disk = Directory.CreateDirectory(Path.Combine(_options.Disks, execution.Name)).FullName;
        ProcessStartInfo start = new("setsid") // a process group of its own, with the process's id
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = false, WorkingDirectory = disk,
        };
        JsonNode container = execution.Template["containers"]![0]!;
        string[] arguments = [.. (container["args"] as JsonArray ?? []).Select(one => one!.GetValue<string>())];
        foreach (string part in (string[])[.. _options.Program, .. arguments])
            start.ArgumentList.Add(part);
        foreach (string name in start.Environment.Keys.Where(name => !Inherited.Contains(name)).ToList())
            start.Environment.Remove(name);
        foreach (JsonNode? variable in container["env"] as JsonArray ?? [])
            start.Environment[variable!["name"]!.GetValue<string>()] = variable["value"]?.GetValue<string>().Replace("{disk}", disk, StringComparison.Ordinal);
        foreach ((string name, string value) in IdentityEnvironment)
            start.Environment[name] = value;
        start.Environment["CONTAINER_APP_JOB_NAME"] = "tiering-agent";
        start.Environment["CONTAINER_APP_JOB_EXECUTION_NAME"] = execution.Name;
        return start;
    }

    private Task ListAsync(HttpContext http)
    {
        int skip = int.TryParse(http.Request.Query["$skiptoken"], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 0;
        DateTimeOffset shown = _options.Time.GetUtcNow() - _options.ListLag;
        List<Execution> all;
        lock (_executions)
            all = [.. _executions.Where(execution => execution.Started <= shown).Reverse()];
        JsonObject page = new() { ["value"] = new JsonArray([.. all.Skip(skip).Take(_options.PageSize).Select(Describe)]) };
        if (all.Count > skip + _options.PageSize)
            page["nextLink"] = string.Create(CultureInfo.InvariantCulture, $"{Endpoint}{Job.TrimStart('/')}/executions?api-version=2025-01-01&$skiptoken={skip + _options.PageSize}");
        return AnswerAsync(http, 200, page);
    }

    private Task StopExecutionAsync(HttpContext http, Execution execution)
    {
        lock (_executions)
            _running.Add(Task.Run(() => execution.StopAsync(_options.EndGrace)));
        http.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    private Execution Find(string name)
    {
        lock (_executions)
            return _executions.Find(execution => execution.Name == name) ?? throw new StorageException(404, "JobExecutionNotFound", "There is no such execution.");
    }

    private JsonObject DescribeJob() => new()
    {
        ["id"] = Job,
        ["name"] = "tiering-agent",
        ["type"] = "Microsoft.App/jobs",
        ["properties"] = new JsonObject
        {
            ["provisioningState"] = "Succeeded",
            ["configuration"] = new JsonObject { ["triggerType"] = "Manual", ["replicaRetryLimit"] = 0, ["replicaTimeout"] = 691200 },
            ["template"] = DescribeTemplate(),
        },
    };

    private JsonObject DescribeTemplate() => new()
    {
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "agent",
            ["image"] = "registry.invalid/tiering-agent:1",
            ["env"] = new JsonArray([.. _options.Environment.Select(one => new JsonObject { ["name"] = one.Key, ["value"] = one.Value })]),
            ["resources"] = new JsonObject { ["cpu"] = 1.0, ["memory"] = "2Gi", ["ephemeralStorage"] = "4Gi" },
        }),
    };

    private static JsonObject Describe(Execution execution)
    {
        JsonObject properties = new()
        {
            ["status"] = execution.Status,
            ["startTime"] = execution.Started.ToString("O", CultureInfo.InvariantCulture),
            ["template"] = execution.Template.DeepClone(),
        };
        if (execution.Ended is { } ended)
            properties["endTime"] = ended.ToString("O", CultureInfo.InvariantCulture);
        return new JsonObject { ["id"] = $"{Job}/executions/{execution.Name}", ["name"] = execution.Name, ["type"] = "Microsoft.App/jobs/executions", ["properties"] = properties };
    }

    private static ExecutionView View(Execution execution) => new(
        execution.Name,
        execution.Status,
        [.. (execution.Template["containers"]![0]!["args"] as JsonArray ?? []).Select(one => one!.GetValue<string>())],
        execution.ProcessId,
        execution.Template.ToJsonString());

    private static async Task AnswerAsync(HttpContext http, int status, JsonNode body)
    {
        byte[] content = Encoding.UTF8.GetBytes(body.ToJsonString());
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = content.Length;
        await http.Response.Body.WriteAsync(content, http.RequestAborted);
    }
}

/// <param name="Name">Of the execution.</param>
/// <param name="Status">As the service tells it.</param>
/// <param name="Arguments">Of its container.</param>
/// <param name="ProcessId">Null before it runs, and once it has ended.</param>
/// <param name="Template">All that whoever may read executions sees, as JSON.</param>
public sealed record ExecutionView(string Name, string Status, IReadOnlyList<string> Arguments, int? ProcessId, string Template);
