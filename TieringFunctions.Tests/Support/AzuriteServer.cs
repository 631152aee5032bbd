using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Tiering.Tests.Support;

/// <summary>
/// A real Azurite service, of blobs or of tables, on a free port of 127.0.0.1. It ends when it is disposed, and also when the test process dies, because
/// its standard input then ends.
/// </summary>
public sealed partial class AzuriteServer : IAsyncDisposable
{
    /// <summary>Azurite's well-known development account and key; they protect nothing.</summary>
    public const string Account = "devstoreaccount1";

    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    // Two thirds of Azurite's start go into loading what sends telemetry, which is off: it gets an empty module instead.
    private const string Preloaded =
        "data:text/javascript,process.stdin.resume().on('end',()=>process.kill(process.pid,'SIGTERM'));"
        + "import Module from 'node:module';const load=Module._load;"
        + "Module._load=function(name){if(name==='applicationinsights')return{};return load.apply(this,arguments)}";
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(60) };

    private readonly string? _folder;
    private readonly string _service;
    private readonly ReservedPort _port;
    private Process _process;

    private AzuriteServer(Process process, string service, ReservedPort port, string? folder)
    {
        _process = process;
        _service = service;
        _port = port;
        _folder = folder;
    }

    public int Port => _port.Number;

    public int ProcessId => _process.Id;

    /// <summary>The account's address: <c>http://127.0.0.1:PORT/devstoreaccount1</c>.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}/{Account}");

    /// <param name="folder">Where the data lies; null keeps it in memory (then a restart is empty).</param>
    public static Task<AzuriteServer> StartAsync(string? folder = null) => StartAsync("blob", folder);

    /// <summary>Starts the blob service with https and for bearer tokens, in memory; of this class only its port and its end are of use then.</summary>
    /// <param name="certificate">The path of a certificate in PEM.</param>
    /// <param name="key">The path of its key in PEM.</param>
    public static async Task<AzuriteServer> StartForTokensAsync(string certificate, string key)
    {
        ReservedPort port = new();
        return new AzuriteServer(await LaunchAsync("blob", folder: null, port, "--oauth", "basic", "--cert", certificate, "--key", key), "blob", port, folder: null);
    }

    /// <summary>Starts the service of tables, in memory.</summary>
    public static Task<AzuriteServer> StartTablesAsync() => StartAsync("table", folder: null);

    private static async Task<AzuriteServer> StartAsync(string service, string? folder)
    {
        ReservedPort port = new();
        return new AzuriteServer(await LaunchAsync(service, folder, port), service, port, folder);
    }

    /// <summary>Ends the service in good order: what it holds is written to its folder first.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Kills the service; of what it stored in the last seconds, it may forget all.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts it again on the same port, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync() => _process = await LaunchAsync(_service, _folder, _port);

    /// <summary>The address of a container, or of what lies below it: the path is escaped here.</summary>
    public Uri UriOf(string container, string path = "") =>
        new($"{Endpoint}/{container}{(path.Length == 0 ? "" : "/")}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>A SAS of the account, without leading '?'.</summary>
    /// <param name="permissions">Letters of the service: r read, w write, d delete, l list, a add, c create, u update, p process.</param>
    /// <param name="lifetime">From now; negative for one that has expired; null for a day.</param>
    public static string Sas(string permissions = "rwdlacup", TimeSpan? lifetime = null)
    {
        const string version = "2021-12-02";
        string expiry = (DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromDays(1))).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string text = string.Join('\n', Account, permissions, "b", "sco", "", expiry, "", "https,http", version, "", "");
        string signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text)));
        return $"sv={version}&ss=b&srt=sco&sp={permissions}&se={Uri.EscapeDataString(expiry)}&spr=https,http&sig={Uri.EscapeDataString(signature)}";
    }

    public async Task CreateContainerAsync(string container)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, $"{UriOf(container)}?restype=container&{Sas()}");
        request.Headers.Add("x-ms-version", "2021-12-02");
        using HttpResponseMessage response = await Http.SendAsync(request);
        if (response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
            throw new InvalidOperationException($"Azurite answered {(int)response.StatusCode} to the creation of container {container}.");
    }

    public async Task PutBlobAsync(string container, string path, byte[] content)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, $"{UriOf(container, path)}?{Sas()}") { Content = new ByteArrayContent(content) };
        request.Headers.Add("x-ms-version", "2021-12-02");
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        using HttpResponseMessage response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Puts a blob as programs do that send it in blocks: it has no MD5.</summary>
    public async Task PutBlocksAsync(string container, string path, byte[] content)
    {
        const string id = "AAAA";
        foreach ((string operation, byte[] body) in ((string, byte[])[])
            [($"comp=block&blockid={id}", content), ("comp=blocklist", Encoding.UTF8.GetBytes($"<BlockList><Latest>{id}</Latest></BlockList>"))])
        {
            using HttpRequestMessage request = new(HttpMethod.Put, $"{UriOf(container, path)}?{operation}&{Sas()}") { Content = new ByteArrayContent(body) };
            request.Headers.Add("x-ms-version", "2021-12-02");
            using HttpResponseMessage response = await Http.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }
    }

    public async Task DeleteBlobAsync(string container, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, $"{UriOf(container, path)}?{Sas()}");
        request.Headers.Add("x-ms-version", "2021-12-02");
        using HttpResponseMessage response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public async Task<byte[]> GetBlobAsync(string container, string path) => await Http.GetByteArrayAsync($"{UriOf(container, path)}?{Sas()}");

    /// <summary>The names of all blobs of a container, as the service gives them (first 5,000).</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string container)
    {
        string xml = await Http.GetStringAsync($"{UriOf(container)}?restype=container&comp=list&{Sas()}");
        return [.. System.Xml.Linq.XDocument.Parse(xml).Descendants("Blob").Select(blob => blob.Element("Name")!.Value)];
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await KillAsync();
        }
        catch (InvalidOperationException)
        {
            // Ended by the test already.
        }
        _port.Dispose();
    }

    private static async Task<Process> LaunchAsync(string service, string? folder, ReservedPort port, params string[] more)
    {
        ProcessStartInfo start = new("node")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The program of tables alone does not tell its port; that of all services does.
        string[] others = service == "blob" ? [] : ["--blobHost", "127.0.0.1", "--blobPort", "0", "--queueHost", "127.0.0.1", "--queuePort", "0"];
        foreach (string argument in (string[])
            ["--import", Preloaded, Tools.Azurite(service), $"--{service}Host", "127.0.0.1", $"--{service}Port", port.Number.ToString(CultureInfo.InvariantCulture),
                .. others, .. more, "--skipApiVersionCheck", "--silent", "--disableTelemetry"])
        {
            start.ArgumentList.Add(argument);
        }
        if (folder is null)
        {
            start.ArgumentList.Add("--inMemoryPersistence");
        }
        else
        {
            start.ArgumentList.Add("--location");
            start.ArgumentList.Add(folder);
        }
        Process process = Process.Start(start)!;
        StringBuilder output = new();
        TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            if (line is null)
                return;
            lock (output)
                output.AppendLine(line);
            if (Listening().Match(line) is { Success: true } match && match.Groups["service"].ValueSpan.Equals(service, StringComparison.OrdinalIgnoreCase))
                listening.TrySetResult();
        }
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task ended = process.WaitForExitAsync();
        if (await Task.WhenAny(listening.Task, ended, Task.Delay(Eventually.Limit)) == listening.Task)
            return process;
        if (!process.HasExited)
            process.Kill();
        lock (output)
            throw new InvalidOperationException($"Azurite did not start: {output}");
    }

    [GeneratedRegex(@"(?<service>\w+) service (?:is )?success\S* listen\S* (?:on|at) https?://127\.0\.0\.1:\d+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
