namespace Tiering.Emulators.Hosting;

/// <summary>An error as a storage service answers it. Source: "Common REST API error codes" and "Azure Files error codes".</summary>
internal sealed class StorageException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static StorageException ResourceNotFound() => new(404, "ResourceNotFound", "The specified resource does not exist.");

    public static StorageException ParentNotFound() => new(404, "ParentNotFound", "The specified parent path does not exist.");

    public static StorageException ShareNotFound() => new(404, "ShareNotFound", "The specified share does not exist.");

    public static StorageException ResourceAlreadyExists() => new(409, "ResourceAlreadyExists", "The specified resource already exists.");

    public static StorageException ResourceTypeMismatch() =>
        new(409, "ResourceTypeMismatch", "The specified resource type does not match the type of the existing resource.");

    public static StorageException ReadOnly() => new(409, "ReadOnlyAttribute", "The specified resource is read-only and cannot be modified at this time.");

    public static StorageException InvalidName(string rule) =>
        new(400, "InvalidResourceName", $"The specified resource name contains invalid characters or is not allowed: {rule}.");

    public static StorageException InvalidUri(string rule) => new(400, "InvalidUri", $"The requested URI does not represent any resource on the server: {rule}.");

    public static StorageException MissingHeader(string name) =>
        new(400, "MissingRequiredHeader", $"A required HTTP header was not specified: {name}.");

    public static StorageException InvalidHeader(string name, string rule) =>
        new(400, "InvalidHeaderValue", $"The value of the header {name} is not in the correct format: {rule}.");

    public static StorageException InvalidRange() => new(416, "InvalidRange", "The range specified is invalid for the current size of the resource.");

    public static StorageException NotEmulated(string what) => new(501, "NotEmulated", $"This emulator does not offer {what}.");
}
