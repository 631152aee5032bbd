using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.EmbeddedHost.Administration;
using Tiering.Functions.Embedded;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Triggers;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions;

/// <summary>The embedded host's stores and job host: SQLite, folders and processes of this machine, all below <c>TIERING_DATA</c>.</summary>
public static class HostAdapters
{
    /// <summary>There is one process, which may have been away for long: what is late is done when it comes back.</summary>
    public const bool TimersRunAtStart = true;

    /// <summary>The process that keeps the schedule is the one that runs it: nothing to store every minute.</summary>
    public const bool TimersAreMonitored = false;

    /// <summary>Settings that an agent needs too, handed to it by name; secrets are not among them.</summary>
    private static readonly string[] AgentSettings =
    [
        "AZCOPY_PATH", "AZCOPY_WORK_DIR", "AZCOPY_LOG_DIR", "AZCOPY_POLL_INTERVAL_SECONDS", "AZCOPY_DEFAULT_LOG_LEVEL", "AZCOPY_BUFFER_GB",
        "AZCOPY_CONCURRENCY_VALUE", "AZCOPY_CAP_MBPS", "AZCOPY_FILES_PER_JOB", "TIERING_TIME_ZONE", "AZCOPY_DISK_BUDGET_GB", "TIERING_STALL_MINUTES", "TIERING_PROOF", "TIERING_PROOF_FULL_BYTES", "TIERING_PROOF_MBPS",
        "AZCOPY_AUTO_LOGIN_TYPE", "AZCOPY_MSI_CLIENT_ID", "AZURE_CLIENT_ID",
    ];

    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        CheckAddresses(configuration["ASPNETCORE_URLS"]);
        string data = Path.GetFullPath(configuration["TIERING_DATA"] is { Length: > 0 } folder ? folder : ".tiering");
        string jobs = CreateJobs(data);

        services
            .AddSqliteCatalogue()
            .AddSingleton<IManifestStore>(_ => new FileManifestStore(Path.Combine(data, "manifests")))
            .AddSingleton<ICertificateStore>(_ => new FileCertificateStore(Path.Combine(data, "manifests")))
            .AddSingleton<IArchive>(new Archive(Path.Combine(data, "archive")))
            .AddSingleton<IUpkeepTask, InstanceUpkeep>()
            .AddSingleton(provider => new Backup(
                data,
                provider.GetRequiredService<TaskHubAdministration>(),
                provider.GetRequiredService<SqliteDatabase>(),
                provider.GetRequiredService<ICatalogue>(),
                provider.GetRequiredService<IAudit>(),
                provider.GetRequiredService<TimeProvider>()))
            .AddSigningKey(configuration, data);
        services.AddLogging(logging => logging.AddFilter("Tiering.Functions.Health", LogLevel.Warning)); // that all is well fills no disk here
        if (ContainerJobServices.AreChosen(configuration))
            services.AddContainerJobs(configuration, Path.Combine(data, "container-jobs"));
        else
            AddLocalJobs(services, configuration, jobs);
    }

    private static void AddLocalJobs(IServiceCollection services, IConfiguration configuration, string jobs)
    {
        if (configuration["TIERING_AGENT_PATH"] is { Length: > 0 })
            _ = AgentProgram(configuration); // else the first transfer would find out that it is not there
        bool asContainer = AzCopyWorkspace.HasContainerIdentity && new StorageSettings(name => configuration[name]).SignsIn;
        services
            .AddSingleton(new AgentPlace(jobs))
            .AddSingleton(provider => new DirectoryJobFolders(
                jobs, provider.GetRequiredService<IManifestStore>(), AzCopyOptions.Read(name => configuration[name]).WorkFolder))
            .AddSingleton<IJobFolders>(provider => provider.GetRequiredService<DirectoryJobFolders>())
            .AddSingleton<IJobHost>(provider => new LocalJobHost(
                provider.GetRequiredService<DirectoryJobFolders>(), AgentProgram(configuration), AgentEnvironment(configuration)))
            .AddSingleton<IReadinessCheck>(new AzCopyReadiness(configuration["AZCOPY_PATH"], asContainer)) // agents in containers bring their own
            .AddHostedService(provider => new AzCopyStartCheck(
                AzCopyOptions.Read(name => configuration[name]), asContainer, provider.GetRequiredService<ILogger<AzCopyStartCheck>>()))
            .AddHostedService(provider => new JobFolderWatcher(
                jobs, provider.GetRequiredService<DurableTaskClient>(), provider.GetRequiredService<ILogger<JobFolderWatcher>>()));
    }

    /// <summary>Replays the live orchestrations against this build when the command line asks for it; null when it does not, else the exit code.</summary>
    public static Task<int?> CheckReplaysAsync(string[] args) => 
        ReplayGate.RunAsync(args, builder => builder.Services.AddTieringSerializer(), AzureTaskHub.Open);

    private static string CreateJobs(string data)
    {
        try
        {
            return Directory.CreateDirectory(Path.Combine(data, "jobs"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"TIERING_DATA must be a folder that can be written ({failure.GetType().Name})");
        }
    }

    private static void CheckAddresses(string? addresses)
    {
        foreach (string address in (addresses ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsAddress(address))
                throw new ConfigurationException("ASPNETCORE_URLS must be http or https addresses with semicolons between them");
        }
    }

    private static bool IsAddress(string address)
    {
        try
        {
            return BindingAddress.Parse(address).Scheme is "http" or "https";
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string AgentProgram(IConfiguration configuration)
    {
        string[] candidates = configuration["TIERING_AGENT_PATH"] is { Length: > 0 } given
            ? [given]
            : [Path.Combine(AppContext.BaseDirectory, "agent", "tiering-agent.dll"), Path.Combine(AppContext.BaseDirectory, "tiering-agent.dll")];
        return candidates.FirstOrDefault(File.Exists) ?? throw new ConfigurationException("TIERING_AGENT_PATH must name the agent's program");
    }

    private static Dictionary<string, string> AgentEnvironment(IConfiguration configuration) => AgentSettings
        .Where(name => configuration[name] is { Length: > 0 })
        .ToDictionary(name => name, name => configuration[name]!, StringComparer.Ordinal);
}
