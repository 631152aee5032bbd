using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Jobs.Blobs;
using Tiering.Core.Transfers.Jobs.Containers;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions;

/// <summary>Agents as executions of a container job, with their job folders in a blob container: on Azure always, on the embedded host by setting.</summary>
public static class ContainerJobServices
{
    /// <summary>Whether <c>TIERING_JOB_HOST</c> says so: <c>process</c> (the embedded host's default) or <c>container-apps</c>.</summary>
    /// <exception cref="ConfigurationException">It says anything else.</exception>
    public static bool AreChosen(IConfiguration configuration) => configuration["TIERING_JOB_HOST"]?.Trim() switch
    {
        null or "" or "process" => false,
        "container-apps" => true,
        _ => throw new ConfigurationException("TIERING_JOB_HOST must be 'process' or 'container-apps'"),
    };

    /// <summary>Adds both ports; an <see cref="ITokenSource"/> must be a service.</summary>
    /// <param name="services">The app's.</param>
    /// <param name="configuration">Its settings, which are checked now.</param>
    /// <param name="local">A folder for manifests on their way; it need not last.</param>
    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static IServiceCollection AddContainerJobs(this IServiceCollection services, IConfiguration configuration, string local)
    {
        ContainerJobSettings settings = ContainerJobSettings.Read(name => configuration[name]);
        _ = JobContainer.AddressOf(name => configuration[name]); // else the first transfer would find it out
        return services
            .AddSingleton(new AgentPlace(JobFolders: null))
            .AddSingleton(provider => JobContainer.Read(
                name => configuration[name], provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<ITokenSource>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IJobFolders>(provider => new BlobJobFolders(provider.GetRequiredService<JobContainer>(), local, provider.GetRequiredService<IManifestStore>()))
            .AddSingleton<IJobHost>(provider => new ContainerJobHost(
                provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<ITokenSource>(), settings, provider.GetRequiredService<TimeProvider>()));
    }
}
