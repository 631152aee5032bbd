using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// One living AzCopy that belongs to this process. Its standard input is an open, silent pipe (at end of file it spins a core), and
/// its output is read as fast as it comes, so that it never waits for us. Members are safe for concurrent use.
/// </summary>
public sealed class AzCopyProcess : IAsyncDisposable
{
    /// <summary>How long an AzCopy that is asked to end may take before it is killed; a cancellation does not wait for it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Lock guard = new();
    private readonly Process process;
    private readonly AzCopyReport report;
    private readonly TimeProvider clock;
    private readonly TaskCompletionSource<string> jobId = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset lastOutput;
    private DateTimeOffset lastChange;
    private bool exited;

    private AzCopyProcess(Process process, AzCopyWorkspace workspace, AzCopyCommand command, AzCopyReport report, TimeProvider clock)
    {
        this.process = process;
        this.report = report;
        this.clock = clock;
        Workspace = workspace;
        CommandLine = command.ToString();
        StartedAt = lastOutput = lastChange = clock.GetUtcNow();
        Identity = ProcessIdentity.Of(process.Id) ?? new ProcessIdentity(process.Id, 0, "");
        Completion = RunAsync();
        _ = jobId.Task.Exception; // nobody has to ask
    }

    public AzCopyWorkspace Workspace { get; }

    /// <summary>Without secrets.</summary>
    public string CommandLine { get; }

    public DateTimeOffset StartedAt { get; }

    public ProcessIdentity Identity { get; }

    /// <summary>The job's id, as soon as AzCopy tells it.</summary>
    /// <exception cref="AzCopyException">AzCopy ended without telling one: job id not found, or start failed.</exception>
    public Task<string> JobId => jobId.Task;

    /// <summary>The end of the process, once all that it printed has been read. Never faults: what went wrong is in the summary.</summary>
    public Task<AzCopySummary> Completion { get; }

    /// <summary>What AzCopy told last. After the end: what it came to.</summary>
    public AzCopyProgress Progress
    {
        get
        {
            lock (guard)
            {
                AzCopyProgress progress = report.Progress();
                return exited && progress.State is AzCopyState.Pending or AzCopyState.Running ? progress with { State = AzCopyState.Unknown } : progress;
            }
        }
    }

    /// <summary>Bytes that are copied, those inside files that are not whole yet among them.</summary>
    public long BytesDone
    {
        get
        {
            lock (guard)
                return report.BytesDone;
        }
    }

    /// <summary>The question that AzCopy waits to have answered; null when it asks none. It is never answered: end it.</summary>
    public string? Prompt
    {
        get
        {
            lock (guard)
                return report.Prompt;
        }
    }

    /// <summary>When AzCopy last printed anything. It prints its progress every two seconds, also when nothing moves.</summary>
    public DateTimeOffset LastOutput
    {
        get
        {
            lock (guard)
                return lastOutput;
        }
    }

    /// <summary>When what AzCopy tells last changed: a stall counts from here.</summary>
    public DateTimeOffset LastChange
    {
        get
        {
            lock (guard)
                return lastChange;
        }
    }

    /// <summary>AzCopy knows no such job, or its plan is of no use: only for a resume.</summary>
    public bool MustStartAnew
    {
        get
        {
            lock (guard)
                return report.SaysNoJob || report.SaysNotResumable || report.Panicked;
        }
    }

    /// <summary>Starts AzCopy.</summary>
    /// <exception cref="AzCopyNotInstalledException">There is none, or it cannot be executed.</exception>
    public static AzCopyProcess Start(AzCopyWorkspace workspace, AzCopyCommand command, TimeProvider? clock = null) =>
        new(AzCopyLauncher.Launch(workspace, command), workspace, command, new AzCopyReport(), clock ?? TimeProvider.System);

    /// <summary>Asks AzCopy to end, so that its plan says what is done, and kills it when it does not. Returns when it is gone.</summary>
    /// <param name="cancellation">Kills it at once.</param>
    public async Task<AzCopySummary> EndAsync(CancellationToken cancellation)
    {
        if (!process.HasExited && Prompt is null)
            ProcessSignals.Interrupt(process.Id);
        await Task.WhenAny(Completion, Task.Delay(Grace, clock, cancellation));
        return await KillAsync();
    }

    /// <summary>Kills the process, with all that it started, and returns when it is gone and its output is read.</summary>
    public async Task<AzCopySummary> KillAsync()
    {
        bool lived = !Completion.IsCompleted;
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended.
        }
        if (lived)
            await AzCopyOrphans.EndAsync(Workspace.JobFolder); // what left the tree, because its parent had ended
        return await Completion;
    }

    /// <summary>Ends it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private async Task<AzCopySummary> RunAsync()
    {
        await Task.Yield();
        string stamp = StartedAt.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        using (OutputFile output = new(Path.Combine(Workspace.LogFolder, $"{stamp}-{process.Id}.stdout.txt")))
        using (OutputFile errors = new(Path.Combine(Workspace.LogFolder, $"{stamp}-{process.Id}.stderr.txt")))
        {
            Task reading = Task.WhenAll(
                LineReader.ReadAsync(process.StandardOutput.BaseStream, line => Take(line, output)),
                LineReader.ReadAsync(process.StandardError.BaseStream, line => Take(line, errors)));
            await AzCopyLauncher.EndAsync(process, reading, Workspace, clock);
            lock (guard)
                exited = true;
        }
        AzCopySummary summary = report.Summary(process.ExitCode);
        if (summary.JobId is null)
        {
            string said = summary.Messages.Count > 0 ? string.Join(' ', summary.Messages) : summary.Excerpt;
            AzCopyFacts facts = new(null, Workspace.LogFolder, said);
            jobId.TrySetException(summary.ExitCode is 0 or > 128
                ? new AzCopyJobIdNotFoundException(facts)
                : new AzCopyStartFailedException($"it ended with code {summary.ExitCode} before it told a job id", facts));
        }
        return summary;
    }

    private void Take(string line, OutputFile file)
    {
        string? known;
        lock (guard)
        {
            if (exited)
                return; // of a program that was left behind
            lastOutput = clock.GetUtcNow();
            if (report.Add(line))
                lastChange = lastOutput;
            known = report.JobId;
            file.WriteLine(line);
        }
        if (known is not null)
            jobId.TrySetResult(known);
    }
}
