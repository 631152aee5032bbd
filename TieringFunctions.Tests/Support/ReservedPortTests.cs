using System.Net;
using System.Net.Sockets;

namespace Tiering.Tests.Support;

public sealed class ReservedPortTests
{
    [Test]
    public async Task Port_Reserved_RefusesUntilAServerListensAndAfterItEnded()
    {
        using ReservedPort port = new();
        for (int life = 0; life < 2; life++)
        {
            await FluentActions.Awaiting(() => ConnectAsync(port)).Should().ThrowAsync<SocketException>();
            using TcpListener server = new(IPAddress.Loopback, port.Number);
            server.Start();
            await FluentActions.Awaiting(() => ConnectAsync(port)).Should().NotThrowAsync();
        }
    }

    private static async Task ConnectAsync(ReservedPort port)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port.Number);
    }
}
