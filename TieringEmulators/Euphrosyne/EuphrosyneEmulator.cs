using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Euphrosyne;

/// <summary>How the emulated client is set up.</summary>
public sealed record EuphrosyneOptions
{
    /// <summary>The shared secret.</summary>
    public required string Secret { get; init; }

    /// <summary>Port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>A path before the client's own, such as <c>/app</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How long after the 202 the client commits that the operation runs.</summary>
    public TimeSpan CommitDelay { get; init; }

    /// <summary>How far the client's clock is ahead.</summary>
    public TimeSpan ClockSkew { get; init; }
}

/// <summary>
/// The client that Tiering drops in for: answers look-ups, takes callbacks by its own rules, asks for operations as it does, and fails in
/// the ways it can fail.
/// </summary>
public sealed class EuphrosyneEmulator : EmulatorServer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly EuphrosyneOptions _options;
    private readonly List<ClientFault> _faults = [];
    private readonly List<ClientRequest> _requests = [];
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Patience };

    private EuphrosyneEmulator(EuphrosyneOptions options) => _options = options;

    public ClientModel Model { get; } = new();

    /// <summary>Its base URL, without slash at the end.</summary>
    public string Url => $"http://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}{_options.Prefix}";

    /// <summary>Tiering's base URL, without slash at the end.</summary>
    public string? Tiering { get; set; }

    /// <summary>What Tiering has sent, oldest first.</summary>
    public IReadOnlyList<ClientRequest> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public IReadOnlyList<ClientRequest> Callbacks => [.. Requests.Where(request => request.IsCallback)];

    public static async Task<EuphrosyneEmulator> StartAsync(EuphrosyneOptions options)
    {
        EuphrosyneEmulator emulator = new(options);
        await emulator.ListenAsync(options.Port);
        return emulator;
    }

    public void Add(ClientFault fault)
    {
        lock (_faults)
            _faults.Add(fault);
    }

    public void ClearFaults()
    {
        lock (_faults)
            _faults.Clear();
    }

    /// <summary>Asks for COOL or RESTORE as the client does: PENDING is committed, then the request, then what came of it.</summary>
    /// <param name="slug">The project.</param>
    /// <param name="type">COOL or RESTORE.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ClientOperation> BeginAsync(string slug, string type, CancellationToken cancellation = default)
    {
        ClientOperation operation = new(Guid.NewGuid(), slug, type, DateTimeOffset.UtcNow);
        Model.Put(operation);
        int answer = await PostAsync($"data/projects/{Uri.EscapeDataString(slug)}/{(type == "COOL" ? "cool" : "restore")}?operation_id={operation.Id:D}", cancellation);
        if (answer == 202)
        {
            await Task.Delay(_options.CommitDelay, cancellation);
            Model.CommitStart(operation.Id, answer);
        }
        else
        {
            string message = answer == 0
                ? "Tools API request failed."
                : $"Tools API rejected {type.ToLowerInvariant()} request ({answer.ToString(CultureInfo.InvariantCulture)}).";
            Model.Change(operation.Id, pending => pending.IsTerminal ? pending : pending with { Status = "FAILED", ErrorMessage = message, Answer = answer });
        }
        return Model.Find(operation.Id)!;
    }

    /// <summary>Asks to delete the source of a finished operation; the sub-state is committed first.</summary>
    /// <returns>The status that Tiering answered; 0 for none.</returns>
    public async Task<int> DeleteSourceAsync(Guid id, CancellationToken cancellation = default)
    {
        Model.Change(id, found => found with { Deletion = "RUNNING", DeletionError = null });
        ClientOperation operation = Model.Find(id) ?? throw new ArgumentException($"There is no operation {id:D}.", nameof(id));
        string role = operation.Type == "COOL" ? "HOT" : "COOL";
        int answer = await PostAsync(
            FormattableString.Invariant(
                $"data/projects/{Uri.EscapeDataString(operation.Project)}/delete/{role}?operation_id={id:D}&file_count={operation.FilesTotal}&total_size={operation.BytesTotal}"),
            cancellation);
        if (answer != 202)
            Model.Change(id, found => found with { Deletion = "FAILED", DeletionError = "Tools API request failed." });
        return answer;
    }

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await base.DisposeAsync();
        _http.Dispose();
        _end.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override async Task HandleAsync(HttpContext http)
    {
        string target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using MemoryStream body = new();
        bool isChunked = http.Request.Headers.TransferEncoding.Count > 0;
        if (!isChunked)
            await http.Request.Body.CopyToAsync(body, http.RequestAborted); // the client's server reads a chunked body as empty
        string text = Encoding.UTF8.GetString(body.ToArray());
        if (target.StartsWith("/__client/", StringComparison.Ordinal))
        {
            await ClientControl.HandleAsync(this, http, target["/__client/".Length..], body.ToArray());
            return;
        }
        ClientRequest request = new(DateTimeOffset.UtcNow, http.Request.Method, target, text, 0)
        {
            Authorization = http.Request.Headers.Authorization,
            ContentType = http.Request.ContentType,
            ContentLength = http.Request.ContentLength,
            IsChunked = isChunked,
            TokenRefusal = ClientToken.Refusal(http.Request.Headers.Authorization, _options.Secret, DateTimeOffset.UtcNow + _options.ClockSkew),
        };
        ClientFault? fault = TakeFault(request);
        if (fault is { Kind: not (ClientFaultKind.CloseAfterActing or ClientFaultKind.HangAfterActing) })
        {
            lock (_requests)
                _requests.Add(request with { Answer = fault.Kind == ClientFaultKind.Status ? fault.Status : fault.Kind == ClientFaultKind.Garbage ? 200 : 0 });
            await FailAsync(http, fault);
            return;
        }
        int status;
        JsonNode? answer;
        lock (_requests) // who sees what a request did finds the request, too
        {
            (status, answer) = Act(request, body.ToArray());
            _requests.Add(request with { Answer = fault is null ? status : 0 });
        }
        await (fault is null ? WriteAsync(http, status, answer?.ToJsonString() ?? "") : FailAsync(http, fault));
    }

    /// <summary>What the client does with a request when nothing is wrong with it.</summary>
    private (int Status, JsonNode? Answer) Act(ClientRequest request, byte[] body)
    {
        if (request.TokenRefusal is { } refusal)
            return (401, new JsonObject { ["detail"] = $"Given token not valid for any token type ({refusal})", ["code"] = "token_not_valid" });
        if (request.Method == "POST" && request.Target == $"{_options.Prefix}/api/data-management/operations/callback")
            return request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true ? (Model.Take(body), null) : (415, null);
        string start = $"{_options.Prefix}/api/data-management/projects/";
        if (request.Method == "GET" && request.Target.StartsWith(start, StringComparison.Ordinal) && request.Target.EndsWith("/lifecycle", StringComparison.Ordinal))
        {
            string slug = Uri.UnescapeDataString(request.Target[start.Length..^"/lifecycle".Length]);
            return Model.Lifecycle(slug) is { } lifecycle ? (200, lifecycle) : (404, new JsonObject { ["detail"] = "Not found." });
        }
        return (404, new JsonObject { ["detail"] = "Not found." });
    }

    private async Task FailAsync(HttpContext http, ClientFault fault)
    {
        switch (fault.Kind)
        {
            case ClientFaultKind.Hang or ClientFaultKind.HangAfterActing:
                using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _end.Token))
                    await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                break;
            case ClientFaultKind.Close or ClientFaultKind.CloseAfterActing:
                http.Abort();
                break;
            default:
                if (fault.RetryAfter is { } seconds)
                    http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                await WriteAsync(http, fault.Kind == ClientFaultKind.Garbage ? 200 : fault.Status, fault.Kind == ClientFaultKind.Garbage ? fault.Body : "");
                break;
        }
    }

    private ClientFault? TakeFault(ClientRequest request)
    {
        lock (_faults)
        {
            int at = _faults.FindIndex(fault => fault.Target == (request.IsCallback ? "callback" : "lifecycle")
                && fault.Times is null or > 0
                && (fault.Matching is not { } text || request.Target.Contains(text, StringComparison.Ordinal) || request.Body.Contains(text, StringComparison.Ordinal)));
            if (at < 0)
                return null;
            ClientFault found = _faults[at];
            _faults[at] = found with { Times = found.Times - 1 };
            return found;
        }
    }

    private async Task<int> PostAsync(string path, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"{Tiering ?? throw new InvalidOperationException("Where is Tiering?")}/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ClientToken.Create(_options.Secret, DateTimeOffset.UtcNow + _options.ClockSkew));
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
            return (int)response.StatusCode;
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException || (lost is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return 0;
        }
    }

    internal static async Task WriteAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        http.Response.ContentLength = bytes.Length;
        if (bytes.Length > 0)
            http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
