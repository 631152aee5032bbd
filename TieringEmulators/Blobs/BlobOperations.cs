using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Blobs;

/// <summary>The names of Blob operations in the request log and in fault rules. What has no name of its own is <c>Other</c>.</summary>
internal static class BlobOperations
{
    public const string PutBlobFromUrl = nameof(PutBlobFromUrl);
    public const string PutBlockFromUrl = nameof(PutBlockFromUrl);

    /// <summary>What a retention policy refuses for a blob that is there. Source: https://learn.microsoft.com/azure/storage/blobs/immutable-storage-overview, "Permitted operations".</summary>
    public static bool Changes(string operation) => operation is PutBlobFromUrl or PutBlockFromUrl
        or "CopyBlob" or "PutBlob" or "PutBlock" or "PutBlockList" or "SetBlobMetadata" or "SetBlobProperties" or "DeleteBlob";

    public static string Of(HttpRequest request, StorageTarget target)
    {
        bool fromUrl = request.Headers.ContainsKey("x-ms-copy-source");
        bool isBlob = target.Path.Length > 0;
        return (request.Method, target.Query("restype"), target.Query("comp")) switch
        {
            ("PUT", "container", null) => "CreateContainer",
            ("DELETE", "container", null) => "DeleteContainer",
            ("GET" or "HEAD", "container", null) => "GetContainerProperties",
            ("GET", "container", "list") => "ListBlobs",
            // A copy without a blob type is Copy Blob, which Azurite does by itself.
            ("PUT", null, null) when isBlob && fromUrl && request.Headers.ContainsKey("x-ms-blob-type") => PutBlobFromUrl,
            ("PUT", null, null) when isBlob && fromUrl => "CopyBlob",
            ("PUT", null, null) when isBlob => "PutBlob",
            ("PUT", null, "block") when isBlob => fromUrl ? PutBlockFromUrl : "PutBlock",
            ("PUT", null, "blocklist") when isBlob => "PutBlockList",
            ("PUT", null, "tier") when isBlob => "SetBlobTier",
            ("PUT", null, "metadata") when isBlob => "SetBlobMetadata",
            ("PUT", null, "properties") when isBlob => "SetBlobProperties",
            ("PUT", null, "lease") when isBlob => "LeaseBlob",
            ("GET", null, "blocklist") when isBlob => "GetBlockList",
            ("GET", null, null) when isBlob => "GetBlob",
            ("HEAD", null, null or "metadata") when isBlob => "GetBlobProperties",
            ("DELETE", null, null) when isBlob => "DeleteBlob",
            _ => "Other",
        };
    }
}
