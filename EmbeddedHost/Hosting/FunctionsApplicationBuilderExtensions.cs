using Microsoft.Extensions.DependencyInjection;

namespace Tiering.EmbeddedHost;

public static class FunctionsApplicationBuilderExtensions
{
    /// <summary>Adds a middleware to all HTTP, timer and activity functions.</summary>
    public static IFunctionsWorkerApplicationBuilder UseMiddleware<T>(this IFunctionsWorkerApplicationBuilder builder)
        where T : class, IFunctionsWorkerMiddleware => builder.UseWhen<T>(_ => true);

    /// <summary>Adds a middleware to the invocations that <paramref name="predicate"/> is true for.</summary>
    public static IFunctionsWorkerApplicationBuilder UseWhen<T>(
        this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate)
        where T : class, IFunctionsWorkerMiddleware
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<T>();
        return builder.Use(next => context => predicate(context)
            ? context.InstanceServices.GetRequiredService<T>().Invoke(context, next)
            : next(context));
    }

    /// <summary>On Azure it turns ASP.NET Core's types on for HTTP triggers; here they always are.</summary>
    public static IFunctionsWorkerApplicationBuilder ConfigureFunctionsWebApplication(this IFunctionsWorkerApplicationBuilder builder) => builder;
}
