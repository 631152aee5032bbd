using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Calls a function's method with what its parameters ask for.</summary>
internal sealed class FunctionBinding
{
    private readonly FunctionInfo function;
    private readonly ObjectFactory? factory;
    private readonly Func<Invocation, object?>[] parameters;
    private readonly Func<object?, ValueTask<object?>> unwrap;

    /// <exception cref="InvalidOperationException">A parameter asks for something that there is not.</exception>
    public FunctionBinding(FunctionInfo function, DataConverter converter)
    {
        this.function = function;
        factory = function.Method.IsStatic ? null : ActivatorUtilities.CreateFactory(function.Method.DeclaringType!, []);
        parameters = [.. function.Method.GetParameters().Select(parameter => Bind(parameter, converter))];
        unwrap = ReturnValues.For(function.Method.ReturnType);
    }

    /// <summary>Makes the function's object, if it needs one, calls it and waits for its end.</summary>
    public async Task<object?> CallAsync(Invocation invocation)
    {
        object? target = factory?.Invoke(invocation.InstanceServices, null);
        try
        {
            object?[] arguments = [.. parameters.Select(parameter => parameter(invocation))];
            return await unwrap(function.Method.Invoke(target, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
        }
        finally
        {
            if (target is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else
                (target as IDisposable)?.Dispose();
        }
    }

    private Func<Invocation, object?> Bind(ParameterInfo parameter, DataConverter converter)
    {
        Type type = parameter.ParameterType;
        if (parameter == function.TriggerParameter)
            return Trigger(type, converter);
        if (type == typeof(FunctionContext))
            return invocation => invocation;
        if (type == typeof(CancellationToken))
            return invocation => invocation.CancellationToken;
        if (parameter.GetCustomAttribute<DurableClientAttribute>() is not null && type.IsAssignableFrom(typeof(DurableTaskClient)))
            return invocation => invocation.InstanceServices.GetRequiredService<DurableTaskClient>();
        if (function.Trigger is HttpTriggerAttribute && parameter.Name is { } name)
            return Http.RouteValues.Binder(name, type, parameter) ?? throw Unbound(parameter);
        throw Unbound(parameter);
    }

    private Func<Invocation, object?> Trigger(Type type, DataConverter converter) => function.Trigger switch
    {
        ActivityTriggerAttribute => invocation => converter.Deserialize((string?)invocation.Trigger, type),
        HttpTriggerAttribute when type == typeof(HttpRequest) => invocation => ((HttpContext)invocation.Trigger!).Request,
        TimerTriggerAttribute when type == typeof(TimerInfo) => invocation => invocation.Trigger,
        _ => throw Unbound(function.TriggerParameter),
    };

    private InvalidOperationException Unbound(ParameterInfo parameter) => new(
        $"The parameter '{parameter.Name}' of function '{function.Name}' ({function.Definition.EntryPoint}) has the type {parameter.ParameterType}, "
        + "for which the host has no value.");
}
