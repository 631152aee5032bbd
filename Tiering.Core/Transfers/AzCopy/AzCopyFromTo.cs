using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>The pairs of stores between which AzCopy copies for us, and how it is told the places.</summary>
public static class AzCopyFromTo
{
    /// <summary>The value of <c>--from-to</c>.</summary>
    /// <exception cref="AzCopyInvalidException">AzCopy does not copy between these.</exception>
    public static string Of(LocationKind source, LocationKind destination) => (source, destination) switch
    {
        (LocationKind.Folder, LocationKind.Blob) => "LocalBlob",
        (LocationKind.Blob, LocationKind.Folder) => "BlobLocal",
        (LocationKind.Share, LocationKind.Blob) => "FileBlob",
        (LocationKind.Blob, LocationKind.Share) => "BlobFile",
        (LocationKind.Folder, LocationKind.Share) => "LocalFile",
        (LocationKind.Share, LocationKind.Folder) => "FileLocal",
        _ => throw new AzCopyInvalidException($"AzCopy is not used between {Name(source)} and {Name(destination)}: the two stores must be of different kinds (DATA_BACKEND, DATA_BACKEND_COOL)."),
    };

    /// <summary>An endpoint as an argument: a path, or an escaped URI followed by its SAS.</summary>
    /// <exception cref="AzCopyInvalidException">The address cannot be given to AzCopy.</exception>
    public static string Argument(AzCopyEndpoint endpoint, bool isSource)
    {
        string address = endpoint.Location.Address;
        if (endpoint.Location.Kind == LocationKind.Folder)
        {
            if (!Path.IsPathFullyQualified(address))
                throw new AzCopyInvalidException("A folder's address must be an absolute path.");
            return Path.TrimEndingDirectorySeparator(address);
        }
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new AzCopyInvalidException($"The address of a {Name(endpoint.Location.Kind)} location must be an http or https URI without query and fragment.");
        string place = uri.AbsoluteUri.TrimEnd('/').Replace("*", "%2A", StringComparison.Ordinal); // else a pattern
        if (isSource && endpoint.Location.Kind == LocationKind.Blob)
            place += "/"; // a blob of just the folder's name would else be copied in its stead
        return string.IsNullOrEmpty(endpoint.Sas) ? place : $"{place}?{endpoint.Sas.TrimStart('?')}";
    }

    private static string Name(LocationKind kind) => kind.ToString().ToLowerInvariant();
}
