using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tiering.Core;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Tests.Support;

/// <summary>The real service as a process of its own, on a free port, with HOT in a folder and COOL in Azurite.</summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string> settings;
    private readonly StringBuilder output = new();
    private readonly ConcurrentDictionary<string, byte> answers = new(StringComparer.Ordinal);
    private Process? process;
    private HttpClient? http;

    private ServiceProcess(string data, Dictionary<string, string> settings) => (Data, this.settings) = (data, settings);

    /// <summary>Everything of this service lies below it; its agents are found by it.</summary>
    public string Data { get; }

    public string Hot => Path.Combine(Data, "hot");

    public int ProcessId => process!.Id;

    public HttpClient Http => http!;

    /// <summary>What the service has printed, over all its lives.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Every different body that <see cref="SendAsync"/> has got.</summary>
    public IEnumerable<string> Answers => answers.Keys;

    /// <param name="data">The state folder.</param>
    /// <param name="azurite">Where COOL lies, in the container <c>cool</c>.</param>
    /// <param name="extra">Settings on top of, or instead of, the usual ones.</param>
    public static async Task<ServiceProcess> StartAsync(string data, AzuriteServer azurite, IReadOnlyDictionary<string, string>? extra = null)
    {
        Directory.CreateDirectory(Path.Combine(data, "hot"));
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["TIERING_DATA"] = data,
            ["DATA_BACKEND"] = "folder",
            ["DATA_FOLDER"] = Path.Combine(data, "hot"),
            ["DATA_BACKEND_COOL"] = "azure_blob",
            ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
            ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
            ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = azurite.Endpoint.ToString(),
            ["AZCOPY_PATH"] = Tools.AzCopy,
        };
        foreach ((string name, string value) in extra ?? new Dictionary<string, string>())
            all[name] = value;
        ServiceProcess service = new(data, all);
        await service.StartAgainAsync();
        return service;
    }

    /// <summary>Changes a setting for the next start.</summary>
    public void Set(string name, string value) => settings[name] = value;

    /// <summary>Starts the service once more on the same data, after it ended or was killed.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList = { "exec", Tools.Service, "--urls", "http://127.0.0.1:0" },
            WorkingDirectory = Data,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task ended = process.WaitForExitAsync();
        if (await Task.WhenAny(listening.Task, ended, Task.Delay(Eventually.Limit)) != listening.Task)
            throw new InvalidOperationException($"The service did not start: {Output}");
        http?.Dispose();
        http = new HttpClient { BaseAddress = await listening.Task, Timeout = Eventually.Limit }; // an import that is made as it is sent takes its time
        string token = settings.TryGetValue("TIERING_TOKEN", out string? given) ? given : (await File.ReadAllTextAsync(Path.Combine(Data, "token"))).Trim();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    /// <summary>SIGKILL for the service alone: its agents go on.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using HttpResponseMessage response = await Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        answers.TryAdd(text, 0);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>Sends what is refused, and gives status and problem.</summary>
    public async Task<(int Status, string Code, string Detail)> RefusalAsync(HttpMethod method, string path, object? body = null)
    {
        try
        {
            JsonElement answer = await SendAsync(method, path, body);
            throw new InvalidOperationException($"{method} {path} was not refused: {answer}");
        }
        catch (HttpRequestException refused) when (refused.StatusCode is { } status)
        {
            JsonElement problem = JsonDocument.Parse(refused.Message[refused.Message.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
            return ((int)status, problem.GetProperty("code").GetString()!, problem.GetProperty("detail").GetString()!);
        }
    }

    /// <summary>Tries a failed operation again, to its end.</summary>
    public async Task<JsonElement> RetryAsync(JsonElement failed) => await EndOfAsync(
        (await SendAsync(HttpMethod.Post, $"/api/operations/{failed.GetProperty("id").GetString()}/retry")).GetProperty("id").GetString()!);

    /// <summary>The folder of an operation's job.</summary>
    public string JobOf(string id) => Directory.EnumerateDirectories(Path.Combine(Data, "jobs"), $"*-{id}").SingleOrDefault() ?? "";

    /// <summary>Waits until the operation's agent is in this phase, or beyond.</summary>
    public async Task PhaseAsync(string id, TransferPhase phase)
    {
        TransferPhase Now() => JobOf(id) is { Length: > 0 } job && AtomicFile.ReadJson<TransferProgress>(Path.Combine(job, JobFiles.Progress)) is { } progress
            ? progress.Phase
            : TransferPhase.Starting;
        await WaitAsync(() => Task.FromResult(Now()), now => now >= phase, $"phase {phase} of {id}", everyMilliseconds: 2);
    }

    /// <summary>Registers a project that was made long ago: it may go cool at once.</summary>
    public Task<JsonElement> AddAsync(string slug) => SendAsync(HttpMethod.Post, "/api/projects", new { slug, createdAt = "2020-01-01T00:00:00Z" });

    /// <summary>Makes and registers a project of two small files, and one of <paramref name="bigBytes"/>; gives its folder.</summary>
    public async Task<string> MakeProjectAsync(string slug, int bigBytes = 0)
    {
        string project = Directory.CreateDirectory(Path.Combine(Hot, slug)).FullName;
        Directory.CreateDirectory(Path.Combine(project, "runs"));
        await File.WriteAllTextAsync(Path.Combine(project, "notes.txt"), "notes");
        await File.WriteAllTextAsync(Path.Combine(project, "runs", "1.txt"), "first run");
        if (bigBytes > 0)
        {
            byte[] content = new byte[bigBytes];
            new Random(5).NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(project, "big.bin"), content);
        }
        await AddAsync(slug);
        return project;
    }

    /// <summary>Asks for an operation and gives its id.</summary>
    /// <param name="slug">The project.</param>
    /// <param name="what">cool, restore or delete-source.</param>
    public async Task<string> AskAsync(string slug, string what) =>
        (await SendAsync(HttpMethod.Post, $"/api/projects/{Uri.EscapeDataString(slug)}/{what}")).GetProperty("id").GetString()!;

    public Task<JsonElement> ShowAsync(string id) => SendAsync(HttpMethod.Get, $"/api/operations/{id}");

    public async Task<string> StateAsync(string slug) =>
        (await SendAsync(HttpMethod.Get, $"/api/projects/{Uri.EscapeDataString(slug)}")).GetProperty("state").GetString()!;

    /// <summary>Waits until the operation has ended.</summary>
    public Task<JsonElement> EndOfAsync(string id) =>
        WaitAsync(() => ShowAsync(id), operation => operation.GetProperty("status").GetString() is "SUCCEEDED" or "FAILED", $"the end of {id}");

    /// <summary>COOL or RESTORE from request to end.</summary>
    public async Task<JsonElement> MoveAsync(string slug, string what) => await EndOfAsync(await AskAsync(slug, what));

    /// <summary>Deletes the source of the project's last operation and waits for the outcome.</summary>
    public async Task<JsonElement> DeleteSourceAsync(string slug)
    {
        string id = await AskAsync(slug, "delete-source");
        JsonElement operation = await WaitAsync(
            () => ShowAsync(id),
            shown => shown.GetProperty("deletion").GetProperty("status").GetString() is "SUCCEEDED" or "FAILED",
            $"the deletion of the source of {id}");
        return operation.GetProperty("deletion");
    }

    /// <summary>Looks until it is so; fails after minutes with what was seen last.</summary>
    public async Task<T> WaitAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what, int everyMilliseconds = 20)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            T seen = await look();
            if (isSo(seen))
                return seen;
            if (Stopwatch.GetElapsedTime(start) > Eventually.Limit)
                throw new TimeoutException($"Waited in vain for {what}; last seen: {seen}\n{Output}");
            await Task.Delay(everyMilliseconds);
        }
    }

    /// <summary>Processes of this service's jobs, by the marker in their environment.</summary>
    /// <param name="marker">TIERING_AGENT_JOB for agents, TIERING_JOB for AzCopy.</param>
    public IReadOnlyList<int> ProcessesOf(string marker)
    {
        List<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                continue;
            try
            {
                string environment = File.ReadAllText(Path.Combine(folder, "environ"));
                if (environment.Split('\0').Any(entry => entry.StartsWith($"{marker}={Data}/", StringComparison.Ordinal)))
                    found.Add(id);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // it ended meanwhile, or is somebody else's
            }
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        if (process is { HasExited: false })
            await KillAsync();
        await Signals.KillAsync(ProcessesOf("TIERING_AGENT_JOB"));
        await Signals.KillAsync(ProcessesOf("TIERING_JOB")); // nobody starts another any more
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        if (Listening().Match(line) is { Success: true } match)
            listening.TrySetResult(new Uri(match.Groups["url"].Value));
    }

    [GeneratedRegex(@"Now listening on: (?<url>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
