using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The application's orchestrators, ready to be called.</summary>
internal sealed class Orchestrators
{
    private readonly Dictionary<string, Func<TaskOrchestrationContext, Task<object?>>> byName = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">One of them asks for something that there is not.</exception>
    public Orchestrators(FunctionCatalog catalog, IServiceProvider services)
    {
        foreach (FunctionInfo function in catalog.With<OrchestrationTriggerAttribute>())
            byName.Add(function.TaskName, Bind(function, services));
    }

    public Func<TaskOrchestrationContext, Task<object?>>? Find(string name) => byName.GetValueOrDefault(name);

    private static Func<TaskOrchestrationContext, Task<object?>> Bind(FunctionInfo function, IServiceProvider services)
    {
        MethodInfo method = function.Method;
        if (function.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext))
            throw new InvalidOperationException($"The trigger of orchestrator '{function.Name}' must be a {nameof(TaskOrchestrationContext)}.");
        ObjectFactory? factory = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, []);
        Func<object?, ValueTask<object?>> unwrap = ReturnValues.For(method.ReturnType);
        Func<TaskOrchestrationContext, object?>[] parameters = [.. method.GetParameters().Select(parameter => Bind(parameter, function))];
        return context => unwrap(method.Invoke(
            factory?.Invoke(services, null),
            BindingFlags.DoNotWrapExceptions,
            binder: null,
            [.. parameters.Select(parameter => parameter(context))],
            culture: null)).AsTask();
    }

    private static Func<TaskOrchestrationContext, object?> Bind(ParameterInfo parameter, FunctionInfo function)
    {
        if (parameter == function.TriggerParameter)
            return context => context;
        if (parameter.ParameterType == typeof(FunctionContext) || parameter.ParameterType == typeof(CancellationToken))
            throw new InvalidOperationException(
                $"The parameter '{parameter.Name}' of orchestrator '{function.Name}' is not offered: an orchestrator has its {nameof(TaskOrchestrationContext)} only.");
        MethodInfo read = typeof(TaskOrchestrationContext).GetMethod(nameof(TaskOrchestrationContext.GetInput))!.MakeGenericMethod(parameter.ParameterType);
        return context => read.Invoke(context, BindingFlags.DoNotWrapExceptions, binder: null, [], culture: null);
    }
}
