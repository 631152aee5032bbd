namespace Tiering.EmbeddedHost;

/// <summary>Marks a method as a function; the host finds it by this.</summary>
/// <param name="name">Unique in the application whatever its case. Orchestrations and activities are called by it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
