using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Tiering.Emulators.Euphrosyne;

/// <summary>
/// The emulated client's buttons, over HTTP: <c>PUT /__client/projects/SLUG {"state"}</c>, <c>POST …/cool</c>, <c>POST …/restore</c>,
/// <c>POST /__client/operations/ID/delete</c>, <c>GET</c> of a project, an operation or <c>/__client/requests</c>,
/// <c>POST</c> or <c>DELETE /__client/faults</c>.
/// </summary>
internal static class ClientControl
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    public static async Task HandleAsync(EuphrosyneEmulator client, HttpContext http, string path, byte[] body)
    {
        try
        {
            (int status, object? answer) = await ActAsync(client, http.Request.Method, [.. path.Split('/').Select(Uri.UnescapeDataString)], body, http.RequestAborted);
            await EuphrosyneEmulator.WriteAsync(http, status, answer is null ? "" : JsonSerializer.Serialize(answer, Json));
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            await EuphrosyneEmulator.WriteAsync(http, 400, JsonSerializer.Serialize(new { error = wrong.Message }, Json));
        }
    }

    private static async Task<(int Status, object? Answer)> ActAsync(
        EuphrosyneEmulator client, string method, string[] path, byte[] body, CancellationToken cancellation)
    {
        switch (method, path)
        {
            case ("PUT", ["projects", { } slug]):
                client.Model.Put(slug, JsonNode.Parse(body)?["state"]?.GetValue<string>() ?? throw new ArgumentException("state is missing"));
                return (200, client.Model.Lifecycle(slug));
            case ("GET", ["projects", { } slug]):
                return client.Model.Lifecycle(slug) is { } lifecycle ? (200, lifecycle) : (404, null);
            case ("POST", ["projects", { } slug, ("cool" or "restore") and { } what]):
                return (200, await client.BeginAsync(slug, what.ToUpperInvariant(), cancellation));
            case ("POST", ["operations", { } id, "delete"]):
                await client.DeleteSourceAsync(Guid.Parse(id), cancellation);
                return (200, client.Model.Find(Guid.Parse(id)));
            case ("GET", ["operations", { } id]):
                return client.Model.Find(Guid.Parse(id)) is { } operation ? (200, operation) : (404, null);
            case ("GET", ["requests"]):
                return (200, client.Requests.Select(request => request with { Authorization = request.Authorization is null ? null : "…" }));
            case ("POST", ["faults"]):
                client.Add(JsonSerializer.Deserialize<ClientFault>(body, Json) ?? throw new ArgumentException("A fault is missing."));
                return (201, null);
            case ("DELETE", ["faults"]):
                client.ClearFaults();
                return (204, null);
            default:
                return (404, null);
        }
    }
}
