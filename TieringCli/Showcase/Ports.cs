using System.Net;
using System.Net.Sockets;

namespace Tiering.Cli.Showcase;

/// <summary>Ports of 127.0.0.1.</summary>
public static class Ports
{
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

    public static int FindFree()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
