namespace Tiering.EmbeddedHost;

/// <summary>The rest of an invocation.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);

/// <summary>
/// Wraps invocations of HTTP, timer and activity functions, first registered outermost. One instance per registration, made from the
/// host's services. Orchestrators run outside of it: they are replayed, and nothing but their context may be awaited there.
/// </summary>
public interface IFunctionsWorkerMiddleware
{
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
