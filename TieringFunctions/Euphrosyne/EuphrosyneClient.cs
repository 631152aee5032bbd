using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Euphrosyne;

/// <summary>Euphrosyne's two endpoints: where a project's data lives, and how work has ended. Source: euphrosyne-contract.md, chapter 7.</summary>
/// <param name="settings">Where it is.</param>
/// <param name="http">As <see cref="CreateHttp"/> makes it.</param>
/// <param name="time">For the tokens, and for the wait between two attempts.</param>
public sealed class EuphrosyneClient(BackendSettings settings, HttpClient http, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxExcerptBytes = 2048;
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookUpPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);

    /// <summary>A client that follows nothing and remembers nothing: what answers must be Euphrosyne itself.</summary>
    public static HttpClient CreateHttp() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each call has its own
    };

    /// <summary>Asks where a project's data lives.</summary>
    /// <param name="project">The project.</param>
    /// <param name="attempts">How often it is asked when it does not answer.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="LifecycleLookUpException">There is no answer that could be used.</exception>
    /// <exception cref="ConfigurationException">Euphrosyne is not set up.</exception>
    public async Task<ProjectLifecycle> LookUpAsync(ProjectSlug project, int attempts, CancellationToken cancellation)
    {
        Uri address = new($"{settings.Url}/api/data-management/projects/{Uri.EscapeDataString(project.Value)}/lifecycle");
        for (int attempt = 1; ; attempt++)
        {
            Exception? failure = null;
            try
            {
                if (await LookUpOnceAsync(address, cancellation) is { } answer)
                    return answer;
            }
            catch (Exception lost) when (IsLost(lost, cancellation))
            {
                failure = lost;
            }
            if (attempt >= attempts)
                throw LifecycleLookUpException.Unavailable(failure);
            await Task.Delay(LookUpPause, time, cancellation);
        }
    }

    /// <summary>Tells a result.</summary>
    /// <param name="payload">The body.</param>
    /// <param name="cancellation">Ends the call; Euphrosyne may have acted all the same.</param>
    /// <returns>Null when it was taken.</returns>
    /// <exception cref="ConfigurationException">Euphrosyne is not set up.</exception>
    public async Task<DeliveryFailure?> SendAsync(string payload, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(SendLimit);
        using HttpRequestMessage request = Request(HttpMethod.Post, new Uri($"{settings.Url}/api/data-management/operations/callback"));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload)) // of known length: the client reads a chunked body as empty
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode ? null : await FailureOfAsync(response, limit.Token);
        }
        catch (Exception lost) when (IsLost(lost, cancellation))
        {
            return new DeliveryFailure(limit.IsCancellationRequested ? $"No answer within {SendLimit.TotalSeconds:0} s." : $"No connection: {ReasonOf(lost)}.");
        }
    }

    private async Task<ProjectLifecycle?> LookUpOnceAsync(Uri address, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LookUpLimit);
        using HttpRequestMessage request = Request(HttpMethod.Get, address);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw LifecycleLookUpException.ProjectNotFound();
        return response.IsSuccessStatusCode ? Parse(await ReadAsync(response, MaxAnswerBytes, limit.Token)) : null;
    }

    private HttpRequestMessage Request(HttpMethod method, Uri address)
    {
        HttpRequestMessage request = new(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", OutboundToken.Create(settings.Secret, time.GetUtcNow()));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.ConnectionClose = true; // calls are rare, and a connection kept that the server has closed meanwhile looks like a failure
        return request;
    }

    private static ProjectLifecycle Parse(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement answer = document.RootElement;
            string state = answer.GetProperty("lifecycle_state").GetString() ?? throw LifecycleLookUpException.Malformed();
            Guid? last = answer.TryGetProperty("last_operation_id", out JsonElement id) && id.ValueKind != JsonValueKind.Null ? id.GetGuid() : null;
            return new ProjectLifecycle(StateOf(state), last);
        }
        catch (Exception nonsense) when (nonsense is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw LifecycleLookUpException.Malformed(nonsense);
        }
    }

    private static LifecycleState? StateOf(string word) => word switch
    {
        "HOT" => LifecycleState.Hot,
        "COOLING" => LifecycleState.Cooling,
        "COOL" => LifecycleState.Cool,
        "RESTORING" => LifecycleState.Restoring,
        "ERROR" => LifecycleState.Error,
        _ => null,
    };

    private async Task<DeliveryFailure> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        int status = (int)response.StatusCode;
        string body = "";
        try
        {
            body = Encoding.UTF8.GetString(await ReadAsync(response, MaxExcerptBytes, cancellation));
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException)
        {
            // the status says enough
        }
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
        string excerpt = SecretRedactor.Excerpt(body, 300);
        return new DeliveryFailure($"HTTP {status}{(excerpt.Length > 0 ? ": " : "")}{excerpt}", status is >= 400 and < 500 and not (408 or 425 or 429), wait);
    }

    /// <summary>The beginning of a body.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, int most, CancellationToken cancellation)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[most];
        int length = await body.ReadAtLeastAsync(buffer, most, throwOnEndOfStream: false, cancellation);
        return buffer[..length];
    }

    private static bool IsLost(Exception failure, CancellationToken cancellation) =>
        failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static string ReasonOf(Exception failure) => SecretRedactor.Redact((failure.InnerException ?? failure).Message).TrimEnd('.');
}
