using System.Reflection;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Waits for whatever a function returns, and yields its value.</summary>
internal static class ReturnValues
{
    /// <summary>For void, a value, and the tasks of both.</summary>
    public static Func<object?, ValueTask<object?>> For(Type type)
    {
        if (type == typeof(Task))
            return WaitAsync;
        if (type == typeof(ValueTask))
            return async returned =>
            {
                await (ValueTask)returned!;
                return null;
            };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            return Generic(nameof(TaskValueAsync), type);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return Generic(nameof(ValueTaskValueAsync), type);
        return returned => new(type == typeof(void) ? null : returned);
    }

    private static Func<object?, ValueTask<object?>> Generic(string method, Type type) => typeof(ReturnValues)
        .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(type.GetGenericArguments()[0])
        .CreateDelegate<Func<object?, ValueTask<object?>>>();

    private static async ValueTask<object?> WaitAsync(object? returned)
    {
        await (Task)returned!;
        return null;
    }

    private static async ValueTask<object?> TaskValueAsync<T>(object? returned) => await (Task<T>)returned!;

    private static async ValueTask<object?> ValueTaskValueAsync<T>(object? returned) => await (ValueTask<T>)returned!;
}
