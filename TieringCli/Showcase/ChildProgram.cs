using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tiering.Cli.Showcase;

/// <summary>
/// A program that <c>./run</c> keeps running. It has a session of its own, so that a Ctrl-C reaches <c>./run</c> alone, which ends things in
/// their order; its process id is on disk before it runs, so that a later <c>./run</c> finds it whatever became of this one.
/// </summary>
/// <param name="name">Names its files: <c>run/NAME.pid</c>, <c>logs/NAME.log</c>.</param>
/// <param name="data">The state folder.</param>
/// <param name="mark">Part of its command line: tells it from another process that got its id.</param>
public sealed partial class ChildProgram(string name, string data, string mark)
{
    private const long LongestLog = 20_000_000;
    private const int TerminateSignal = 15;
    private const int KillSignal = 9;
    private const int SignalExitCodes = 128; // above it: the signal's number is added
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private Process? _process;
    private int? _processId;
    private long _logStart;

    public string LogPath { get; } = Path.Combine(data, "logs", $"{name}.log");

    private string IdPath { get; } = Path.Combine(data, "run", $"{name}.pid");

    public bool IsRunning => _process is { } child ? !child.HasExited : _processId is { } id && IsMarked(id);

    /// <summary>How it ended, in words; for one that was adopted, nothing is known.</summary>
    public string Ending => _process is { HasExited: true, ExitCode: { } code } ? $"exit code {code}" : "no exit code";

    /// <summary>Whether a signal ended it, and not it itself.</summary>
    public bool WasKilled => _process is { HasExited: true, ExitCode: > SignalExitCodes };

    /// <summary>Takes over the one that an earlier <c>./run</c> left running.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryAdopt()
    {
        _process = null;
        _processId = ReadId();
        return IsRunning;
    }

    /// <param name="program">Its executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What it gets on top of this process's own environment; null takes a variable away.</param>
    public void Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(IdPath)!);
        Directory.CreateDirectory(Path.GetDirectoryName(LogPath)!);
        OpenLog();
        ProcessStartInfo start = new("setsid") { UseShellExecute = false };
        foreach (string argument in (string[])["/bin/sh", "-c", "echo $$ >\"$1\" && shift && exec \"$@\" </dev/null >>\"$0\" 2>&1", LogPath, IdPath, program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach ((string variable, string? value) in environment)
            start.Environment[variable] = value;
        _process = Process.Start(start) ?? throw new CliException(ExitCode.Failed, $"{program} could not be started.");
        _processId = _process.Id;
    }

    /// <summary>Ends it: first asks, then kills.</summary>
    /// <param name="grace">How long it may take after it was asked.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        if (!IsRunning)
            return;
        _ = NativeMethods.Kill(_processId!.Value, TerminateSignal);
        if (!await EndsWithinAsync(grace))
            _ = NativeMethods.Kill(_processId.Value, KillSignal);
        await EndsWithinAsync(grace);
    }

    /// <summary>The last lines that it wrote to its log since it was started.</summary>
    public string LastLines(int count)
    {
        try
        {
            using FileStream log = new(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            log.Seek(Math.Min(_logStart, log.Length), SeekOrigin.Begin);
            using StreamReader reader = new(log);
            return string.Join('\n', reader.ReadToEnd().TrimEnd('\n').Split('\n').TakeLast(count));
        }
        catch (IOException)
        {
            return "";
        }
    }

    public async Task WaitForEndAsync(CancellationToken cancellation)
    {
        if (_process is { } child)
        {
            await child.WaitForExitAsync(cancellation);
            return;
        }
        while (IsRunning)
            await Task.Delay(Tick, cancellation); // another's child: nothing else tells of its end
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        using CancellationTokenSource late = new(limit);
        try
        {
            await WaitForEndAsync(late.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void OpenLog()
    {
        if (new FileInfo(LogPath) is { Exists: true, Length: > LongestLog })
            File.Move(LogPath, LogPath + ".old", overwrite: true);
        // Made here so that others cannot read it; the shell only appends.
        using FileStream log = new(LogPath, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        _logStart = log.Length;
    }

    private int? ReadId()
    {
        try
        {
            return int.TryParse(File.ReadAllText(IdPath), CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the process lives and is the program.</summary>
    private bool IsMarked(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(mark, StringComparison.Ordinal); // empty for one that has ended and waits for its parent
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Kill(int processId, int signal);
    }
}
