namespace Tiering.Functions.Triggers;

/// <summary>What a function of <c>/api</c> takes in its query: these parameters and no others. Without the attribute it takes none.</summary>
/// <param name="names">The parameters, as callers have to write them.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QueryAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>What the audit calls the request, one of <see cref="Core.Catalogue.AuditActions"/>; null for one that changes nothing.</summary>
    public string? Action { get; init; }
}
