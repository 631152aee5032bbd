using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Access;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>The operations of Azure Files that are emulated. Their names stand in the request log and in fault rules.</summary>
internal enum FileOperation
{
    Unsupported,
    CreateShare,
    GetShareProperties,
    CreateDirectory,
    GetDirectoryProperties,
    SetDirectoryProperties,
    SetDirectoryMetadata,
    ListDirectory,
    DeleteDirectory,
    CreateFile,
    GetFile,
    GetFileProperties,
    SetFileProperties,
    SetFileMetadata,
    DeleteFile,
    PutRange,
    ClearRange,
    PutRangeFromUrl,
    ListRanges,
}

internal static class FileOperations
{
    /// <summary>Reads the operation from method, restype, comp and, for ranges, headers.</summary>
    public static FileOperation Of(HttpRequest request, StorageTarget target)
    {
        if (target.Query("sharesnapshot") is not null || target.Container.Length == 0)
            return FileOperation.Unsupported;
        string method = HttpMethods.IsHead(request.Method) ? HttpMethods.Get : request.Method;
        return (target.Query("restype"), target.Query("comp"), method, target.Path.Length > 0) switch
        {
            ("share", null, "PUT", false) => FileOperation.CreateShare,
            ("share", null or "metadata", "GET", false) => FileOperation.GetShareProperties,
            ("directory", null, "PUT", true) => FileOperation.CreateDirectory,
            ("directory", null or "metadata", "GET", _) => FileOperation.GetDirectoryProperties,
            ("directory", "properties", "PUT", _) => FileOperation.SetDirectoryProperties,
            ("directory", "metadata", "PUT", _) => FileOperation.SetDirectoryMetadata,
            ("directory", "list", "GET", _) => FileOperation.ListDirectory,
            ("directory", null, "DELETE", true) => FileOperation.DeleteDirectory,
            (null, null, "PUT", true) when request.Headers.ContainsKey("x-ms-copy-source") => FileOperation.Unsupported,
            (null, null, "PUT", true) => FileOperation.CreateFile,
            (null, null or "metadata", "GET", true) when HttpMethods.IsHead(request.Method) => FileOperation.GetFileProperties,
            (null, null, "GET", true) => FileOperation.GetFile,
            (null, "metadata", "GET", true) => FileOperation.GetFileProperties,
            (null, null, "DELETE", true) => FileOperation.DeleteFile,
            (null, "properties", "PUT", true) => FileOperation.SetFileProperties,
            (null, "metadata", "PUT", true) => FileOperation.SetFileMetadata,
            (null, "rangelist", "GET", true) => FileOperation.ListRanges,
            (null, "range", "PUT", true) => RangeOperation(request),
            _ => FileOperation.Unsupported,
        };
    }

    /// <summary>What a SAS must grant. Source: "Create an account SAS", table of file service operations.</summary>
    public static AccessDemand Demand(FileOperation operation) => operation switch
    {
        FileOperation.CreateShare => new('c', "cw", ServiceSas: false),
        FileOperation.GetShareProperties => new('c', "r", ServiceSas: false),
        FileOperation.ListDirectory => new('c', "l"),
        FileOperation.CreateDirectory or FileOperation.CreateFile => new('o', "cw"),
        FileOperation.GetDirectoryProperties or FileOperation.GetFile or FileOperation.GetFileProperties or FileOperation.ListRanges => new('o', "r"),
        FileOperation.DeleteDirectory or FileOperation.DeleteFile => new('o', "d"),
        _ => new('o', "w"),
    };

    private static FileOperation RangeOperation(HttpRequest request)
    {
        if (request.Headers.ContainsKey("x-ms-copy-source"))
            return FileOperation.PutRangeFromUrl;
        return request.Headers["x-ms-write"] == "clear" ? FileOperation.ClearRange : FileOperation.PutRange;
    }
}
