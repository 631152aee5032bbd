using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tiering.Core;

namespace Tiering.Cli.Api;

/// <param name="Answers">Whether the service answers at all.</param>
/// <param name="Lack">What it lacks, as sentences; null when it is ready.</param>
public sealed record Readiness(bool Answers, string? Lack);

/// <summary>Tiering's HTTP API. Every call either gives what was asked for or throws one of the errors beside this class.</summary>
/// <param name="address">The service's address.</param>
/// <param name="token">Sent with every request; null for none.</param>
/// <param name="patience">How long an answer may take; null for 30 s.</param>
public sealed class TieringApi(Uri address, string? token, TimeSpan? patience = null) : IDisposable
{
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(30);

    private const string JsonLines = "application/x-ndjson";

    // No proxy: the service is near, and a proxy has no business with the token.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = patience ?? TimeSpan.FromSeconds(30) };

    public Uri Address { get; } = address;

    /// <param name="path">Below the service's address, with its query.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ServiceUnreachableException">Nothing that understands the API answers.</exception>
    /// <exception cref="RequestRefusedException">The service said no.</exception>
    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Get, path, body: null, idempotencyKey: null, cancellation);

    /// <inheritdoc cref="GetAsync"/>
    /// <param name="path">Below the service's address.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <param name="idempotencyKey">The same key again is the same request; null when repeating it does no harm.</param>
    /// <param name="cancellation">Gives up; the service may have acted all the same.</param>
    public Task<Answer<T>> PostAsync<T>(string path, object? body, Guid? idempotencyKey, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Post, path, body, idempotencyKey, cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public async Task DeleteAsync(string path, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Delete, path, body: null, idempotencyKey: null, cancellation);

    /// <inheritdoc cref="GetAsync"/>
    /// <param name="method">PUT or DELETE, where the answer counts.</param>
    /// <param name="path">Below the service's address.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <param name="cancellation">Gives up; the service may have acted all the same.</param>
    public Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellation) =>
        SendAsync<T>(method, path, body, idempotencyKey: null, cancellation);

    /// <summary>Sends JSON Lines and gives the lines that come back.</summary>
    public Task<string> SendLinesAsync(string path, string lines, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, new StringContent(lines, Encoding.UTF8, JsonLines), idempotencyKey: null, cancellation);

    /// <summary>Copies JSON Lines to a writer as they come, however many.</summary>
    public async Task CopyLinesAsync(string path, TextWriter output, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(Address, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(JsonLines));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!response.IsSuccessStatusCode)
                throw Refusal(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
            using StreamReader lines = new(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
            while (await lines.ReadLineAsync(cancellation) is { } line)
                await output.WriteLineAsync(line.AsMemory(), cancellation);
        }
        catch (HttpRequestException failure)
        {
            throw new ServiceUnreachableException(Address, Reason(failure), failure);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new ServiceUnreachableException(Address, $"it did not answer within {_patience.TotalSeconds:0} s.", late);
        }
    }

    /// <summary>Whether the service says that it is ready; what it lacks otherwise.</summary>
    public async Task<Readiness> FindReadinessAsync(CancellationToken cancellation)
    {
        try
        {
            await SendAsync(HttpMethod.Get, "api/health/ready", body: null, idempotencyKey: null, cancellation);
            return new Readiness(Answers: true, Lack: null);
        }
        catch (CliException notReady) when (notReady is ServiceUnreachableException or RequestRefusedException)
        {
            return new Readiness(notReady is RequestRefusedException { Code: "not-ready" }, notReady.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, object? body, Guid? idempotencyKey, CancellationToken cancellation)
    {
        string json = await SendAsync(method, path, body, idempotencyKey, cancellation);
        try
        {
            T value = JsonSerializer.Deserialize<T>(json, TieringJson.Options) ?? throw new JsonException("null");
            return new Answer<T>(value, json);
        }
        catch (JsonException unknown)
        {
            throw new ServiceUnreachableException(Address, "what answers there is not Tiering, or another version.", unknown);
        }
    }

    private async Task<string> SendAsync(HttpMethod method, string path, object? body, Guid? idempotencyKey, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(method, new Uri(Address, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is { } key)
            request.Headers.Add("Idempotency-Key", key.ToString("D"));
        if (body is not null)
            request.Content = body as HttpContent ?? new StringContent(JsonSerializer.Serialize(body, TieringJson.Options), Encoding.UTF8, "application/json");
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
            string text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? text : throw Refusal(response.StatusCode, text);
        }
        catch (HttpRequestException failure)
        {
            throw new ServiceUnreachableException(Address, Reason(failure), failure);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new ServiceUnreachableException(Address, $"it did not answer within {_patience.TotalSeconds:0} s.", late);
        }
    }

    private static string Reason(HttpRequestException failure) => failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        ? "nothing listens there."
        : $"{failure.Message.TrimEnd('.')}.";

    private static RequestRefusedException Refusal(HttpStatusCode status, string text)
    {
        Problem? problem = Parse(text);
        string message = (problem?.Title, problem?.Detail) switch
        {
            ({ } title, { } detail) => $"{title.TrimEnd('.')}: {detail}",
            ({ } title, null) => title,
            (null, { } detail) => detail,
            _ => $"The service answered {(int)status} {status}.",
        };
        if (status == HttpStatusCode.Unauthorized)
            message += " The token is read from TIERING_TOKEN, or from the file token in the folder that --data names.";
        return new RequestRefusedException(status, problem?.Code, message);
    }

    private static Problem? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(text, TieringJson.Options);
        }
        catch (JsonException)
        {
            return null; // a proxy's page, say: the status must do
        }
    }

    private sealed record Problem(string? Title, string? Detail, string? Code);
}
