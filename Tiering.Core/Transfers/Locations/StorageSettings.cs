using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Locations;

/// <summary>Where the roles' data lies, from the environment. A role that is not set up is an error when it is asked for, not before.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
public sealed class StorageSettings(Func<string, string?> setting)
{
    /// <summary>The storage account; null when it is not set.</summary>
    public string? Account => Text("AZURE_STORAGE_ACCOUNT");

    /// <summary>The folder, container or share of a role, without the prefix.</summary>
    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public (LocationKind Kind, string Root) RootOf(StorageRole role) => throw new NotSupportedException();

    /// <summary>How contents are compared for a project of this size.</summary>
    /// <exception cref="ConfigurationException">TIERING_PROOF or TIERING_PROOF_FULL_BYTES is wrong.</exception>
    public Proof ProofFor(DataSize size) => throw new NotSupportedException();

    private string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;
}
