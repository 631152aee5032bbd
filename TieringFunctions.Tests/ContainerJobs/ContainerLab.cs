using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.ContainerJobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Identity;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.ContainerJobs;

/// <summary>
/// The whole path of a container job on this machine: the real service on the embedded host, the emulated management API, the real agent as
/// each execution's process, AzCopy, Azurite. Service and agents sign in to the job folders by tokens.
/// </summary>
internal sealed class ContainerLab : IAsyncDisposable
{
    private ContainerLab(TempFolder folder, AzuriteServer azurite, BlobFrontEmulator blobs, ContainerJobsEmulator jobs, ServiceProcess service) =>
        (Folder, Azurite, Blobs, Jobs, Service) = (folder, azurite, blobs, jobs, service);

    public TempFolder Folder { get; }

    public AzuriteServer Azurite { get; }

    public BlobFrontEmulator Blobs { get; }

    public ContainerJobsEmulator Jobs { get; }

    public ServiceProcess Service { get; }

    public FaultSet Faults => Jobs.Faults;

    public static async Task<ContainerLab> StartAsync(Action<ContainerJobsOptions>? change = null, IReadOnlyDictionary<string, string>? extra = null)
    {
        TempFolder folder = new();
        TokenIssuer tokens = new();
        FaultSet faults = new();
        RequestLog log = new();
        AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("jobs");
        BlobFrontEmulator blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint, Tokens = tokens, Faults = faults, Log = log });
        ContainerJobsOptions options = new()
        {
            Program = [DotNet, "exec", Tools.Agent],
            Disks = folder.Folder("disks"),
            Tokens = tokens,
            Faults = faults,
            Log = log,
            EndGrace = TimeSpan.FromSeconds(5),
            Environment =
            {
                ["TIERING_JOBS"] = blobs.UriOf("jobs").ToString(),
                ["AZCOPY_PATH"] = Tools.AzCopy,
                ["AZCOPY_WORK_DIR"] = "{disk}",
            },
        };
        change?.Invoke(options);
        ContainerJobsEmulator jobs = await ContainerJobsEmulator.StartAsync(options);
        Dictionary<string, string> settings = new(jobs.IdentityEnvironment, StringComparer.Ordinal)
        {
            ["TIERING_JOB_HOST"] = "container-apps",
            ["TIERING_CONTAINER_JOB"] = ContainerJobsEmulator.Job,
            ["AZURE_RESOURCE_MANAGER_ENDPOINT"] = jobs.Endpoint.ToString(),
            ["TIERING_JOBS"] = blobs.UriOf("jobs").ToString(),
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = blobs.Endpoint.ToString(),
        };
        foreach ((string name, string value) in extra ?? new Dictionary<string, string>())
            settings[name] = value;
        ServiceProcess service = await ServiceProcess.StartAsync(folder.Folder("data"), azurite, settings);
        return new ContainerLab(folder, azurite, blobs, jobs, service);
    }

    /// <inheritdoc cref="ServiceProcess.MakeProjectAsync"/>
    public Task<string> ProjectAsync(string slug, int bigBytes = 0) => Service.MakeProjectAsync(slug, bigBytes);

    /// <summary>The execution of an operation's attempt, once it runs.</summary>
    public Task<ExecutionView> RunningAsync(string operation, int attempt = 1)
    {
        string number = attempt.ToString(CultureInfo.InvariantCulture);
        return WaitAsync(
            () => Jobs.Executions.LastOrDefault(one => one.ProcessId is not null && one.Arguments[0].EndsWith(operation, StringComparison.Ordinal) && one.Arguments[1] == number),
            $"an execution of attempt {attempt} of {operation}");
    }

    /// <summary>The phase that the agent of a job told last; null before it told any.</summary>
    public async Task<string?> PhaseAsync(ExecutionView execution)
    {
        try
        {
            byte[] progress = await Azurite.GetBlobAsync("jobs", $"{execution.Arguments[0]}/progress.json");
            return JsonDocument.Parse(progress).RootElement.GetProperty("phase").GetString();
        }
        catch (HttpRequestException none) when (none.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<T> WaitAsync<T>(Func<T?> look, string what)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (look() is { } seen)
                return seen;
            if (Stopwatch.GetElapsedTime(start) > Eventually.Limit)
                throw new TimeoutException($"Waited in vain for {what}.\n{Describe()}");
            await Task.Delay(10);
        }
    }

    /// <summary>What service and executions said, for a test that fails.</summary>
    public string Describe()
    {
        IEnumerable<string> executions = Jobs.Executions.Select(execution =>
        {
            string log = Folder.At("disks", execution.Name + ".log");
            return $"{execution.Name} {string.Join(' ', execution.Arguments)} {execution.Status}\n{(File.Exists(log) ? File.ReadAllText(log) : "")}";
        });
        return $"{Service.Output}\n{string.Join('\n', executions)}";
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Jobs.DisposeAsync();
        await Blobs.DisposeAsync();
        await Azurite.DisposeAsync();
        Jobs.Log.Dispose();
        Folder.Dispose();
    }

    /// <summary>The runtime that runs these tests: an execution's environment need not find one.</summary>
    private static string DotNet
    {
        get
        {
            string runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
            string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
            return File.Exists(dotnet) ? dotnet : "dotnet";
        }
    }
}
