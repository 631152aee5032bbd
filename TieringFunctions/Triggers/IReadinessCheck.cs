using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Functions.Triggers;

/// <summary>One thing that the service cannot do its work without.</summary>
public interface IReadinessCheck
{
    /// <summary>What is checked, in a word.</summary>
    string Name { get; }

    /// <summary>What is missing or wrong, as a phrase without full stop and without a path; null when all is well. May throw instead.</summary>
    Task<string?> FindLackAsync(DurableTaskClient client, CancellationToken cancellation);
}

public sealed class CatalogueReadiness(ICatalogue catalogue) : IReadinessCheck
{
    public string Name => "catalogue";

    public async Task<string?> FindLackAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        await catalogue.ListProjectsAsync(after: null, limit: 1, cancellation);
        return null;
    }
}

public sealed class TaskHubReadiness : IReadinessCheck
{
    public string Name => "task hub";

    public async Task<string?> FindLackAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        await client.GetInstanceAsync("readiness", getInputsAndOutputs: false, cancellation); // no such instance: the answer is what counts
        return null;
    }
}

/// <summary>Whether both roles are set up, and the folders of those that are folders are there.</summary>
public sealed class StorageReadiness(StorageSettings settings) : IReadinessCheck
{
    public string Name => "storage";

    public Task<string?> FindLackAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (StorageRole role in Enum.GetValues<StorageRole>())
        {
            (LocationKind kind, string root) = settings.RootOf(role);
            if (kind == LocationKind.Folder && !Directory.Exists(root))
                return Task.FromResult<string?>($"the {role.ToString().ToUpperInvariant()} folder does not exist, or is not mounted");
        }
        return Task.FromResult<string?>(null);
    }
}

/// <summary>Whether there is an AzCopy that has what transfers need.</summary>
/// <param name="path">The setting <c>AZCOPY_PATH</c>; null for <c>azcopy</c> in one of the folders of <c>PATH</c>.</param>
/// <param name="asContainer">Whether transfers sign in with the managed identity of a container.</param>
public sealed class AzCopyReadiness(string? path, bool asContainer) : IReadinessCheck
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Name => "AzCopy";

    /// <exception cref="AzCopyTooOldException">It lacks what transfers need.</exception>
    public async Task<string?> FindLackAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        string name = path is { Length: > 0 } ? path : "azcopy";
        string[] folders = name.Contains('/', StringComparison.Ordinal) ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        bool isFound = folders.Select(folder => Path.Combine(folder, name)).Any(IsProgram);
        if (!isFound)
            return "not installed, or AZCOPY_PATH names something that is not a program";
        try
        {
            await AzCopyVersion.CheckAsync(new AzCopyOptions { Path = name }, asContainer, cancellation);
            return null;
        }
        catch (AzCopyNotInstalledException)
        {
            return "the program that AZCOPY_PATH names cannot be run, or is another"; // what it printed is nothing for strangers
        }
    }

    private static bool IsProgram(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & Executable) != UnixFileMode.None);
}
