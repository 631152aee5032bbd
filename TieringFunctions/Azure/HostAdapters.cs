using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core;

namespace Tiering.Functions;

/// <summary>
/// The Azure host's stores and job host belong here. They are not written yet: the app compiles for Azure, so that its sources keep to
/// the real API, and refuses to start there rather than to run on stores that would not last.
/// </summary>
public static class HostAdapters
{
    /// <exception cref="ConfigurationException">Always.</exception>
    public static void AddTo(IServiceCollection services, IConfiguration configuration) =>
        throw new ConfigurationException("This version has no stores for Azure yet; run the embedded host (FunctionsHost=Embedded).");

    /// <summary>The embedded host alone can replay what is live; on Azure this does nothing.</summary>
    public static Task<int?> CheckReplaysAsync(string[] args) => Task.FromResult<int?>(null);
}
