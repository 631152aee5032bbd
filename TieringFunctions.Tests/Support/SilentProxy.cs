using System.Net;
using System.Net.Sockets;

namespace Tiering.Tests.Support;

/// <summary>Passes connections on to a server until it falls silent: then it accepts, reads, and never answers.</summary>
public sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly int port;
    private readonly Task accepting;
    private volatile bool silent;

    /// <param name="port">The server's port on 127.0.0.1.</param>
    public SilentProxy(int port)
    {
        this.port = port;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Requests that came after it fell silent.</summary>
    public int Unanswered => unanswered;

    private int unanswered;

    public void FallSilent() => silent = true;

    public void Speak() => silent = false;

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        await accepting;
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(end.Token)));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient server = new();
        try
        {
            using (client)
            {
                await server.ConnectAsync(IPAddress.Loopback, port, end.Token);
                await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream(), isRequest: true), PassAsync(server.GetStream(), client.GetStream(), isRequest: false));
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // one side is gone
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, bool isRequest)
    {
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, end.Token)) > 0)
        {
            if (!silent)
                await to.WriteAsync(buffer.AsMemory(0, read), end.Token);
            else if (isRequest)
                Interlocked.Increment(ref unanswered);
        }
    }
}
