namespace Tiering.Cli;

/// <summary>A failure that the command reports in one sentence and an exit code.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">What is wrong, and what to do about it.</param>
/// <param name="inner">What was caught, or null.</param>
public class CliException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
