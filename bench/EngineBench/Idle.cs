using System.Diagnostics;
using System.Globalization;

namespace Tiering.Bench;

/// <summary>What the real service takes while nobody asks for anything.</summary>
internal static class Idle
{
    private const double TicksPerSecond = 100; // what Linux counts processor time in, for programs
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(75); // one round of everything that comes each minute
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string service)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("engine-bench-");
        try
        {
            using Process process = Start(service, folder.FullName);
            await Task.Delay(Settling);
            (double cpu, long written, long calls, long memory) before = Read(process.Id);
            await Task.Delay(Span);
            (double cpu, long written, long calls, long memory) after = Read(process.Id);
            Console.WriteLine($"machine      {BenchHost.Machine}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"idle         {100 * (after.cpu - before.cpu) / Span.TotalSeconds:F2} % CPU, {after.written - before.written} bytes to the disk, {after.calls - before.calls} bytes written at all, in {Span.TotalSeconds:F0} s; {after.memory / 1e6:F0} MB"));
            process.Kill();
            await process.WaitForExitAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static Process Start(string service, string folder)
    {
        ProcessStartInfo start = new("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (string argument in (string[])["exec", Path.GetFullPath(service), "--urls", "http://127.0.0.1:0"])
            start.ArgumentList.Add(argument);
        foreach ((string name, string at) in new[] { ("TIERING_DATA", "state"), ("DATA_FOLDER", "hot"), ("DATA_FOLDER_COOL", "cool") })
            start.Environment[name] = Directory.CreateDirectory(Path.Combine(folder, at)).FullName;
        start.Environment["DATA_BACKEND"] = start.Environment["DATA_BACKEND_COOL"] = "folder";
        Process process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains("Now listening", StringComparison.Ordinal))
                continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return process;
        }
        throw new InvalidOperationException("The service did not start.");
    }

    private static (double Cpu, long Written, long Calls, long Memory) Read(int process)
    {
        string[] stat = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, long> io = File.ReadLines($"/proc/{process}/io").Select(line => line.Split(": ")).ToDictionary(
            parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        double cpu = (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        using Process running = Process.GetProcessById(process);
        return (cpu, io["write_bytes"], io["wchar"], running.WorkingSet64);
    }
}
