using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Hosting;
using Tiering.Emulators.Requests;

namespace Tiering.Emulators.Control;

/// <summary>
/// Faults and the request log over HTTP, for tests that run in another process: <c>/__control/faults</c> (GET, POST a rule, DELETE),
/// <c>/__control/faults/ID</c> (GET, DELETE), <c>/__control/requests</c> (GET JSON Lines, <c>?active=true</c> for those under way; DELETE).
/// </summary>
public sealed class ControlEndpoint : EmulatorServer
{
    private const int LargestRuleBytes = 64 << 10;

    private readonly FaultSet _faults;
    private readonly RequestLog _log;

    private ControlEndpoint(FaultSet faults, RequestLog log)
    {
        _faults = faults;
        _log = log;
    }

    /// <summary><c>http://127.0.0.1:PORT/__control</c></summary>
    public Uri Endpoint => new(Root, "__control");

    /// <param name="faults">The faults that are shown and changed.</param>
    /// <param name="log">The log that is shown.</param>
    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    public static async Task<ControlEndpoint> StartAsync(FaultSet faults, RequestLog log, int port = 0)
    {
        ControlEndpoint endpoint = new(faults, log);
        await endpoint.ListenAsync(port);
        return endpoint;
    }

    private protected override async Task HandleAsync(HttpContext http)
    {
        string[] path = (http.Request.Path.Value ?? "").Trim('/').Split('/');
        int? id = path.Length == 3 && int.TryParse(path[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
        await ((http.Request.Method, path) switch
        {
            ("GET", ["__control", "faults"]) => AnswerAsync(http, 200, _faults.All.Select(View)),
            ("POST", ["__control", "faults"]) => AddAsync(http),
            ("DELETE", ["__control", "faults"]) => DoneAsync(http, _faults.Clear),
            ("GET", ["__control", "faults", _]) => ShowAsync(http, id),
            ("DELETE", ["__control", "faults", _]) => RemoveAsync(http, id),
            ("GET", ["__control", "requests"]) => WriteRequestsAsync(http),
            ("DELETE", ["__control", "requests"]) => DoneAsync(http, _log.Clear),
            _ => AnswerAsync(http, 404, new { error = "Use /__control/faults, /__control/faults/ID or /__control/requests." }),
        });
    }

    private static object View(Fault fault) => new { id = fault.Id, met = fault.Met, fired = fault.Fired, rule = fault.Rule };

    private async Task AddAsync(HttpContext http)
    {
        try
        {
            if (http.Request.ContentLength is null or > LargestRuleBytes)
                throw new ArgumentException("A rule is sent with its length, of at most 64 KiB.");
            FaultRule? rule = await JsonSerializer.DeserializeAsync<FaultRule>(http.Request.Body, RequestLog.Json, http.RequestAborted);
            await AnswerAsync(http, 201, View(_faults.Add(rule ?? throw new ArgumentException("A rule must be an object."))));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            await AnswerAsync(http, 400, new { error = exception.Message });
        }
    }

    private Task ShowAsync(HttpContext http, int? id) => _faults.All.FirstOrDefault(fault => fault.Id == id) is { } found
        ? AnswerAsync(http, 200, View(found))
        : AnswerAsync(http, 404, new { error = "There is no such fault." });

    private Task RemoveAsync(HttpContext http, int? id) => id is { } known && _faults.Remove(known)
        ? DoneAsync(http, () => { })
        : AnswerAsync(http, 404, new { error = "There is no such fault." });

    private async Task WriteRequestsAsync(HttpContext http)
    {
        http.Response.ContentType = "application/x-ndjson";
        foreach (RequestRecord request in http.Request.Query["active"] == "true" ? _log.Active : _log.Ended)
        {
            await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(request, RequestLog.Json), http.RequestAborted);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
        }
    }

    private static Task DoneAsync(HttpContext http, Action act)
    {
        act();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task AnswerAsync(HttpContext http, int status, object body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, RequestLog.Json), http.RequestAborted);
    }
}
