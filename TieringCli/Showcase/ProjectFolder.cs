using System.Diagnostics;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>The folder that a showcase moves: a sample or a copy of the user's folder, made aside and put in place in one step.</summary>
public static class ProjectFolder
{
    /// <param name="given">The user's folder; null for the sample.</param>
    /// <param name="draft">Where it is made; what lies there is removed.</param>
    /// <param name="place">Where it goes; what lies there is removed.</param>
    /// <param name="hot">What it is made for: a share holds less than a folder.</param>
    /// <param name="cancellation">Gives up; nothing is in place then.</param>
    /// <exception cref="CliException">The folder cannot be copied whole.</exception>
    public static async Task PlaceAsync(string? given, string draft, string place, LocationKind hot, CancellationToken cancellation)
    {
        await RemoveAsync(draft, cancellation);
        if (given is null)
            SampleProject.Create(draft, hot);
        else
            await CopyAsync(given, draft, cancellation);
        await RemoveAsync(place, cancellation);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        Directory.Move(draft, place);
    }

    /// <summary>Lets the owner do everything with all that lies in a folder.</summary>
    /// <exception cref="CliException">A mode cannot be set.</exception>
    public static Task LoosenAsync(string folder, CancellationToken cancellation) => RunAsync("chmod", ["--recursive", "u+rwX", "--", folder], cancellation);

    /// <summary>Removes a folder with all that lies in it, whatever its modes and names. Links are removed as links.</summary>
    /// <exception cref="CliException">Something cannot be removed.</exception>
    public static async Task RemoveAsync(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
            return;
        await LoosenAsync(folder, cancellation);
        await RunAsync("rm", ["--recursive", "--force", "--", folder], cancellation);
    }

    private static async Task CopyAsync(string given, string draft, CancellationToken cancellation)
    {
        if (IsWithin(draft, given))
            throw new CliException(ExitCode.Usage, $"The state folder lies in {given}, which is to be copied into it: choose another with --data.");
        await RunAsync("cp", ["--archive", "--no-target-directory", "--", given.EndsWith('/') ? given : given + "/", draft], cancellation);
    }

    /// <summary>The system's own programs keep what .NET loses or cannot touch: names of any bytes, times to the nanosecond, links, modes, holes.</summary>
    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using Process process = Process.Start(start)!;
        try
        {
            string complaints = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
                throw new CliException(ExitCode.Failed, complaints.Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static bool IsWithin(string path, string folder) =>
        (Resolve(path) + "/").StartsWith(Resolve(folder).TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>The path with every link on the way followed; what does not exist yet is kept as it is.</summary>
    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
            return full;
        string real = Path.Combine(Resolve(parent), Path.GetFileName(full));
        return Directory.Exists(real) ? Directory.ResolveLinkTarget(real, returnFinalTarget: true)?.FullName ?? real : real;
    }
}
