namespace Tiering.Tests.StandIn;

/// <summary>Spoils files at the destination of a copy.</summary>
/// <param name="destination">A folder, or an address with its SAS.</param>
internal sealed class Target(string destination)
{
    private static readonly HttpClient Http = new();

    public async Task DeleteAsync(string path)
    {
        if (IsFolder)
            File.Delete(Path.Combine(destination, path));
        else
            await SendAsync(HttpMethod.Delete, path);
    }

    /// <summary>Replaces a file by other content. The MD5 that is stored with a blob stays: it lies, too.</summary>
    public async Task ChangeAsync(string path, Func<byte[], byte[]> change)
    {
        if (IsFolder)
        {
            string file = Path.Combine(destination, path);
            await File.WriteAllBytesAsync(file, change(await File.ReadAllBytesAsync(file)));
            return;
        }
        using HttpResponseMessage there = await SendAsync(HttpMethod.Get, path);
        byte[] content = change(await there.Content.ReadAsByteArrayAsync());
        using HttpRequestMessage request = Request(HttpMethod.Put, path);
        request.Content = new ByteArrayContent(content);
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Headers.Add("x-ms-access-tier", "Cool");
        using HttpResponseMessage answer = await Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        if (there.Content.Headers.ContentMD5 is { } md5)
            await ClaimAsync(path, Convert.ToBase64String(md5));
    }

    private async Task ClaimAsync(string path, string md5)
    {
        using HttpRequestMessage request = Request(HttpMethod.Put, path, "comp=properties&");
        request.Headers.Add("x-ms-blob-content-md5", md5);
        using HttpResponseMessage answer = await Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    private bool IsFolder => !destination.StartsWith("http", StringComparison.Ordinal);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
    {
        using HttpRequestMessage request = Request(method, path);
        return (await Http.SendAsync(request)).EnsureSuccessStatusCode();
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string query = "")
    {
        string[] parts = destination.Split('?', 2);
        HttpRequestMessage request = new(method, $"{parts[0].TrimEnd('/')}/{Uri.EscapeDataString(path)}?{query}{parts[1]}");
        request.Headers.Add("x-ms-version", "2021-12-02");
        return request;
    }
}
