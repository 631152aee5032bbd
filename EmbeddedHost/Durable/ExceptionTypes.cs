using System.Collections.Concurrent;
using System.Reflection;

namespace Tiering.EmbeddedHost.Durable;

/// <summary>Finds the type of an exception that is known by name only.</summary>
internal static class ExceptionTypes
{
    private static readonly ConcurrentDictionary<(string, Assembly), Type?> Known = new();

    public static Type? Find(string name, Assembly first) => string.IsNullOrEmpty(name)
        ? null
        : Known.GetOrAdd((name, first), static key => Type.GetType(key.Item1, throwOnError: false)
            ?? key.Item2.GetType(key.Item1, throwOnError: false)
            ?? FindLoaded(key.Item1));

    /// <exception cref="AmbiguousMatchException">Several loaded assemblies have a type of this name.</exception>
    private static Type? FindLoaded(string name)
    {
        Type[] found = [.. AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(name, throwOnError: false)).OfType<Type>()];
        return found.Length > 1
            ? throw new AmbiguousMatchException($"Multiple exception types with the name '{name}' were found.")
            : found.SingleOrDefault();
    }
}
