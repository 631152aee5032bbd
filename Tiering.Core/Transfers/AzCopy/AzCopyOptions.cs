using System.Globalization;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>The settings of AzCopy, checked.</summary>
public sealed record AzCopyOptions
{
    /// <summary>Values of <c>--log-level</c>.</summary>
    public static IReadOnlyList<string> LogLevels { get; } = ["NONE", "ERROR", "WARNING", "INFO", "DEBUG"];

    /// <summary>AZCOPY_PATH: a path, or a name to be found on PATH. Default <c>azcopy</c>.</summary>
    public string Path { get; init; } = "azcopy";

    /// <summary>AZCOPY_WORK_DIR: AzCopy's plans and logs lie in a folder per job below it; null for the job folders themselves.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>AZCOPY_LOG_DIR: logs lie in a folder per job below it; null for beside the plans.</summary>
    public string? LogFolder { get; init; }

    /// <summary>AZCOPY_POLL_INTERVAL_SECONDS, 1 to 3600, default 5: how often progress is published.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>AZCOPY_DEFAULT_LOG_LEVEL, one of <see cref="LogLevels"/>, default INFO.</summary>
    public string LogLevel { get; init; } = "INFO";

    /// <summary>
    /// AZCOPY_BUFFER_GB, 0.1 to 1024: bounds AzCopy's buffers (not its whole memory). Default as AzCopy's own, half a gigabyte per processor and 16 at most,
    /// but of the processors that this process may use: AzCopy counts those of the machine, also where a container is given less.
    /// </summary>
    public double BufferGb { get; init; } = Math.Min(0.5 * Environment.ProcessorCount, 16);

    /// <summary>AZCOPY_CONCURRENT_FILES, 1 to 10000, default 64 as AzCopy's own: how many files it begins at once.</summary>
    public int ConcurrentFiles { get; init; } = 64;

    /// <summary>How much it downloads at once.</summary>
    public AzCopyDownloads Downloads => new(ConcurrentFiles, (long)(BufferGb * (1L << 30)));

    /// <summary>AZCOPY_CONCURRENCY_VALUE, 1 to 10000: connections at a time; null for AzCopy's own choice.</summary>
    public int? Concurrency { get; init; }

    /// <summary>AZCOPY_CAP_MBPS: upper bound on throughput, by the time of day in TIERING_TIME_ZONE.</summary>
    public BandwidthTimetable Caps { get; init; } = BandwidthTimetable.None;

    /// <summary>AZCOPY_DISK_BUDGET_GB, 0.001 to 100000, default 20: what plans and logs of all jobs together may take on this disk, in bytes.</summary>
    public long DiskBudgetBytes { get; init; } = 20L << 30;

    /// <summary>When an AzCopy counts as hanging.</summary>
    public AzCopyPatience Patience { get; init; } = new();

    /// <summary>AZCOPY_FILES_PER_JOB, 1 to 50000000, default 5000000: a project with more files is copied in several AzCopy jobs, one after the other.</summary>
    public long FilesPerJob { get; init; } = 5_000_000;

    /// <summary>What an operator should know about these settings: a folder that could not be used and what is used instead.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// Reads the settings. A work or log folder is created; one that cannot be written is replaced by a temporary one, which does not
    /// outlive the machine, and <see cref="Warnings"/> says so.
    /// </summary>
    /// <param name="setting">Gives a setting's value by name; null or empty when it is not set.</param>
    /// <exception cref="ConfigurationException">A value breaks its rule; the message names both.</exception>
    public static AzCopyOptions Read(Func<string, string?> setting)
    {
        string? Text(string name) => setting(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        List<string> warnings = [];
        string level = Text("AZCOPY_DEFAULT_LOG_LEVEL")?.ToUpperInvariant() ?? "INFO";
        if (!LogLevels.Contains(level))
            throw new ConfigurationException($"AZCOPY_DEFAULT_LOG_LEVEL must be one of {string.Join(", ", LogLevels)}");
        AzCopyOptions standard = new();
        return new AzCopyOptions
        {
            Path = Text("AZCOPY_PATH") ?? "azcopy",
            LogLevel = level,
            PollInterval = TimeSpan.FromSeconds(Number(Text, "AZCOPY_POLL_INTERVAL_SECONDS", 1, 3600) ?? 5),
            BufferGb = Number(Text, "AZCOPY_BUFFER_GB", 0.1, 1024) ?? standard.BufferGb,
            ConcurrentFiles = WholeNumber(Text, "AZCOPY_CONCURRENT_FILES", 1, 10_000) ?? standard.ConcurrentFiles,
            Concurrency = WholeNumber(Text, "AZCOPY_CONCURRENCY_VALUE", 1, 10_000),
            Caps = BandwidthTimetable.Parse(
                Text(BandwidthTimetable.SettingName), Text(LocalZone.SettingName) is { } zone ? new LocalZone(zone) : LocalZone.Paris),
            FilesPerJob = WholeNumber(Text, "AZCOPY_FILES_PER_JOB", 1, 50_000_000) ?? 5_000_000,
            DiskBudgetBytes = (long)((Number(Text, "AZCOPY_DISK_BUDGET_GB", 0.001, 100_000) ?? 20) * (1L << 30)),
            Patience = new AzCopyPatience { Stall = TimeSpan.FromMinutes(WholeNumber(Text, "TIERING_STALL_MINUTES", 1, 1440) ?? 15) },
            WorkFolder = Writable("AZCOPY_WORK_DIR", Text("AZCOPY_WORK_DIR"), warnings),
            LogFolder = Writable("AZCOPY_LOG_DIR", Text("AZCOPY_LOG_DIR"), warnings),
            Warnings = warnings,
        };
    }

    private static int? WholeNumber(Func<string, string?> text, string name, int least, int most) => text(name) switch
    {
        null => null,
        { } value when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most => number,
        _ => throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {least} to {most}")),
    };

    private static double? Number(Func<string, string?> text, string name, double least, double most) => text(name) switch
    {
        null => null,
        { } value when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            && number >= least && number <= most => number,
        _ => throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}")),
    };

    private static string? Writable(string name, string? folder, List<string> warnings)
    {
        if (folder is null)
            return null;
        try
        {
            folder = System.IO.Path.GetFullPath(folder);
            AzCopyWorkspace.CreateFolder(folder);
            string probe = System.IO.Path.Combine(folder, $".writable-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string instead = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"tiering-azcopy-{Environment.UserName}");
            try
            {
                AzCopyWorkspace.CreateFolder(instead);
            }
            catch (Exception worse) when (worse is IOException or UnauthorizedAccessException)
            {
                instead = Directory.CreateTempSubdirectory("tiering-azcopy-").FullName;
            }
            warnings.Add($"{name} cannot be written ({failure.GetType().Name}); a temporary folder is used, which may be lost with what transfers need to resume.");
            return instead;
        }
    }
}
