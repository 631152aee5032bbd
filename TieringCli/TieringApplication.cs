using System.CommandLine;
using System.CommandLine.Invocation;
using System.ComponentModel;
using Tiering.Cli.Commands;
using Tiering.Cli.Showcase;

namespace Tiering.Cli;

/// <summary>The <c>tiering</c> command: parses a command line, runs it, and turns every failure into a sentence and an exit code.</summary>
public sealed class TieringApplication(Terminal terminal)
{
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        ParseResult command = arguments is [ShowcaseCommand.Name, .. string[] rest]
            ? new ShowcaseCommand(terminal).Create().Parse(rest) // ./run: a command of its own, with its own options
            : CreateRoot().Parse(arguments);
        // Signals are handled by the caller: the default handler would kill a command that takes its time to end.
        InvocationConfiguration configuration = new()
        {
            Output = terminal.OutputWriter,
            Error = terminal.ErrorWriter,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (command.Action is ParseErrorAction complaint)
            complaint.ShowHelp = false; // a script's log, or a narrow terminal, is better served by the one line that matters
        try
        {
            int result = await command.InvokeAsync(configuration, cancellation);
            return command.Errors.Count > 0 ? ExitCode.Usage : result;
        }
        catch (CliException failure)
        {
            terminal.Complain(failure.Message);
            return failure.ExitCode;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or Win32Exception)
        {
            terminal.Complain(failure.Message); // a full disk, a folder without rights, a program that is not there
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private RootCommand CreateRoot()
    {
        ConnectionOptions connection = new(terminal);
        RootCommand root = new("Moves whole project folders between hot and cool storage, as durable, verified operations.");
        connection.AddTo(root);
        root.Subcommands.Add(new ProjectCommands(terminal, connection).Create());
        foreach (Command command in new TransferCommands(terminal, connection).Create())
            root.Subcommands.Add(command);
        root.Subcommands.Add(new OperationCommands(terminal, connection).Create());
        root.Subcommands.Add(new OutboxCommands(terminal, connection).Create());
        root.Subcommands.Add(new ReplayCommand(terminal).Create());
        root.Subcommands.Add(new CertificateCommands(terminal, connection).Create());
        foreach (Command command in new NightCommands(terminal, connection).Create().Concat(new UpkeepCommands(terminal, connection).Create()))
            root.Subcommands.Add(command);
        return root;
    }
}
