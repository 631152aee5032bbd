namespace Tiering.EmbeddedHost;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>Unique for each invocation; a retried activity has a new one.</summary>
    public abstract string InvocationId { get; }

    public abstract string FunctionId { get; }

    public abstract TraceContext TraceContext { get; }

    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>For middleware and function to share.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Cancelled when the host stops, the caller leaves, or the attempt's time is over.</summary>
    public virtual CancellationToken CancellationToken { get; } = CancellationToken.None;
}

/// <param name="Id">Stable for the function's life.</param>
/// <param name="Name">As its <see cref="FunctionAttribute"/> says.</param>
/// <param name="EntryPoint">Type and method.</param>
/// <param name="PathToAssembly">Where its assembly lies; may be empty.</param>
public sealed record FunctionDefinition(string Id, string Name, string EntryPoint, string PathToAssembly);

/// <param name="TraceParent">W3C traceparent, or empty.</param>
/// <param name="TraceState">W3C tracestate, or empty.</param>
public sealed record TraceContext(string TraceParent, string TraceState);
