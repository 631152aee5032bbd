using System.Globalization;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Jobs.Blobs;

namespace Tiering.Agent;

/// <summary>Opens the job folder that the agent was started for.</summary>
internal static class AgentFolders
{
    /// <param name="job">An absolute path, or the name of a job folder in the container that <c>TIERING_JOBS</c> names.</param>
    /// <param name="http">Sends requests.</param>
    /// <param name="identity">Signs them; null where there is no managed identity.</param>
    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static IJobFolder Open(string job, HttpClient http, ITokenSource? identity)
    {
        TimeSpan lease = LeaseDuration();
        if (Path.IsPathRooted(job))
            return new DirectoryJobFolder(job);
        if (job.Contains('/', StringComparison.Ordinal) || job is "." or "..")
            throw new ConfigurationException("A job folder is an absolute path, or a name in the container that TIERING_JOBS names");
        JobContainer container = JobContainer.Read(Environment.GetEnvironmentVariable, http, identity, TimeProvider.System);
        string work = Environment.GetEnvironmentVariable("AZCOPY_WORK_DIR") is { Length: > 0 } given ? given : Path.GetTempPath();
        return new BlobJobFolder(container, job, Path.Combine(work, "jobs", job), lease, TimeProvider.System);
    }

    /// <summary><c>TIERING_LEASE_SECONDS</c>, 15 to 60, by default 60: how long the lease of an agent that died holds the next one off.</summary>
    private static TimeSpan LeaseDuration() => Environment.GetEnvironmentVariable("TIERING_LEASE_SECONDS") ?.Trim() switch
    {
        null or "" => TimeSpan.FromSeconds(BlobJobFolder.LongestLeaseSeconds),
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 15 and <= BlobJobFolder.LongestLeaseSeconds =>
            TimeSpan.FromSeconds(seconds),
        _ => throw new ConfigurationException("TIERING_LEASE_SECONDS must be a whole number from 15 to 60"),
    };
}
