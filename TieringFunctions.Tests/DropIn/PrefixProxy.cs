using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Tiering.Tests.DropIn;

/// <summary>A reverse proxy as a deployment has it: takes a path away from the front of every target, and hands the rest on as it came.</summary>
internal sealed class PrefixProxy : IAsyncDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly WebApplication app;
    private readonly string prefix;
    private readonly Uri service;

    private PrefixProxy(string prefix, Uri service)
    {
        (this.prefix, this.service) = (prefix, service);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(PassAsync);
    }

    /// <summary>The base URL that the client has, without slash at the end.</summary>
    public string Url => app.Urls.Single() + prefix;

    public static async Task<PrefixProxy> StartAsync(string prefix, Uri service)
    {
        PrefixProxy proxy = new(prefix, service);
        await proxy.app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext incoming)
    {
        string target = incoming.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith($"{prefix}/", StringComparison.Ordinal))
        {
            incoming.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }
        using HttpRequestMessage request = new(new HttpMethod(incoming.Request.Method), service.GetLeftPart(UriPartial.Authority) + target[prefix.Length..]);
        request.Headers.TryAddWithoutValidation("Authorization", incoming.Request.Headers.Authorization.ToString());
        using HttpResponseMessage answer = await http.SendAsync(request, incoming.RequestAborted);
        incoming.Response.StatusCode = (int)answer.StatusCode;
        incoming.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(incoming.Response.Body, incoming.RequestAborted);
    }
}
