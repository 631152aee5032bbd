namespace Tiering.Core.Transfers.Locations;

/// <summary>What kind of store a location lies in.</summary>
public enum LocationKind { Folder, Blob, Share }

/// <summary>Where one project's data lies in one storage role. Holds no secret.</summary>
/// <param name="Kind">The kind of store.</param>
/// <param name="Address">An absolute path for a folder; else the URI of the project's folder, without query and without trailing slash.</param>
public sealed record Location(LocationKind Kind, string Address)
{
    public override string ToString() => Address;
}
