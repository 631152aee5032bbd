using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tiering.Emulators.Hosting;

/// <summary>An HTTP server on one port of 127.0.0.1, without routing: every request goes to <see cref="HandleAsync"/> as it came.</summary>
public abstract class EmulatorServer : IAsyncDisposable
{
    private const int LongestRequestLine = 128 * 1024;
    private WebApplication? _application;
    private string _scheme = "http";

    /// <summary>The port that is listened on.</summary>
    public int Port { get; private set; }

    /// <summary><c>http://127.0.0.1:PORT</c>, or https</summary>
    protected Uri Root => new($"{_scheme}://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Stops at once: requests under way lose their connection, as they would when the process is killed.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (_application is null)
            return;
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
        _application = null;
        GC.SuppressFinalize(this);
    }

    private protected async Task ListenAsync(int port, X509Certificate2? certificate = null)
    {
        _scheme = certificate is null ? "http" : "https";
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port, listener =>
            {
                if (certificate is not null)
                    listener.UseHttps(certificate);
            });
            options.AddServerHeader = false;
            options.AllowResponseHeaderCompression = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
            options.Limits.MaxRequestLineSize = LongestRequestLine;
            options.Limits.MaxRequestHeadersTotalSize = 2 * LongestRequestLine;
            options.Limits.MaxRequestBufferSize = 2 * LongestRequestLine;
            // Bytes pass as they came: names in metadata need not be ASCII.
            options.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        // Signals belong to the program that embeds this server.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _application = builder.Build();
        _application.Run(HandleAsync);
        await _application.StartAsync();
        string address = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(address).Port;
    }

    private protected abstract Task HandleAsync(HttpContext http);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
