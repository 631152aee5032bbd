using System.Runtime.InteropServices;

namespace Tiering.Agent;

/// <summary>Ends the agent in good order on SIGTERM and SIGINT: AzCopy is ended too, and the next attempt goes on from the checkpoint.</summary>
internal static class AgentSignals
{
    public static IDisposable EndOn(CancellationTokenSource end)
    {
        void Handle(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }
        return new Registrations([PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)]);
    }

    private sealed class Registrations(IReadOnlyList<PosixSignalRegistration> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (PosixSignalRegistration registration in all)
                registration.Dispose();
        }
    }
}
