using System.ComponentModel;
using System.Diagnostics;
using Tiering.Core.TaskHubs;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>
/// Starts agents as processes of this machine, detached: in a session of their own and with no pipe to the service, so that neither its
/// end nor a signal to its process group touches them.
/// </summary>
/// <param name="folders">Where the jobs lie.</param>
/// <param name="agent">The agent's program, <c>tiering-agent.dll</c> or an executable.</param>
/// <param name="environment">What an agent gets on top of the service's environment.</param>
public sealed class LocalJobHost(DirectoryJobFolders folders, string agent, IReadOnlyDictionary<string, string> environment) : IJobHost
{
    /// <summary>Names the job folder in the environment of its agents: that is how they are found again, whatever became of the service.</summary>
    public const string Marker = "TIERING_AGENT_JOB";

    /// <summary>Secrets of the service. What an agent may open is in its access file, and nothing else is its business.</summary>
    private static readonly string[] Withheld =
        ["AZURE_STORAGE_ACCOUNT_KEY", "JWT_SECRET_KEY", "TIERING_SIGNING_KEY", "TIERING_STATE_CONNECTION", TaskHubAccount.ConnectionSetting, "TIERING_TOKEN"];

    public Task StartAsync(string instanceId, int attempt, CancellationToken cancellation)
    {
        string folder = folders.PathOf(instanceId);
        // The shell is replaced by setsid's child, so that the new process is the agent itself; its output goes to a file.
        ProcessStartInfo start = new("setsid")
        {
            ArgumentList = { "/bin/sh", "-c", "exec \"$@\" </dev/null >>\"$0\" 2>&1", Path.Combine(folder, "agent.log") },
            WorkingDirectory = folder,
            UseShellExecute = false,
        };
        foreach (string argument in Command())
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (string name in Withheld)
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        start.Environment[Marker] = folder;
        try
        {
            using Process process = Process.Start(start) ?? throw new JobHostException("No agent was started.");
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            throw new JobHostException("The agent could not be started.", failure);
        }
        return Task.CompletedTask;
    }

    /// <summary>An agent here takes the lease at once: there is nothing to look for.</summary>
    public Task<AgentPresence> LookAsync(string instanceId, int attempt, CancellationToken cancellation) => Task.FromResult(AgentPresence.Unknown);

    public async Task StopAsync(string instanceId, CancellationToken cancellation)
    {
        string folder = folders.PathOf(instanceId);
        await new MarkedProcesses(Marker, folder).EndAsync(cancellation); // first the agent, that would start another AzCopy
        await AzCopy.AzCopyOrphans.EndAsync(folder, cancellation);
    }

    /// <summary>An executable is run as it is; a library by the runtime that runs this.</summary>
    private IEnumerable<string> Command()
    {
        if (!agent.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            return [agent];
        string runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        return [File.Exists(dotnet) ? dotnet : "dotnet", "exec", agent];
    }
}
