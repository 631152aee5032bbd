using System.Text.Json.Serialization;

namespace Tiering.Core.Transfers.Locations;

/// <summary>What kind of store a location lies in.</summary>
public enum LocationKind { Folder, Blob, Share }

/// <summary>Where one project's data lies in one storage role. Holds no secret.</summary>
/// <param name="Kind">The kind of store.</param>
/// <param name="Address">An absolute path for a folder; else the URI of the project's folder, without query and without trailing slash.</param>
/// <param name="Root">
/// The folder, container or share that all projects of the role lie in, written like the address, which lies below it. It exists before
/// any project does: when it is missing the storage is not there, which is not the same as a project without data.
/// </param>
public sealed record Location(LocationKind Kind, string Address, string Root)
{
    /// <summary>Where the address lies below the root, as it is written there (percent-encoded in a URI): <c>prefix/slug</c>.</summary>
    /// <exception cref="ArgumentException">The address does not lie below the root.</exception>
    [JsonIgnore]
    public string Below => Address.StartsWith(Root + "/", StringComparison.Ordinal) && Address.Length > Root.Length + 1
        ? Address[(Root.Length + 1)..]
        : throw new ArgumentException($"The location {Address} does not lie below {Root}.", nameof(Address));

    public override string ToString() => Address;
}
