namespace Tiering.EmbeddedHost;

/// <summary>Who may call an endpoint: everyone, or who shows a key of the function or the master key.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,

    /// <summary>Not supported by Functions version 4; refused at start-up here.</summary>
    User = 1,

    /// <summary>A function key or the master key, in <c>x-functions-key</c> or <c>?code=</c>.</summary>
    Function = 2,

    /// <summary>The master key, as for <see cref="Admin"/>.</summary>
    System = 3,

    /// <summary>The master key only.</summary>
    Admin = 4,
}

/// <summary>Marks the request of an HTTP endpoint.</summary>
/// <param name="authLevel">Who may call it.</param>
/// <param name="methods">Lower or upper case; none means all.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    public HttpTriggerAttribute()
        : this(AuthorizationLevel.Function)
    {
    }

    public HttpTriggerAttribute(params string[] methods)
        : this(AuthorizationLevel.Function, methods)
    {
    }

    public AuthorizationLevel AuthLevel { get; } = authLevel;

    public string[]? Methods { get; } = methods;

    /// <summary>An ASP.NET Core route template below the route prefix; null for the function's name.</summary>
    public string? Route { get; set; }
}
