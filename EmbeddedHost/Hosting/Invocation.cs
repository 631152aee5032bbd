using System.Diagnostics;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The context of one invocation.</summary>
internal sealed class Invocation(FunctionDefinition definition, IServiceProvider services, CancellationToken cancellation) : FunctionContext
{
    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => definition.Id;

    public override TraceContext TraceContext { get; } = new(Activity.Current?.Id ?? "", Activity.Current?.TraceStateString ?? "");

    public override FunctionDefinition FunctionDefinition => definition;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override CancellationToken CancellationToken => cancellation;

    /// <summary>What the trigger gives: an input, a request, a timer.</summary>
    public object? Trigger { get; init; }

    /// <summary>What the function returned.</summary>
    public object? Result { get; set; }
}
