using System.Diagnostics;

namespace Tiering.Cli.Showcase;

/// <summary>The folder that a showcase moves: a sample or a copy of the user's folder, made aside and put in place in one step.</summary>
public static class ProjectFolder
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <param name="given">The user's folder; null for the sample.</param>
    /// <param name="draft">Where it is made; what lies there is removed.</param>
    /// <param name="place">Where it goes; what lies there is removed.</param>
    /// <param name="cancellation">Gives up; nothing is in place then.</param>
    /// <exception cref="CliException">The folder cannot be copied whole.</exception>
    public static async Task PlaceAsync(string? given, string draft, string place, CancellationToken cancellation)
    {
        Remove(draft);
        if (given is null)
            SampleProject.Create(draft);
        else
            await CopyAsync(given, draft, cancellation);
        Remove(place);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        Directory.Move(draft, place);
    }

    /// <summary>Removes a folder with all that lies in it, whatever its modes. Links are removed as links.</summary>
    public static void Remove(string folder)
    {
        DirectoryInfo root = new(folder);
        if (!root.Exists)
            return;
        Unlock(root);
        root.Delete(recursive: true);
    }

    private static void Unlock(DirectoryInfo folder)
    {
        folder.UnixFileMode |= OwnerAll;
        foreach (DirectoryInfo below in folder.EnumerateDirectories().Where(below => below.LinkTarget is null))
            Unlock(below);
    }

    private static async Task CopyAsync(string given, string draft, CancellationToken cancellation)
    {
        if (IsWithin(draft, given))
            throw new CliException(ExitCode.Usage, $"The state folder lies in {given}, which is to be copied into it: choose another with --data.");
        // cp keeps what .NET's own copies lose: names of any bytes, links, times to the nanosecond, modes, holes.
        ProcessStartInfo start = new("cp") { RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["--archive", "--no-target-directory", "--", given.EndsWith('/') ? given : given + "/", draft])
            start.ArgumentList.Add(argument);
        using Process copy = Process.Start(start)!;
        try
        {
            string complaints = await copy.StandardError.ReadToEndAsync(cancellation);
            await copy.WaitForExitAsync(cancellation);
            if (copy.ExitCode != 0)
                throw new CliException(ExitCode.Failed, $"{given} could not be copied: {complaints.Trim()}");
        }
        catch (OperationCanceledException)
        {
            copy.Kill();
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
