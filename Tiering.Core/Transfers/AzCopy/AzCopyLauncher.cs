using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Starts AzCopy with the environment of a workspace, and runs its short commands to their end.</summary>
internal static class AzCopyLauncher
{
    /// <summary>How long output may come after the process that printed it has ended.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private const int NotFound = 2, NoRight = 13, NoProgram = 8; // errno

    /// <exception cref="AzCopyNotInstalledException">There is none, or it cannot be executed.</exception>
    public static Process Launch(AzCopyWorkspace workspace, AzCopyCommand command)
    {
        string path = workspace.Options.Path;
        ProcessStartInfo start = new(path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/", // so that no folder of ours is held open
        };
        foreach (string argument in command.Arguments)
            start.ArgumentList.Add(argument);
        workspace.Apply(start.Environment);
        if (command.SignsIn)
            AzCopyWorkspace.SignIn(start.Environment);
        start.Environment["AZCOPY_USER_AGENT_PREFIX"] = $"Tiering-{Guid.NewGuid():N}"[..16]; // tells the processes apart in the storage's logs; of 24 characters the rest is AzCopy's
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException)
        {
            string why = (failure as Win32Exception)?.NativeErrorCode switch
            {
                NotFound => "there is no such program",
                NoRight => "it may not be executed",
                NoProgram => "it is no program for this machine",
                _ => "the system could not start it",
            };
            throw new AzCopyNotInstalledException(path, why, failure);
        }
    }

    /// <summary>
    /// Waits for the end of an AzCopy, and of its output. A program that it has started and left behind may hold that open for ever, or even write: such
    /// programs are ended, and what is not at its end by then is left. A reader that is left may still tell a line.
    /// </summary>
    /// <param name="process">The AzCopy.</param>
    /// <param name="reading">The readers of its output.</param>
    /// <param name="workspace">What it was started in: it marks what AzCopy starts.</param>
    /// <param name="clock">Bounds the wait.</param>
    public static async Task EndAsync(Process process, Task reading, AzCopyWorkspace workspace, TimeProvider clock)
    {
        await process.WaitForExitAsync();
        if (await IsReadAsync())
            return;
        await AzCopyOrphans.EndAsync(workspace.JobFolder);
        await IsReadAsync();

        async Task<bool> IsReadAsync()
        {
            using CancellationTokenSource enough = new();
            Task ended = await Task.WhenAny(reading, Task.Delay(Rest, clock, enough.Token));
            await enough.CancelAsync();
            return ended == reading;
        }
    }

    /// <summary>Runs a short command; null when it took longer than the limit and was killed.</summary>
    public static async Task<AzCopyAnswer?> RunAsync(AzCopyWorkspace workspace, AzCopyCommand command, TimeSpan limit, CancellationToken cancellation)
    {
        using Process process = Launch(workspace, command);
        AzCopyReport report = new();
        StringBuilder output = new();
        void Take(string line)
        {
            lock (output)
            {
                report.Add(line);
                if (output.Length < AzCopyReport.MaxExcerptChars)
                    output.AppendLine(SecretRedactor.Excerpt(line, AzCopyReport.MaxMessageChars));
            }
        }
        Task reading = Task.WhenAll(LineReader.ReadAsync(process.StandardOutput.BaseStream, Take), LineReader.ReadAsync(process.StandardError.BaseStream, Take));
        Task ended = EndAsync(process, reading, workspace, TimeProvider.System);
        try
        {
            await ended.WaitAsync(limit, cancellation);
            return new AzCopyAnswer(report, output.ToString(), process.ExitCode);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await ended;
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }
}

/// <param name="Report">What was understood.</param>
/// <param name="Output">Both streams, redacted and bounded.</param>
/// <param name="ExitCode">Of the process.</param>
internal sealed record AzCopyAnswer(AzCopyReport Report, string Output, int ExitCode);
