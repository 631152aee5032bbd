using System.Net;
using System.Net.Sockets;

namespace Tiering.Cli.Showcase;

/// <summary>Ports of 127.0.0.1.</summary>
public static class Ports
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    public static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits until somebody listens at the port.</summary>
    /// <param name="what">Names it to the user.</param>
    /// <param name="program">Who is to listen.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CliException">The program ended, or takes too long.</exception>
    public static async Task WaitUntilAnswersAsync(string what, ChildProgram program, int port, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(StartLimit);
        while (!await AnswersAsync(port))
        {
            if (!program.IsRunning || late.IsCancellationRequested)
            {
                cancellation.ThrowIfCancellationRequested();
                throw new CliException(ExitCode.Failed, $"{what} does not answer at port {port}; its log is {program.LogPath}:\n{program.LastLines(20)}");
            }
            await Task.Delay(Tick, cancellation);
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static int FindFree()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
