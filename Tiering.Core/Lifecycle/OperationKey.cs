using System.Text.Json.Serialization;

namespace Tiering.Core.Lifecycle;

/// <summary>COOL moves a project from hot to cool, RESTORE back.</summary>
public enum OperationType { Cool, Restore }

/// <summary>How far an operation has come; it never goes back, and never changes once it is terminal.</summary>
public enum OperationStatus { Pending, Running, Succeeded, Failed }

/// <summary>What names one operation for ever. The same id under another project or of the other type is another operation.</summary>
/// <param name="Project">The project.</param>
/// <param name="Type">COOL or RESTORE.</param>
/// <param name="Id">Chosen by the caller.</param>
public sealed record OperationKey(ProjectSlug Project, OperationType Type, Guid Id)
{
    /// <summary>The id of its orchestration and the name of its job folder: <c>3f2a…-cool-8f0c…</c>.</summary>
    [JsonIgnore]
    public string InstanceId => $"{Project.Hash}-{(Type == OperationType.Cool ? "cool" : "restore")}-{Id:D}";

    [JsonIgnore]
    public StorageRole SourceRole => Type == OperationType.Cool ? StorageRole.Hot : StorageRole.Cool;

    [JsonIgnore]
    public StorageRole DestinationRole => Type == OperationType.Cool ? StorageRole.Cool : StorageRole.Hot;

    /// <summary>The id of the orchestration that deletes this operation's source: <c>3f2a…-delete-hot-8f0c…</c>.</summary>
    [JsonIgnore]
    public string DeletionInstanceId => $"{Project.Hash}-delete-{(SourceRole == StorageRole.Hot ? "hot" : "cool")}-{Id:D}";

    /// <summary>The id of the orchestration of one request to delete the source; a repeat after a failure has one of its own.</summary>
    public string DeletionInstanceOf(int generation) => generation <= 1 ? DeletionInstanceId : $"{DeletionInstanceId}-{generation}";

    /// <summary>What holds a project, for people: the operation, or the deletion of its source, by the id that commands take.</summary>
    /// <param name="instance">The id of its orchestration.</param>
    public static string NameOf(string instance) => instance.Split('-', 3) switch
    {
        [_, ("cool" or "restore") and var type, var id] => $"the {type.ToUpperInvariant()} {id}",
        [_, "delete", var rest] when rest.Split('-', 2) is [var role, var id] => $"the deletion of {role.ToUpperInvariant()} after the operation {id}",
        _ => instance,
    };

    public override string ToString() => $"{Type.ToString().ToUpperInvariant()} {Id:D} of {Project}";
}
