using System.Globalization;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// What AzCopy's plans and logs take, and may take (AZCOPY_DISK_BUDGET_GB). AzCopy itself knows no limit: its plans stay for ever, and its
/// logs grow as long as it runs.
/// </summary>
public static class AzCopyDisk
{
    /// <summary>What a file needs in a plan and in a log of level INFO, about; measured with short paths, and doubled.</summary>
    public const int BytesPerFile = 1000;

    private const long Least = 4 << 20;
    private static readonly EnumerationOptions All = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    /// <summary>Makes sure, before a job starts, that its plans and logs will have room.</summary>
    /// <exception cref="AzCopyDiskException">They would not.</exception>
    public static void CheckRoom(AzCopyWorkspace workspace, long files) =>
        CheckRoom(workspace.Options, Path.GetDirectoryName(workspace.JobFolder)!, workspace.PlanFolder, files);

    /// <summary>The same before there is a workspace.</summary>
    /// <param name="options">What AzCopy would get.</param>
    /// <param name="jobFolders">The folder that holds the folders of all jobs.</param>
    /// <param name="files">How many files the job would have.</param>
    /// <exception cref="AzCopyDiskException">They would not.</exception>
    public static void CheckRoom(AzCopyOptions options, string jobFolders, long files) => CheckRoom(options, jobFolders, options.WorkFolder ?? jobFolders, files);

    private static void CheckRoom(AzCopyOptions options, string jobFolders, string plans, long files)
    {
        long needed = Least + (files * BytesPerFile);
        long used = Roots(options, jobFolders).Distinct(StringComparer.Ordinal).Sum(SizeOf);
        long budget = options.DiskBudgetBytes;
        if (used + needed > budget)
        {
            throw new AzCopyDiskException(string.Create(
                CultureInfo.InvariantCulture,
                $"AzCopy's plans and logs take {used} bytes and would need about {needed} more for {files} files; AZCOPY_DISK_BUDGET_GB allows {budget}."));
        }
        long free = new DriveInfo(plans).AvailableFreeSpace;
        if (free < needed)
        {
            throw new AzCopyDiskException(string.Create(
                CultureInfo.InvariantCulture,
                $"The disk of AzCopy's plans and logs has {free} bytes left; {files} files need about {needed}."));
        }
    }

    /// <summary>Looks whether a running job has outgrown the budget by itself.</summary>
    /// <exception cref="AzCopyDiskException">It has.</exception>
    public static void CheckGrowth(AzCopyWorkspace workspace)
    {
        long own = SizeOf(workspace.PlanFolder) + SizeOf(workspace.LogFolder);
        if (own > workspace.Options.DiskBudgetBytes)
        {
            throw new AzCopyDiskException(string.Create(
                CultureInfo.InvariantCulture,
                $"The plans and logs of this AzCopy have grown to {own} bytes; AZCOPY_DISK_BUDGET_GB allows {workspace.Options.DiskBudgetBytes}."));
        }
    }

    /// <summary>The folders that hold the plans and logs of all jobs of this machine.</summary>
    private static IEnumerable<string> Roots(AzCopyOptions options, string jobFolders)
    {
        if (options.LogFolder is { } logs)
            yield return logs;
        if (options.WorkFolder is { } work)
        {
            yield return work;
            yield break;
        }
        foreach (string job in Directory.EnumerateDirectories(jobFolders))
            yield return Path.Combine(job, AzCopyWorkspace.FolderName);
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder) is { Exists: true } there ? there.EnumerateFiles("*", All).Sum(file => file.Length) : 0;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0; // another job was just tidied up; the next look counts it
        }
    }
}
