using System.Diagnostics;
using System.Globalization;

namespace Tiering.Bench;

/// <summary>What this process has used so far.</summary>
internal sealed record Usage(TimeSpan Cpu, long Written, long Memory, long FileBytes)
{
    public static Usage Now(string folder)
    {
        using Process process = Process.GetCurrentProcess();
        long written = OperatingSystem.IsLinux()
            ? long.Parse(File.ReadLines("/proc/self/io").First(line => line.StartsWith("write_bytes", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture)
            : 0;
        long files = Directory.GetFiles(folder, "taskhub.db*").Sum(file => new FileInfo(file).Length);
        return new(process.TotalProcessorTime, written, process.WorkingSet64, files);
    }
}
