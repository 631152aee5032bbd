using System.Globalization;
using System.Text;
using Tiering.Core.Transfers.Locations;

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
    /// <param name="hot">What it is made for. A share has no links, no modes, and fewer names.</param>
    public static void Create(string folder, LocationKind hot = LocationKind.Folder)
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
        string more = hot == LocationKind.Folder ? "(really?) [x]; a=b, \"c\"" : "(really) [x]; a=b, c";
        Write(folder, $"signs/100% of 'it' & #1 + more {more}.txt", "signs\n"u8.ToArray());
        Write(folder, $"signs/{(hot == LocationKind.Folder ? "colon: star* " : "")}tilde~ at@ $home ^ !.txt", "more signs\n"u8.ToArray());
        Write(folder, $"signs/{new string('n', 196)}.txt", "a long name\n"u8.ToArray());
        Write(folder, ".settings/.hidden", "dots in front\n"u8.ToArray());
        Write(folder, "scripts/analyse.sh", "#!/bin/sh\necho analysed\n"u8.ToArray());
        Write(folder, "scripts/reference.dat", Noise(200, 65_536));
        Write(folder, "scripts/secret.key", "not a secret\n"u8.ToArray());
        Directory.CreateDirectory(Path.Combine(folder, "empty/two/three/four/five"));
        if (hot == LocationKind.Folder)
            AddWhatOnlyFoldersHold(folder);
        SetTimes(new DirectoryInfo(folder), Oldest);
        if (hot == LocationKind.Folder)
            File.SetUnixFileMode(Path.Combine(folder, "scripts"), Group);
    }

    private static void AddWhatOnlyFoldersHold(string folder)
    {
        File.SetUnixFileMode(Path.Combine(folder, "scripts/analyse.sh"), Executable);
        File.SetUnixFileMode(Path.Combine(folder, "scripts/reference.dat"), ReadOnly);
        File.SetUnixFileMode(Path.Combine(folder, "scripts/secret.key"), Private);
        File.CreateSymbolicLink(Path.Combine(folder, "latest"), $"measurements/run-{Runs:000}");
        File.CreateSymbolicLink(Path.Combine(folder, "scripts/overview.tif"), "../images/overview.tif");
        File.CreateSymbolicLink(Path.Combine(folder, "images/not-there-yet"), "later.tif");
    }

    private static void Write(string folder, string path, byte[] content)
    {
        string full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
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
