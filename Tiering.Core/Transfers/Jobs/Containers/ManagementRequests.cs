using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tiering.Core.Identity;

namespace Tiering.Core.Transfers.Jobs.Containers;

/// <summary>Requests to Azure Resource Manager, signed by this program's identity, and tried again while that may help.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="tokens">Signs them.</param>
/// <param name="settings">Where to, and how patient.</param>
/// <param name="clock">Measures patience.</param>
internal sealed class ManagementRequests(HttpClient http, ITokenSource tokens, ContainerJobSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Sends what may be sent twice, until it is answered.</summary>
    /// <returns>The body; null for 404.</returns>
    /// <exception cref="JobHostException">It was refused, or not answered for as long as the patience lasts.</exception>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string address, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            ManagementAnswer answer = await TryAsync(method, address, body: null, cancellation);
            if (answer.Status == HttpStatusCode.NotFound)
                return null;
            if (answer.IsSuccess)
                return answer.Body;
            if (!answer.MayHelpAgain || clock.GetElapsedTime(start) > settings.Patience)
                throw answer.Failure(method);
            await PauseAsync(attempt, answer, cancellation);
        }
    }

    /// <summary>Sends once. What became of a request without an answer nobody knows.</summary>
    public async Task<ManagementAnswer> TryAsync(HttpMethod method, string address, JsonNode? body, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(settings.AnswerLimit);
            using HttpRequestMessage request = new(method, new Uri(settings.Endpoint, address));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(TokenResources.Management, limit.Token));
            if (body is not null)
                request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            else if (method == HttpMethod.Post)
                request.Content = new ByteArrayContent([]);
            using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            byte[] content = await answer.Content.ReadAsByteArrayAsync(limit.Token);
            return new ManagementAnswer(answer.StatusCode, Parse(content), RetryAfter(answer));
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or JsonException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return new ManagementAnswer(Status: null, Body: null, RetryAfter: null);
        }
        catch (TieringException unsigned)
        {
            throw new JobHostException("The management API could not be asked: " + unsigned.Message, unsigned);
        }
    }

    public Task PauseAsync(int attempt, ManagementAnswer answer, CancellationToken cancellation)
    {
        TimeSpan own = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(attempt, 6) - 1) * (0.75 + (Random.Shared.NextDouble() / 2)));
        TimeSpan pause = answer.RetryAfter is { } asked && asked > own ? asked : own;
        return Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancellation);
    }

    private static JsonNode? Parse(byte[] content) => content.Length == 0 ? null : JsonNode.Parse(content);

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow(),
        _ => null,
    };
}

/// <param name="Status">Null when there was no answer.</param>
/// <param name="Body">Null for none.</param>
/// <param name="RetryAfter">How long the service asks to wait; null when it does not.</param>
internal sealed record ManagementAnswer(HttpStatusCode? Status, JsonNode? Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => Status is { } status && (int)status is >= 200 and < 300;

    /// <summary>Whether the request may have been carried out although it was not answered well.</summary>
    public bool IsUncertain => Status is null || (int)Status is 408 or >= 500;

    public bool MayHelpAgain => IsUncertain || Status is HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict;

    /// <summary>Names the status and the service's code, and nothing else of the answer.</summary>
    public JobHostException Failure(HttpMethod method)
    {
        string code = Body?["error"]?["code"]?.GetValueKind() == JsonValueKind.String ? $" {Body["error"]!["code"]!.GetValue<string>()}" : "";
        return new JobHostException(Status is { } status
            ? string.Create(CultureInfo.InvariantCulture, $"The management API answered {(int)status}{code} to {method}.")
            : "The management API did not answer.");
    }
}
