using System.Net;
using System.Net.Sockets;

namespace Tiering.Tests.Support;

/// <summary>
/// A port of 127.0.0.1 that is given to nobody else while this lives. It is bound and not listened at: a server that is told it may listen there, end,
/// and listen again, and while none does, connections are refused.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort() => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public void Dispose() => socket.Dispose();
}
