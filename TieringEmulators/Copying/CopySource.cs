using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Copying;

/// <summary>Fetches what a request names as its source, as the service does for "from URL" operations: with the access in that URL.</summary>
internal static class CopySource
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly (string Given, string Sent)[] Conditions =
    [
        ("x-ms-source-if-match", "If-Match"),
        ("x-ms-source-if-none-match", "If-None-Match"),
        ("x-ms-source-if-modified-since", "If-Modified-Since"),
        ("x-ms-source-if-unmodified-since", "If-Unmodified-Since"),
    ];

    /// <summary>A client for the emulators' own requests: nothing is redirected, unpacked or sent through a proxy.</summary>
    public static HttpClient NewClient(X509Certificate2? trusted) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors == SslPolicyErrors.None || (trusted is not null && certificate?.GetCertHashString() == trusted.GetCertHashString()),
        },
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        // Azurite closes idle connections after 5 s; a request on one that is about to close would be lost.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>An address whose path and query are sent exactly as they are written.</summary>
    public static Uri AddressOf(string text) => new(text, AsWritten);

    /// <summary>Opens the source, or the part of it that is asked for. The caller disposes the answer.</summary>
    /// <exception cref="StorageException">The source was not to be had; the status is the source's own where it gave one.</exception>
    public static async Task<HttpResponseMessage> OpenAsync(HttpClient client, HttpRequest request, ByteRange? range)
    {
        using HttpRequestMessage message = new(HttpMethod.Get, SourceOf(request));
        string version = request.Headers["x-ms-version"].ToString();
        message.Headers.TryAddWithoutValidation("x-ms-version", version.Length > 0 ? version : "2021-12-02");
        message.Headers.TryAddWithoutValidation("User-Agent", "tiering-emulators/copy");
        if (request.Headers["x-ms-copy-source-authorization"] is [{ } authorization])
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (request.Headers["x-ms-file-request-intent"] is [{ } intent])
            message.Headers.TryAddWithoutValidation("x-ms-file-request-intent", intent);
        if (range is not null)
            message.Headers.TryAddWithoutValidation("x-ms-range", range.ToString());
        foreach ((string given, string sent) in Conditions)
        {
            if (request.Headers[given] is [{ } value])
                message.Headers.TryAddWithoutValidation(sent, value);
        }
        HttpResponseMessage response = await SendAsync(client, message, request.HttpContext.RequestAborted);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw Unreadable(response);
    }

    /// <summary>Reads exactly what was asked for.</summary>
    /// <exception cref="StorageException">The source gave less, more, or broke off.</exception>
    public static async Task ReadAsync(HttpResponseMessage source, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            await using Stream stream = await source.Content.ReadAsStreamAsync(cancellation);
            int read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            if (read == buffer.Length && await stream.ReadAsync(new byte[1], cancellation) == 0)
                return;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The same as too little: told below.
        }
        throw new StorageException(500, "CannotVerifyCopySource", "The copy source did not give the bytes that were asked for.");
    }

    private static Uri SourceOf(HttpRequest request)
    {
        string text = request.Headers["x-ms-copy-source"].ToString();
        bool valid = Uri.TryCreate(text, AsWritten, out Uri? source) && source.Scheme is "http" or "https";
        return valid ? source! : throw StorageException.InvalidHeader("x-ms-copy-source", "it must be an absolute http or https address");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage message, CancellationToken cancellation)
    {
        try
        {
            return await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException)
        {
            throw new StorageException(500, "CannotVerifyCopySource", "The copy source did not answer.");
        }
    }

    private static StorageException Unreadable(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotModified
            ? new StorageException(412, "SourceConditionNotMet", "The source condition specified using HTTP conditional header(s) is not met.")
            : new StorageException((int)response.StatusCode, "CannotVerifyCopySource", $"The copy source answered {(int)response.StatusCode} {CodeOf(response.Headers)}.");

    private static string CodeOf(HttpResponseHeaders headers) =>
        headers.TryGetValues("x-ms-error-code", out IEnumerable<string>? codes) ? codes.First() : "";
}
