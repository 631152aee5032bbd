using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tiering.Tests.Azure;

/// <summary>What is left of a worker that is killed: its requests go out up to one of them, and from then on none does.</summary>
/// <param name="requests">How many requests it lives for.</param>
/// <param name="acts">Whether the last of them still reaches the service; its answer does not come back.</param>
internal sealed class DyingTransport(int requests, bool acts) : HttpPipelineTransport
{
    private readonly HttpClientTransport inner = new();
    private int sent;

    /// <summary>Whether it has died.</summary>
    public bool IsDead => Volatile.Read(ref sent) >= requests;

    public override Request CreateRequest() => inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        int number = Interlocked.Increment(ref sent);
        if (number < requests || (number == requests && acts))
            await inner.ProcessAsync(message);
        if (number >= requests)
            throw new RequestFailedException("the worker is dead");
    }
}
