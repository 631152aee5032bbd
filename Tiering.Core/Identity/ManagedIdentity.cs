using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Tiering.Core.Identity;

/// <summary>
/// Tokens of the managed identity that the platform gives this program. A token is kept until five minutes before it runs out; while a
/// new one cannot be had, the old one serves as long as it works.
/// </summary>
/// <param name="http">As <see cref="CreateClient"/> makes it.</param>
/// <param name="endpoint">Who is asked.</param>
/// <param name="clock">Says when tokens run out.</param>
/// <param name="firstWait">How long the second attempt waits, a second when null; each further one waits twice as long.</param>
public sealed class ManagedIdentity(HttpClient http, IdentityEndpoint endpoint, TimeProvider clock, TimeSpan? firstWait = null) : ITokenSource
{
    /// <summary>With waits of 1, 2, 4 ... s these take two minutes: the metadata service may be away for 70 s.</summary>
    private const int Attempts = 8;

    /// <summary>Where nobody ever answers there is no such service: this machine is none of Azure's.</summary>
    private const int AttemptsInVain = 3;

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);

    private sealed record Token(string Value, DateTimeOffset Expires);

    private sealed class Slot
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public volatile Token? Held;
    }

    /// <summary>A client for the endpoint, which lies on this machine: no proxy may see the tokens.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async ValueTask<string> GetAsync(string resource, CancellationToken cancellation)
    {
        Slot slot = slots.GetOrAdd(resource, _ => new Slot());
        if (slot.Held is { } held && Works(held, Margin))
            return held.Value;
        await slot.Turn.WaitAsync(cancellation);
        try
        {
            if (slot.Held is { } fresh && Works(fresh, Margin))
                return fresh.Value; // whoever was before us has asked
            slot.Held = await AskAsync(resource, slot.Held, cancellation);
            return slot.Held.Value;
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    public void Refused(string resource)
    {
        if (slots.TryGetValue(resource, out Slot? slot))
            slot.Held = null;
    }

    private bool Works(Token token, TimeSpan margin) => token.Expires - clock.GetUtcNow() > margin;

    private async Task<Token> AskAsync(string resource, Token? old, CancellationToken cancellation)
    {
        bool answered = false;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            try
            {
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(Patience);
                using HttpRequestMessage request = endpoint.Ask(resource);
                using HttpResponseMessage answer = await http.SendAsync(request, patience.Token);
                answered = true;
                string body = await answer.Content.ReadAsStringAsync(patience.Token);
                if (answer.IsSuccessStatusCode)
                    return Read(body);
                if (!IsTransient(answer.StatusCode))
                    throw new IdentityException($"answered {(int)answer.StatusCode} {ReasonOf(body)}".TrimEnd(), isTransient: false);
                if (attempt == Attempts)
                    throw new IdentityException($"answers {(int)answer.StatusCode}", isTransient: true);
                asked = answer.Headers.RetryAfter?.Delta;
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or JsonException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                if (attempt == (answered ? Attempts : AttemptsInVain))
                    throw new IdentityException("does not answer", isTransient: true, lost);
            }
            if (old is not null && Works(old, LastMoment))
                return old;
            TimeSpan wait = (firstWait ?? TimeSpan.FromSeconds(1)) * Math.Pow(2, attempt - 1);
            await Task.Delay(asked > wait ? asked.Value : wait, clock, cancellation);
        }
    }

    // 404 and 410: the metadata service is being updated. Source: the page on tokens of virtual machines, "Error handling".
    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <exception cref="JsonException">The answer is none.</exception>
    private Token Read(string body)
    {
        using JsonDocument json = JsonDocument.Parse(body);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("access_token", out JsonElement value) || value.GetString() is not { Length: > 0 } token)
            throw new JsonException("There is no token.");
        return Number(json.RootElement, "expires_on") is { } end
            ? new Token(token, DateTimeOffset.FromUnixTimeSeconds(end))
            : new Token(token, clock.GetUtcNow() + TimeSpan.FromSeconds(Number(json.RootElement, "expires_in") ?? throw new JsonException("There is no end.")));
    }

    // The platforms write numbers as numbers and as text.
    private static long? Number(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value)
        && long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string ReasonOf(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out JsonElement error)
                ? SecretRedactor.Excerpt(error.ToString(), 100)
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}

/// <param name="what">What the identity endpoint did.</param>
/// <param name="isTransient">Whether trying again may help.</param>
/// <param name="inner">What was caught.</param>
public sealed class IdentityException(string what, bool isTransient, Exception? inner = null)
    : TieringException("identity-unavailable", $"This program has no token of its managed identity: the identity endpoint {what}.", isTransient, inner);
