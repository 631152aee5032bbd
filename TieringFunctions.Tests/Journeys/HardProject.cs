using System.Globalization;

namespace Tiering.Tests.Journeys;

/// <summary>A folder of everything that copies lose: names, times, modes, links, empty files and empty folders.</summary>
internal static class HardProject
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ReadAndEnter = ReadOnly | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Names =
    [
        "plain {0}.txt", "caf\u00e9 {0}", "cafe\u0301 {0}", "quote' \"{0}\"", "per%20cent%{0}", "100%25 a%2Fb {0}", "hash#{0}", "amp&ersand{0}=1", "plus+{0}",
        "question?{0}", "star*{0}", "colon:{0}", ".hidden{0}", "..{0}", "日本語 {0}", "\U0001F600 {0}", "[bracket]{{{0}}}", "semi;colon,{0}", "$dollar`{0}",
        "~tilde~{0}", "<less>|pipe{0}", " leading{0}", "trailing{0} ", "dot{0}.", "-rf {0}", "@at!{0}", "{0}-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];

    private static readonly DateTime[] Times =
    [
        new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        new(1970, 1, 1, 0, 0, 1, DateTimeKind.Utc),
        new(1999, 12, 31, 23, 59, 59, 999, DateTimeKind.Utc),
        new DateTime(2020, 2, 29, 12, 0, 0, DateTimeKind.Utc).AddTicks(1_234_567),
        new(2040, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    ];

    /// <param name="project">The folder; made here.</param>
    /// <param name="files">How many files besides the big one.</param>
    /// <param name="bytes">What they hold together, about.</param>
    /// <param name="bigBytes">The size of the one big file.</param>
    public static void Fill(string project, int files, long bytes, long bigBytes)
    {
        Random random = new(files);
        for (int i = 0; i < files; i++)
        {
            string folder = (i % 7) switch
            {
                0 => "",
                1 => "plain",
                2 => Name(i % Names.Length, 1_000_000),
                3 => $"{Name(i % Names.Length, 1_000_001)}/{Name((i + 3) % Names.Length, 1_000_002)}",
                _ => $"runs/{(i / 50).ToString(CultureInfo.InvariantCulture)}",
            };
            Write(Path.Combine(project, folder, Name(i % Names.Length, i)), i % 10 == 0 ? 0 : random.NextInt64(2 * bytes / files), random);
        }
        Write(Path.Combine(project, "big file.bin"), bigBytes, random);
        Directory.CreateDirectory(Path.Combine(project, "empty/two/three/four/five"));
        Directory.CreateDirectory(Path.Combine(project, "runs/0/empty beside files"));
        Link(project, "link", "big file.bin");
        Link(project, "runs/up #?", "../big file.bin");
        Link(project, "runs/folder", "../plain");
        Link(project, "absolute", Path.Combine(project, "plain"));
        Link(project, "dangling", "no/such thing");
        Link(project, "empty/two/only a link", "../..");
        SetTimes(project);
        SetModes(project);
    }

    private static string Name(int pattern, int number) => string.Format(CultureInfo.InvariantCulture, Names[pattern], number);

    private static void Write(string path, long size, Random random)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] piece = new byte[Math.Min(size, 1 << 20)];
        random.NextBytes(piece);
        using FileStream file = File.Create(path);
        for (long left = size; left > 0; left -= piece.Length)
            file.Write(piece, 0, (int)Math.Min(left, piece.Length));
    }

    private static void Link(string project, string path, string target) => File.CreateSymbolicLink(Path.Combine(project, path), target);

    /// <summary>Deepest first: what is done in a folder changes its time.</summary>
    private static void SetTimes(string project)
    {
        int next = 0;
        foreach (FileSystemInfo entry in Deepest(project).Where(entry => entry.LinkTarget is null))
            entry.LastWriteTimeUtc = Times[next++ % Times.Length];
    }

    private static void SetModes(string project)
    {
        FileInfo[] files = [.. Deepest(project).OfType<FileInfo>().Where(file => file.LinkTarget is null)];
        for (int i = 0; i < files.Length; i += 5)
            files[i].UnixFileMode = ReadOnly;
        for (int i = 1; i < files.Length; i += 25)
            files[i].UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        if (Environment.IsPrivilegedProcess)
            files[0].UnixFileMode = UnixFileMode.None; // nobody else could read it
        File.SetUnixFileMode(Path.Combine(project, "plain"), ReadAndEnter);
        File.SetUnixFileMode(Path.Combine(project, "empty/two/three/four"), ReadAndEnter);
        File.SetUnixFileMode(Path.Combine(project, "runs"), ReadAndEnter | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.SetGroup);
        File.SetUnixFileMode(Path.Combine(project, "runs/0"), ReadAndEnter | UnixFileMode.UserWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
    }

    private static IEnumerable<FileSystemInfo> Deepest(string folder)
    {
        EnumerationOptions all = new() { AttributesToSkip = FileAttributes.None };
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).GetFileSystemInfos("*", all).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry is DirectoryInfo { LinkTarget: null })
            {
                foreach (FileSystemInfo below in Deepest(entry.FullName))
                    yield return below;
            }
            yield return entry;
        }
    }
}
