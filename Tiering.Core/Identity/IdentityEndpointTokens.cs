using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tiering.Core.Identity;

/// <summary>
/// The managed identity of an app or a container job: the platform answers at <c>IDENTITY_ENDPOINT</c>, to whoever knows <c>IDENTITY_HEADER</c>.
/// Source: https://learn.microsoft.com/azure/container-apps/managed-identity (REST endpoint reference)
/// </summary>
/// <param name="http">Sends the requests.</param>
/// <param name="endpoint">The value of <c>IDENTITY_ENDPOINT</c>.</param>
/// <param name="header">The value of <c>IDENTITY_HEADER</c>; secret.</param>
/// <param name="clientId">Which user-assigned identity; null for the system-assigned one.</param>
/// <param name="clock">Says when a token runs out.</param>
public sealed class IdentityEndpointTokens(HttpClient http, Uri endpoint, string header, string? clientId, TimeProvider clock) : ITokenSource, IDisposable
{
    private const int Attempts = 6;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>A token is replaced so long before it runs out; the platform itself keeps tokens for hours.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, (string Token, DateTimeOffset Until)> kept = new(StringComparer.Ordinal);

    /// <summary>From the environment that the platform makes; null where there is no managed identity.</summary>
    /// <param name="setting">Gives a setting by its name.</param>
    /// <param name="http">Sends the requests.</param>
    /// <param name="clock">Says when a token runs out.</param>
    public static IdentityEndpointTokens? Find(Func<string, string?> setting, HttpClient http, TimeProvider clock) =>
        Uri.TryCreate(setting("IDENTITY_ENDPOINT"), UriKind.Absolute, out Uri? endpoint) && setting("IDENTITY_HEADER") is { Length: > 0 } header
            ? new IdentityEndpointTokens(http, endpoint, header, setting("AZURE_CLIENT_ID") is { Length: > 0 } client ? client : null, clock)
            : null;

    public async ValueTask<string> GetAsync(string resource, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            if (kept.TryGetValue(resource, out (string Token, DateTimeOffset Until) token) && token.Until - Margin > clock.GetUtcNow())
                return token.Token;
            kept[resource] = token = await AskAsync(resource, cancellation);
            return token.Token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<(string Token, DateTimeOffset Until)> AskAsync(string resource, CancellationToken cancellation)
    {
        string query = $"api-version=2019-08-01&resource={Uri.EscapeDataString(resource)}" + (clientId is null ? "" : $"&client_id={Uri.EscapeDataString(clientId)}");
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(AnswerLimit);
                using HttpRequestMessage request = new(HttpMethod.Get, new UriBuilder(endpoint) { Query = query }.Uri);
                request.Headers.Add("X-IDENTITY-HEADER", header);
                using HttpResponseMessage answer = await http.SendAsync(request, limit.Token);
                if (answer.IsSuccessStatusCode && await ReadAsync(answer, limit.Token) is { } token)
                    return token;
                bool again = answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500;
                if (!again || attempt == Attempts)
                    throw new IdentityException(string.Create(CultureInfo.InvariantCulture, $"the identity endpoint answered {(int)answer.StatusCode}"), again);
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                if (attempt == Attempts)
                    throw new IdentityException("the identity endpoint did not answer", isTransient: true, lost);
            }
            await Task.Delay(TimeSpan.FromSeconds(0.25 * Math.Pow(2, attempt)), cancellation);
        }
    }

    /// <summary>Null for an answer that holds no token.</summary>
    private async Task<(string Token, DateTimeOffset Until)?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            TokenAnswer? read = await answer.Content.ReadFromJsonAsync<TokenAnswer>(cancellation);
            return read is { Token.Length: > 0 }
                && long.TryParse(read.ExpiresOn, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                && DateTimeOffset.FromUnixTimeSeconds(seconds) is var until && until > clock.GetUtcNow()
                ? (read.Token, until)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="Token">Secret.</param>
    /// <param name="ExpiresOn">Seconds since 1970.</param>
    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string Token, [property: JsonPropertyName("expires_on")] string ExpiresOn)
    {
        public override string ToString() => "a token";
    }
}

/// <summary>This program could not sign in as itself.</summary>
public sealed class IdentityException(string what, bool isTransient, Exception? inner = null)
    : TieringException("identity", $"Signing in as the managed identity failed: {what}.", isTransient, inner);
