using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Tiering.Emulators.ContainerJobs;

/// <summary>One execution: a process in a group of its own that is gone, with all it started, when the process ends.</summary>
internal sealed partial class Execution : IDisposable
{
    private const int Kill = 9, Terminate = 15;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationToken _stop; // can be asked also when its source is gone
    private Process? _process;
    private string _status = "Processing";

    public Execution(string name, JsonNode template, DateTimeOffset started)
    {
        Name = name;
        Template = template;
        Started = started;
        _stop = _stopped.Token;
    }

    public string Name { get; }

    public JsonNode Template { get; }

    public DateTimeOffset Started { get; }

    public DateTimeOffset? Ended { get; private set; }

    /// <summary>As the service tells it.</summary>
    public string Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>Null before it runs, and once it has ended.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_lock)
                return _status == "Running" ? _process?.Id : null;
        }
    }

    /// <summary>Runs the program to its end.</summary>
    public async Task RunAsync(ProcessStartInfo start, string log, TimeSpan delay, TimeProvider time)
    {
        int code;
        try
        {
            await Task.Delay(delay, time, _stop);
            lock (_lock)
            {
                _stop.ThrowIfCancellationRequested(); // who stops it now finds no process to end
                _process = Process.Start(start)!;
                _status = "Running";
            }
            await using (FileStream file = new(log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
                await Task.WhenAll(_process.StandardOutput.BaseStream.CopyToAsync(Stream.Null), _process.StandardError.BaseStream.CopyToAsync(file), EndedAsync());
            code = _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            End("Stopped", time);
            return;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            code = -1; // an image that cannot be pulled
        }
        End(_stop.IsCancellationRequested ? "Stopped" : code == 0 ? "Succeeded" : "Failed", time);
    }

    /// <summary>Tells it to end, and kills it when it does not.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stopped.CancelAsync();
        Process? process;
        lock (_lock)
            process = _status == "Running" ? _process : null;
        if (process is null)
            return;
        Signal(process.Id, Terminate);
        try
        {
            await process.WaitForExitAsync().WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            KillAll(process);
        }
    }

    /// <summary>Takes it away without a word, as a node that fails does.</summary>
    public void Lose()
    {
        lock (_lock)
        {
            if (_process is { } process && _status == "Running")
                KillAll(process);
        }
    }

    public void Dispose()
    {
        _stopped.Cancel();
        Lose();
        _stopped.Dispose();
    }

    /// <summary>When the first process of a container ends, the others end too; their ends of the pipes close then.</summary>
    private async Task EndedAsync()
    {
        await _process!.WaitForExitAsync(new CancellationToken(canceled: false)).ContinueWith(_ => { }, TaskScheduler.Default);
        SignalGroup(_process.Id, Kill);
    }

    private void End(string status, TimeProvider time)
    {
        lock (_lock)
            (_status, Ended) = (status, time.GetUtcNow());
    }

    /// <summary>Also one that has not come to lead its group yet.</summary>
    private static void KillAll(Process process)
    {
        SignalGroup(process.Id, Kill);
        Signal(process.Id, Kill);
    }

    private static void Signal(int process, int signal) => _ = NativeMethods.Kill(process, signal);

    private static void SignalGroup(int process, int signal) => _ = NativeMethods.Kill(-process, signal);

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Kill(int process, int signal);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Status} since {Started:O}");
}
