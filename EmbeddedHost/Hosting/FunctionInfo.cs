using System.Reflection;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>A function as it was found.</summary>
/// <param name="Definition">What its invocations are told of it.</param>
/// <param name="Method">Its code.</param>
/// <param name="TriggerParameter">The parameter that has the trigger.</param>
/// <param name="Trigger">The trigger.</param>
internal sealed record FunctionInfo(FunctionDefinition Definition, MethodInfo Method, ParameterInfo TriggerParameter, Attribute Trigger)
{
    public string Name => Definition.Name;

    /// <summary>What orchestrations call it by.</summary>
    public string TaskName => Trigger switch
    {
        OrchestrationTriggerAttribute { Orchestration: { Length: > 0 } name } => name,
        ActivityTriggerAttribute { Activity: { Length: > 0 } name } => name,
        _ => Name,
    };
}
