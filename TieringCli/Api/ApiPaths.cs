using Tiering.Core.Lifecycle;

namespace Tiering.Cli.Api;

/// <summary>The paths of Tiering's API, escaped.</summary>
public static class ApiPaths
{
    public const string Projects = "api/projects";

    public const string Operations = "api/operations";

    public const string Outbox = "api/outbox";

    public static string Project(string slug) => $"{Projects}/{Uri.EscapeDataString(slug)}";

    public static string ProjectAction(string slug, string action) => $"{Project(slug)}/{action}";

    public static string Plan(Guid id) => $"api/plans/{id:D}";

    public static string Operation(Guid id) => $"{Operations}/{id:D}";

    /// <summary>With project and type, for an id that a caller may have used more than once.</summary>
    public static string Operation(OperationView operation) =>
        $"{Operation(operation.Id)}?project={Uri.EscapeDataString(operation.Project)}&type={(operation.Type == OperationType.Cool ? "COOL" : "RESTORE")}";

    public static string OperationAction(Guid id, string action) => $"{Operation(id)}/{action}";
}
