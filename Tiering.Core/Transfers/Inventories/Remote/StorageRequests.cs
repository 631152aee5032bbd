using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Xml;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>
/// Requests to the blob and file services: signed, bounded in time, tried again when the answer says that it may help, and with every
/// other answer turned into an error of ours that holds no address and no token.
/// </summary>
/// <param name="http">As <see cref="ProjectStores.CreateClient"/> makes it.</param>
/// <param name="access">Asked before every request.</param>
/// <param name="identity">Signs in where access holds no SAS; null where all access does.</param>
/// <param name="firstWait">How long the second attempt waits, a quarter of a second when null; each further one waits twice as long.</param>
internal sealed class StorageRequests(
    HttpClient http,
    Func<LocationAccess> access,
    ITokenSource? identity,
    TimeSpan? firstWait = null)
{
    /// <summary>The first version in which file shares take bearer tokens.</summary>
    private const string SignedInVersion = "2022-11-02";

    private const int Attempts = 5;

    /// <summary>Whether file shares are asked: with a bearer token, they want to know what for.</summary>
    public bool IsForFiles { get; init; }

    /// <summary>For an answer to begin, and for a whole answer where it is read at once.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(100);

    /// <summary>An address is sent as it is written: a framework that tidies <c>%2E</c> or <c>//</c> up asks for another file.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">Percent-encoded, without query.</param>
    /// <param name="query">Percent-encoded, without '?'; may be empty.</param>
    public HttpRequestMessage Create(HttpMethod method, string address, string query = "")
    {
        string parameters = string.Join('&', new[] { query, access().OwnSas }.Where(part => !string.IsNullOrEmpty(part)));
        Uri uri = new(parameters.Length == 0 ? address : $"{address}?{parameters}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(method, uri);
        request.Headers.Add("x-ms-version", SignsIn ? SignedInVersion : SasSigner.Version);
        if (SignsIn && IsForFiles)
            request.Headers.Add("x-ms-file-request-intent", "backup"); // the role opens all of the share, whatever its files' own permissions say
        return request;
    }

    /// <summary>Sends until the answer is a success, one of <paramref name="also"/>, or final. The body is read by the caller.</summary>
    public Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, string what, CancellationToken cancellation, params HttpStatusCode[] also) =>
        TryAsync(make, what, HttpCompletionOption.ResponseHeadersRead, (answer, _) => Task.FromResult(answer), also, cancellation);

    /// <summary>The same for an answer that is read as a whole: one that is cut off or cannot be understood is asked for again.</summary>
    public Task<T> ReadAsync<T>(Func<HttpRequestMessage> make, string what, Func<Stream, T> read, CancellationToken cancellation) =>
        TryAsync(
            make,
            what,
            HttpCompletionOption.ResponseContentRead,
            async (answer, token) =>
            {
                using (answer)
                    return read(await answer.Content.ReadAsStreamAsync(token));
            },
            [],
            cancellation);

    /// <summary>The same for what may not be there: null then.</summary>
    public Task<T?> FindAsync<T>(Func<HttpRequestMessage> make, string what, Func<HttpResponseMessage, Stream, T> read, CancellationToken cancellation)
        where T : class => TryAsync<T?>(
            make,
            what,
            HttpCompletionOption.ResponseContentRead,
            async (answer, token) =>
            {
                using (answer)
                {
                    if (answer.StatusCode != HttpStatusCode.NotFound)
                        return read(answer, await answer.Content.ReadAsStreamAsync(token));
                    return StorageErrors.Of(answer, what) is StoreUnavailableException gone ? throw gone : null; // the container, not the blob
                }
            },
            [HttpStatusCode.NotFound],
            cancellation);

    private async Task<T> TryAsync<T>(
        Func<HttpRequestMessage> make,
        string what,
        HttpCompletionOption completion,
        Func<HttpResponseMessage, CancellationToken, Task<T>> use,
        HttpStatusCode[] also,
        CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            try
            {
                bool signedIn = SignsIn;
                string? token = signedIn ? await identity!.GetAsync(TokenResources.Storage, cancellation) : null;
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(Patience);
                using HttpRequestMessage request = make();
                if (token is not null)
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                HttpResponseMessage answer = await http.SendAsync(request, completion, patience.Token);
                if (answer.IsSuccessStatusCode || also.Contains(answer.StatusCode))
                    return await use(answer, patience.Token);
                using (answer)
                {
                    asked = answer.Headers.RetryAfter?.Delta;
                    bool again = signedIn && attempt == 1 && answer.StatusCode == HttpStatusCode.Unauthorized;
                    if (again)
                        identity!.Refused(TokenResources.Storage);
                    if (attempt == Attempts || !(again || IsTransient(answer.StatusCode) || HasRunOut(answer.StatusCode)))
                        throw StorageErrors.Of(answer, what);
                }
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or XmlException or OperationCanceledException
                && !cancellation.IsCancellationRequested)
            {
                if (attempt == Attempts)
                    throw new StoreUnavailableException(what, lost);
            }
            await Task.Delay(Wait(attempt, asked), cancellation);
        }
    }

    private bool SignsIn => identity is not null && access().OwnSas is null;

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status is 500 or 502 or 503 or 504;

    /// <summary>Whether it was refused because its access has run out: whoever gave it may be renewing it.</summary>
    private bool HasRunOut(HttpStatusCode status) =>
        status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized && access().ExpiresAt <= TimeProvider.System.GetUtcNow();

    private TimeSpan Wait(int attempt, TimeSpan? asked)
    {
        double seconds = (firstWait?.TotalSeconds ?? 0.25) * Math.Pow(2, attempt - 1) * (0.75 + (Random.Shared.NextDouble() / 2)); // many agents must not come back at once
        return TimeSpan.FromSeconds(Math.Clamp(Math.Max(seconds, asked?.TotalSeconds ?? 0), 0, 30));
    }
}

/// <summary>What the services' answers mean.</summary>
internal static class StorageErrors
{
    /// <summary>The service's own name of what went wrong; empty when it gave none.</summary>
    public static string CodeOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-ms-error-code", out IEnumerable<string>? values) ? values.First() : "";

    public static TieringException Of(HttpResponseMessage answer, string what)
    {
        string code = CodeOf(answer);
        string told = string.Create(CultureInfo.InvariantCulture, $"{what}: {(int)answer.StatusCode}{(code.Length > 0 ? " " : "")}{code}");
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound when code is "ContainerNotFound" or "ShareNotFound" or "ContainerBeingDeleted" or "ShareBeingDeleted" =>
                new StoreUnavailableException($"{what}: the container or share of all projects is not there ({code})") { IsRootMissing = true },
            _ when (int)answer.StatusCode is 408 or 429 or >= 500 => new StoreUnavailableException(told),
            _ => new StoreRefusedException(told),
        };
    }
}
