using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Tiering.Emulators.Hosting;

/// <summary>Answers that come instead of the real ones, each once, in the order in which they were added. Safe for concurrent use.</summary>
public sealed class Troubles
{
    private readonly ConcurrentQueue<(int Status, int? RetryAfterSeconds)> _next = new();

    /// <summary>How many have not happened yet.</summary>
    public int Left => _next.Count;

    /// <param name="status">HTTP status; 0 breaks the connection without an answer.</param>
    /// <param name="retryAfterSeconds">The header Retry-After; null for none.</param>
    public void Add(int status, int? retryAfterSeconds = null) => _next.Enqueue((status, retryAfterSeconds));

    /// <summary>Answers a request with the next trouble.</summary>
    /// <returns>False when there is none: then nothing was done.</returns>
    internal bool Meet(HttpContext http)
    {
        if (!_next.TryDequeue(out (int Status, int? RetryAfterSeconds) trouble))
            return false;
        if (trouble.Status == 0)
        {
            http.Abort();
            return true;
        }
        http.Response.StatusCode = trouble.Status;
        if (trouble.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return true;
    }
}
