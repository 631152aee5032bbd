using System.Runtime.InteropServices;
using Tiering.Cli;

// The first signal asks the command to end in good order; a second one ends the process at once.
using CancellationTokenSource stop = new();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

Terminal terminal = new(Console.Out, Console.Error, Environment.GetEnvironmentVariable, Console.IsOutputRedirected, Console.IsErrorRedirected);
return await new TieringApplication(terminal).RunAsync(args, stop.Token);
