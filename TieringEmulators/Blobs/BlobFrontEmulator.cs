using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Access;
using Tiering.Emulators.Copying;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Blobs;

/// <summary>
/// Stands in front of Azurite and does what Azurite does not: Put Blob From URL and Put Block From URL. It fetches the source and sends it
/// on as Put Blob or Put Block. Everything else passes through as it came; signatures are checked by Azurite.
/// </summary>
public sealed class BlobFrontEmulator : StorageEmulator
{
    private static readonly HashSet<string> HopByHop = new(
        ["Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Host"], StringComparer.OrdinalIgnoreCase);

    private static readonly (string Blob, string Source)[] CopiedProperties =
    [
        ("x-ms-blob-content-type", "Content-Type"),
        ("x-ms-blob-content-encoding", "Content-Encoding"),
        ("x-ms-blob-content-language", "Content-Language"),
        ("x-ms-blob-content-disposition", "Content-Disposition"),
        ("x-ms-blob-cache-control", "Cache-Control"),
    ];

    private readonly BlobFrontOptions _options;
    private readonly string _azurite;
    private readonly HttpClient _client;

    private BlobFrontEmulator(BlobFrontOptions options)
        : base(options)
    {
        _options = options;
        _client = CopySource.NewClient(options.Certificate);
        _azurite = options.Azurite.GetLeftPart(UriPartial.Authority);
    }

    private protected override string Name => "blobs";

    /// <exception cref="ArgumentException">Azurite's address is not an http address.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<BlobFrontEmulator> StartAsync(BlobFrontOptions options)
    {
        if (!options.Azurite.IsAbsoluteUri || options.Azurite.Scheme != Uri.UriSchemeHttp)
            throw new ArgumentException($"Azurite must be an absolute http address: {options.Azurite}", nameof(options));
        BlobFrontEmulator emulator = new(options);
        await emulator.ListenAsync(options.Port, options.Certificate);
        return emulator;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client.Dispose();
    }

    private protected override string OperationOf(HttpRequest request, StorageTarget target) => BlobOperations.Of(request, target);

    private protected override async Task ServeAsync(HttpContext http, StorageTarget target, string operation)
    {
        bool isRefused = BlobOperations.Changes(operation) && !(_options.RetentionIsOver && operation == "DeleteBlob");
        if (isRefused && _options.ImmutableContainers.Contains(target.Container) && await IsThereAsync(target, http.RequestAborted))
            throw new StorageException(409, "BlobImmutableDueToPolicy", "This operation is not permitted as the blob is immutable due to a policy.");
        await (operation switch
        {
            BlobOperations.PutBlobFromUrl => PutBlobFromUrlAsync(http, target),
            BlobOperations.PutBlockFromUrl => PutBlockFromUrlAsync(http, target),
            _ => PassAsync(http, target),
        });
    }

    private async Task<bool> IsThereAsync(StorageTarget target, CancellationToken cancellation)
    {
        using HttpRequestMessage message = new(HttpMethod.Head, CopySource.AddressOf($"{_azurite}{target.RawPath}?{new SasBuilder(_options.Account).ForAccount("r")}"));
        message.Headers.TryAddWithoutValidation("x-ms-version", "2021-12-02");
        using HttpResponseMessage answer = await _client.SendAsync(message, cancellation);
        return answer.IsSuccessStatusCode;
    }

    private async Task PutBlobFromUrlAsync(HttpContext http, StorageTarget target)
    {
        if (http.Request.ContentLength is not (null or 0))
            throw StorageException.InvalidHeader("Content-Length", "it must be 0 when the content comes from a source");
        using HttpResponseMessage source = await CopySource.OpenAsync(_client, http.Request, range: null);
        long length = source.Content.Headers.ContentLength ?? throw new StorageException(500, "CannotVerifyCopySource", "The copy source gave no length.");
        await SendCopyAsync(http, target, source, length, message => CopyProperties(http.Request, source, message));
    }

    private async Task PutBlockFromUrlAsync(HttpContext http, StorageTarget target)
    {
        if (http.Request.ContentLength is not (null or 0))
            throw StorageException.InvalidHeader("Content-Length", "it must be 0 when the content comes from a source");
        ByteRange? range = ByteRange.Of(http.Request, "x-ms-source-range");
        using HttpResponseMessage source = await CopySource.OpenAsync(_client, http.Request, range);
        long? given = source.Content.Headers.ContentLength;
        long? asked = range?.Last - range?.First + 1;
        if (given is null || (asked is not null && given != asked))
            throw new StorageException(500, "CannotVerifyCopySource", "The copy source did not give the bytes that were asked for.");
        await SendCopyAsync(http, target, source, given.Value, _ => { });
    }

    private async Task SendCopyAsync(HttpContext http, StorageTarget target, HttpResponseMessage source, long length, Action<HttpRequestMessage> complete)
    {
        using HttpRequestMessage message = Forward(http.Request, target, name => !IsCopyHeader(name));
        message.Content = new StreamContent(await source.Content.ReadAsStreamAsync(http.RequestAborted));
        message.Content.Headers.ContentLength = length;
        if (http.Request.Headers["x-ms-source-content-md5"] is [{ Length: > 0 } md5])
            message.Content.Headers.TryAddWithoutValidation("Content-MD5", md5);
        complete(message);
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Too short a source breaks the connection to Azurite, which then keeps nothing.
            throw new StorageException(500, "CannotVerifyCopySource", "The copy source broke off, or the blob service did not answer.");
        }
        using (response)
            await ReturnAsync(http, response);
    }

    private async Task PassAsync(HttpContext http, StorageTarget target)
    {
        using HttpRequestMessage message = Forward(http.Request, target, _ => true);
        bool hasBody = http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0;
        if (hasBody || HttpMethods.IsPut(http.Request.Method) || HttpMethods.IsPost(http.Request.Method))
        {
            message.Content = hasBody ? new StreamContent(http.Request.Body) : new ByteArrayContent([]);
            message.Content.Headers.ContentLength = hasBody ? http.Request.ContentLength : 0;
            foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in http.Request.Headers)
            {
                if (IsContentHeader(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                    message.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        }
        catch (HttpRequestException exception)
        {
            throw new StorageException(502, "BadGateway", $"The blob service behind this front did not answer: {exception.HttpRequestError}.");
        }
        using (response)
            await ReturnAsync(http, response);
    }

    private HttpRequestMessage Forward(HttpRequest request, StorageTarget target, Func<string, bool> keep)
    {
        bool signedIn = SignsIn(request);
        string query = signedIn ? $"{target.RawQuery}{(target.RawQuery.Length == 0 ? "?" : "&")}{new SasBuilder(_options.Account).ForAccount("rwdlacup")}" : target.RawQuery;
        HttpRequestMessage message = new(new HttpMethod(request.Method), CopySource.AddressOf($"{_azurite}{target.RawPath}{query}"));
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Headers)
        {
            if (!HopByHop.Contains(name) && !IsContentHeader(name) && keep(name) && !(signedIn && name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)))
                message.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        return message;
    }

    /// <summary>Whether the request is signed by a token. Azurite takes them over https only; it gets a signature instead.</summary>
    private bool SignsIn(HttpRequest request)
    {
        if (_options.Tokens is not { } tokens || request.Headers.Authorization is not [{ } authorization] || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return false;
        return tokens.Accepts(authorization, "https://storage.azure.com")
            ? true
            : throw new StorageException(401, "InvalidAuthenticationInfo", "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.");
    }

    private static async Task ReturnAsync(HttpContext http, HttpResponseMessage answer)
    {
        HttpResponse response = http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!HopByHop.Contains(name))
                response.Headers[name] = values.ToArray();
        }
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        await using Stream body = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        try
        {
            await body.CopyToAsync(response.Body, http.RequestAborted);
        }
        catch (Exception exception) when (exception is HttpRequestException)
        {
            throw new IOException("The blob service behind this front broke off its answer.", exception);
        }
    }

    /// <summary>The blob gets the source's properties unless the request says what it gets.</summary>
    private static void CopyProperties(HttpRequest request, HttpResponseMessage source, HttpRequestMessage message)
    {
        if (string.Equals(request.Headers["x-ms-copy-source-blob-properties"], "false", StringComparison.OrdinalIgnoreCase))
            return;
        foreach ((string blob, string property) in CopiedProperties)
        {
            if (request.Headers.ContainsKey(blob))
                continue;
            if (source.Headers.TryGetValues(property, out IEnumerable<string>? values) || source.Content.Headers.TryGetValues(property, out values))
                message.Headers.TryAddWithoutValidation(blob, string.Join(", ", values));
        }
    }

    private static bool IsCopyHeader(string name) =>
        name.StartsWith("x-ms-copy-source", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-ms-source-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-ms-file-request", StringComparison.OrdinalIgnoreCase);

    private static bool IsContentHeader(string name) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.Equals("Allow", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Expires", StringComparison.OrdinalIgnoreCase);
}
