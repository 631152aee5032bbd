using System.Globalization;
using System.Text;

namespace Tiering.Cli.Showcase;

/// <summary>The project that <c>./run</c> shows: the same few megabytes every time, with what real projects hold and copies often lose.</summary>
public static class SampleProject
{
    public const string Slug = "sample";

    private const int Runs = 12;
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101; // 0755
    private const UnixFileMode ReadOnly = (UnixFileMode)0b100_100_100; // 0444
    private const UnixFileMode Private = (UnixFileMode)0b110_000_000; // 0600
    private const UnixFileMode Group = (UnixFileMode)0b111_101_000; // 0750
    private static readonly DateTime Oldest = new(1998, 7, 12, 20, 30, 0, DateTimeKind.Utc);

    /// <param name="folder">Is created; nothing may lie there.</param>
    public static void Create(string folder)
    {
        Directory.CreateDirectory(folder);
        for (int run = 1; run <= Runs; run++)
        {
            string name = $"measurements/run-{run:000}";
            Write(folder, $"{name}/spectrum.csv", Table(run));
            Write(folder, $"{name}/detector.raw", Noise(run, 40_000 + run * 17_001));
            Write(folder, $"{name}/notes.txt", Encoding.UTF8.GetBytes($"Run {run}: {run * 7 % 5} anomalies.\n"));
        }
        Write(folder, "images/overview.tif", Noise(100, 1_500_000));
        Write(folder, "images/empty.tif", []);
        Write(folder, "données/été composé.txt", "composed\n"u8.ToArray());
        Write(folder, "données/été décomposé.txt".Normalize(NormalizationForm.FormD), "decomposed\n"u8.ToArray());
        Write(folder, "資料/分析 結果.md", "# 結果\n"u8.ToArray());
        Write(folder, "signs/100% of 'it' & #1 + more (really?) [x]; a=b, \"c\".txt", "signs\n"u8.ToArray());
        Write(folder, "signs/colon: star* tilde~ at@ $home ^ !.txt", "more signs\n"u8.ToArray());
        Write(folder, $"signs/{new string('n', 196)}.txt", "a long name\n"u8.ToArray());
        Write(folder, ".settings/.hidden", "dots in front\n"u8.ToArray());
        Write(folder, "scripts/analyse.sh", "#!/bin/sh\necho analysed\n"u8.ToArray(), Executable);
        Write(folder, "scripts/reference.dat", Noise(200, 65_536), ReadOnly);
        Write(folder, "scripts/secret.key", "not a secret\n"u8.ToArray(), Private);
        Directory.CreateDirectory(Path.Combine(folder, "empty/two/three/four/five"));
        File.CreateSymbolicLink(Path.Combine(folder, "latest"), $"measurements/run-{Runs:000}");
        File.CreateSymbolicLink(Path.Combine(folder, "scripts/overview.tif"), "../images/overview.tif");
        File.CreateSymbolicLink(Path.Combine(folder, "images/not-there-yet"), "later.tif");
        SetTimes(new DirectoryInfo(folder), Oldest);
        File.SetUnixFileMode(Path.Combine(folder, "scripts"), Group);
    }

    private static void Write(string folder, string path, byte[] content, UnixFileMode? mode = null)
    {
        string full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        if (mode is { } bits)
            File.SetUnixFileMode(full, bits);
    }

    private static byte[] Noise(int seed, int length)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static byte[] Table(int run)
    {
        Random random = new(run);
        StringBuilder text = new("channel,counts\n");
        for (int channel = 0; channel < 2048; channel++)
            text.Append(CultureInfo.InvariantCulture, $"{channel},{random.Next(100_000)}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Files first, then the folder that they lie in: writing below a folder changes its time. The offset grows from entry to entry.</summary>
    private static DateTime SetTimes(DirectoryInfo folder, DateTime time)
    {
        TimeSpan step = TimeSpan.FromTicks(TimeSpan.TicksPerDay * 41 + 1_234_567);
        foreach (FileSystemInfo item in folder.GetFileSystemInfos().OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            if (item.LinkTarget is not null)
                continue;
            if (item is DirectoryInfo below)
                time = SetTimes(below, time);
            else if (item.UnixFileMode.HasFlag(UnixFileMode.UserWrite))
                item.LastWriteTimeUtc = time;
            else
                SetTimeOfReadOnly(item, time);
            time += step;
        }
        folder.LastWriteTimeUtc = time;
        return time;
    }

    private static void SetTimeOfReadOnly(FileSystemInfo file, DateTime time)
    {
        UnixFileMode mode = file.UnixFileMode;
        file.UnixFileMode = mode | UnixFileMode.UserWrite;
        file.LastWriteTimeUtc = time;
        file.UnixFileMode = mode;
    }
}
