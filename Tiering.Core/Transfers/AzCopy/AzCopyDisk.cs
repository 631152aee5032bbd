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
    public static void CheckRoom(AzCopyWorkspace workspace, long files)
    {
        long needed = Least + (files * BytesPerFile);
        long used = Roots(workspace).Distinct(StringComparer.Ordinal).Sum(SizeOf);
        long budget = workspace.Options.DiskBudgetBytes;
        if (used + needed > budget)
        {
            throw new AzCopyDiskException(string.Create(
                CultureInfo.InvariantCulture,
                $"AzCopy's plans and logs take {used} bytes and would need about {needed} more for {files} files; AZCOPY_DISK_BUDGET_GB allows {budget}."));
        }
        long free = new DriveInfo(workspace.PlanFolder).AvailableFreeSpace;
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
    private static IEnumerable<string> Roots(AzCopyWorkspace workspace)
    {
        if (workspace.Options.LogFolder is { } logs)
            yield return logs;
        if (workspace.Options.WorkFolder is { } work)
        {
            yield return work;
            yield break;
        }
        foreach (string job in Directory.EnumerateDirectories(Path.GetDirectoryName(workspace.JobFolder)!))
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
