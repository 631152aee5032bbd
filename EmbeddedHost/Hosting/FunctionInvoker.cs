using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Runs functions: a scope of services, the middleware, the function.</summary>
internal sealed class FunctionInvoker
{
    private readonly IServiceScopeFactory scopes;
    private readonly FunctionExecutionDelegate pipeline;
    private readonly Dictionary<string, FunctionBinding> bindings;

    public FunctionInvoker(IServiceScopeFactory scopes, FunctionCatalog catalog, DataConverter converter, MiddlewareList middleware)
    {
        this.scopes = scopes;
        bindings = catalog.All.Where(function => function.Trigger is not OrchestrationTriggerAttribute)
            .ToDictionary(function => function.Definition.Id, function => new FunctionBinding(function, converter));
        pipeline = middleware.Build(CallAsync);
    }

    /// <summary>Runs one invocation to its end, and returns what the function returned.</summary>
    /// <param name="function">The function.</param>
    /// <param name="trigger">What its trigger gives.</param>
    /// <param name="items">What middleware is given beforehand, or null.</param>
    /// <param name="cancellation">Given to the function.</param>
    public async Task<object?> InvokeAsync(FunctionInfo function, object? trigger, KeyValuePair<object, object>? items, CancellationToken cancellation)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        Invocation invocation = new(function.Definition, scope.ServiceProvider, cancellation) { Trigger = trigger };
        if (items is { } item)
            invocation.Items.Add(item);
        await pipeline(invocation);
        return invocation.Result;
    }

    private async Task CallAsync(FunctionContext context)
    {
        Invocation invocation = (Invocation)context;
        invocation.Result = await bindings[invocation.FunctionId].CallAsync(invocation);
    }
}

/// <summary>The application's middleware, outermost first.</summary>
internal sealed class MiddlewareList(IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
{
    public FunctionExecutionDelegate Build(FunctionExecutionDelegate last) => middleware.Reverse().Aggregate(last, (next, wrap) => wrap(next));
}
