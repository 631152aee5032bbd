using System.Net;
using System.Text;
using System.Xml.Linq;
using Tiering.Emulators.Access;
using Tiering.Emulators.Hosting;

namespace Tiering.Tests.Emulators;

/// <summary>Sends plain requests to an emulator.</summary>
internal sealed class FilesClient(StorageEmulator emulator) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };

    /// <param name="method">HTTP method.</param>
    /// <param name="path">Container and path, not escaped.</param>
    /// <param name="query">Query without SAS.</param>
    /// <param name="body">The request's body; null for none.</param>
    /// <param name="sas">Null for one that allows everything.</param>
    /// <param name="headers">Name and value.</param>
    public async Task<Answer> SendAsync(
        string method, string path, string query = "", byte[]? body = null, string? sas = null, params (string Name, string Value)[] headers)
    {
        sas ??= new SasBuilder(StorageAccount.Development).ForAccount("rwdlacup");
        string address = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        return await SendRawAsync(method, $"{address}?{string.Join('&', ((string[])[query, sas]).Where(part => part.Length > 0))}", body, headers);
    }

    /// <summary>Like <see cref="SendAsync"/>, with the target below the account as it is to be sent.</summary>
    public async Task<Answer> SendRawAsync(string method, string target, byte[]? body, params (string Name, string Value)[] headers)
    {
        Uri uri = new($"{emulator.Endpoint}/{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using HttpRequestMessage request = new(new HttpMethod(method), uri);
        request.Headers.Add("x-ms-version", "2021-12-02");
        if (method == "PUT")
            request.Content = new ByteArrayContent(body ?? []);
        foreach ((string name, string value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage response = await _http.SendAsync(request);
        byte[] content = await response.Content.ReadAsByteArrayAsync();
        Dictionary<string, string> all = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, all, content);
    }

    public Task<Answer> CreateDirectoryAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", path, "restype=directory", headers: headers);

    public Task<Answer> CreateFileAsync(string path, long length, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", path, headers: [("x-ms-type", "file"), ("x-ms-content-length", $"{length}"), .. headers]);

    public Task<Answer> PutRangeAsync(string path, long first, byte[] content, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", path, "comp=range", content, null, [("x-ms-write", "update"), ("x-ms-range", $"bytes={first}-{first + content.Length - 1}"), .. headers]);

    public Task<Answer> ListAsync(string path, string more = "") => SendAsync("GET", path, $"restype=directory&comp=list{more}");

    public void Dispose() => _http.Dispose();
}

internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Content)
{
    public string Code => Headers.GetValueOrDefault("x-ms-error-code", "");

    public string Text => Encoding.UTF8.GetString(Content);

    public XElement Xml => XDocument.Parse(Text.TrimStart('\uFEFF')).Root!;

    public IEnumerable<string> Names => Xml.Descendants("Name").Select(name => name.Value);
}
