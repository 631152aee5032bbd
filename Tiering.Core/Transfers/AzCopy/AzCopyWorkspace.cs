using System.Globalization;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>The folders of one transfer job's AzCopy, and the environment that its processes get.</summary>
public sealed class AzCopyWorkspace
{
    /// <summary>Names the job folder in the environment of every AzCopy, so that an orphan can be found.</summary>
    public const string Marker = "TIERING_JOB";

    /// <summary>Where plans and logs lie in a job's folder.</summary>
    internal const string FolderName = "azcopy";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // What AzCopy, its proxy and TLS set-up and its sign-in need of our environment; nothing else of it is handed on.
    private static readonly HashSet<string> Inherited = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET",
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
        "AZCOPY_AUTO_LOGIN_TYPE", "AZCOPY_MSI_CLIENT_ID", "AZCOPY_MSI_RESOURCE_STRING", "AZCOPY_SPA_APPLICATION_ID", "AZCOPY_SPA_CLIENT_SECRET",
        "AZCOPY_SPA_CERT_PATH", "AZCOPY_SPA_CERT_PASSWORD", "AZCOPY_TENANT_ID", "AZCOPY_ACTIVE_DIRECTORY_ENDPOINT",
        "AZCOPY_CONCURRENT_SCAN", "AZCOPY_REQUEST_TRY_TIMEOUT", "AZCOPY_PACE_PAGE_BLOBS",
    };

    private AzCopyWorkspace(AzCopyOptions options, string jobFolder, string planFolder, string logFolder)
    {
        Options = options;
        JobFolder = jobFolder;
        PlanFolder = planFolder;
        LogFolder = logFolder;
    }

    public AzCopyOptions Options { get; }

    /// <summary>The transfer job's folder: it marks every process of the job.</summary>
    public string JobFolder { get; }

    public string PlanFolder { get; }

    /// <summary>AzCopy's own logs, and what it printed.</summary>
    public string LogFolder { get; }

    /// <summary>Whether plans and logs lie where they can be expected to survive a restart of the machine.</summary>
    public bool IsLasting => Options.Warnings.Count == 0;

    /// <summary>Creates the folders, for the owner alone.</summary>
    /// <exception cref="AzCopyStartFailedException">They cannot be created.</exception>
    public static AzCopyWorkspace Open(AzCopyOptions options, string jobFolder)
    {
        jobFolder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(jobFolder));
        string logs = options.LogFolder is null
            ? Path.Combine(WorkOf(options.WorkFolder, jobFolder), "logs")
            : Path.Combine(options.LogFolder, Path.GetFileName(jobFolder));
        AzCopyWorkspace workspace = new(options, jobFolder, PlansOf(options.WorkFolder, jobFolder), logs);
        try
        {
            CreateFolder(workspace.PlanFolder);
            CreateFolder(workspace.LogFolder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new AzCopyStartFailedException("its folder for plans and logs cannot be written", new AzCopyFacts(null, logs, failure.Message), failure);
        }
        return workspace;
    }

    /// <summary>The ids of a transfer job's AzCopy jobs that have a plan: each has one, <c>JOBID--PART.steVVERSION</c>, before it moves its first byte.</summary>
    /// <param name="workFolder"><see cref="AzCopyOptions.WorkFolder"/>.</param>
    /// <param name="jobFolder">The transfer job's folder.</param>
    public static IReadOnlyList<string> JobsWithPlans(string? workFolder, string jobFolder)
    {
        DirectoryInfo plans = new(PlansOf(workFolder, Path.TrimEndingDirectorySeparator(Path.GetFullPath(jobFolder))));
        return !plans.Exists
            ? []
            :
            [
                .. plans.EnumerateFiles("*--*.steV*")
                    .Select(plan => plan.Name.Split("--")[0])
                    .Where(id => Guid.TryParseExact(id, "D", out _))
                    .Distinct(StringComparer.OrdinalIgnoreCase),
            ];
    }

    /// <summary>Removes the plans, and the logs too where nobody will ask for them; for jobs that have ended for good.</summary>
    public void Remove(bool logs)
    {
        foreach (string folder in (string[])(logs ? [PlanFolder, LogFolder] : [PlanFolder]))
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Removes all plans and logs, of which AzCopy does not tell to which job they belong; while none runs, and nobody goes on with any.</summary>
    public void Clear()
    {
        foreach (string file in ((string[])[PlanFolder, LogFolder]).Where(Directory.Exists).SelectMany(Directory.GetFiles))
            File.Delete(file);
    }

    /// <summary>What we set: safe to show.</summary>
    public IReadOnlyDictionary<string, string> Settings()
    {
        SortedDictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            [Marker] = JobFolder,
            ["AZCOPY_LOG_LOCATION"] = LogFolder,
            ["AZCOPY_JOB_PLAN_LOCATION"] = PlanFolder,
            ["AZCOPY_DISABLE_SYSLOG"] = "true",
            // Always told, so that it takes the room that was reckoned.
            ["AZCOPY_BUFFER_GB"] = Options.BufferGb.ToString(CultureInfo.InvariantCulture),
            ["AZCOPY_CONCURRENT_FILES"] = Options.ConcurrentFiles.ToString(CultureInfo.InvariantCulture),
        };
        if (Options.Concurrency is { } concurrency)
            settings["AZCOPY_CONCURRENCY_VALUE"] = concurrency.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    /// <summary>Fills a process's environment: what we set, and of ours only what AzCopy needs.</summary>
    internal void Apply(IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.Where(name => !Inherited.Contains(name)).ToList())
            environment.Remove(name);
        foreach ((string name, string value) in Settings())
            environment[name] = value;
    }

    /// <summary>Whether AzCopy would sign in with the identity of a container, of Functions or of App Service, and not of a machine, and in no other way.</summary>
    public static bool HasContainerIdentity =>
        !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT"))
        && Environment.GetEnvironmentVariable("AZCOPY_AUTO_LOGIN_TYPE") is null or "" or "MSI";

    /// <summary>Lets AzCopy sign in with the managed identity, the same that our own listing has, unless the environment names another way.</summary>
    internal static void SignIn(IDictionary<string, string?> environment)
    {
        Set("AZCOPY_AUTO_LOGIN_TYPE", "MSI");
        if (environment.TryGetValue("AZURE_CLIENT_ID", out string? client))
            Set("AZCOPY_MSI_CLIENT_ID", client);

        void Set(string name, string? value)
        {
            if (!environment.TryGetValue(name, out string? there) || string.IsNullOrEmpty(there))
                environment[name] = value;
        }
    }

    private static string WorkOf(string? workFolder, string jobFolder) =>
        workFolder is null ? Path.Combine(jobFolder, FolderName) : Path.Combine(workFolder, Path.GetFileName(jobFolder));

    private static string PlansOf(string? workFolder, string jobFolder) => Path.Combine(WorkOf(workFolder, jobFolder), "plans");

    internal static void CreateFolder(string folder) => Directory.CreateDirectory(folder, OwnerOnly);
}
