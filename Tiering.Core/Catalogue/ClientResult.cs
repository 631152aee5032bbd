using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>The bodies that tell Euphrosyne how work ended. Source: euphrosyne-contract.md, 7.2 and 7.3.</summary>
public static class ClientResult
{
    /// <summary>The lifecycle result: all eleven fields, null where empty; counts only when it succeeded.</summary>
    public static string Of(LifecycleOperation finished)
    {
        bool succeeded = finished.Status == OperationStatus.Succeeded;
        return new JsonObject
        {
            ["project_slug"] = finished.Key.Project.Value,
            ["operation_id"] = finished.Key.Id.ToString("D"),
            ["type"] = finished.Key.Type.ToString().ToUpperInvariant(),
            ["status"] = succeeded ? "SUCCEEDED" : "FAILED",
            ["finished_at"] = finished.FinishedAt!.Value.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffff+00:00", CultureInfo.InvariantCulture),
            ["bytes_copied"] = succeeded ? finished.Copied.Bytes : null,
            ["files_copied"] = succeeded ? finished.Copied.Files : null,
            ["bytes_total"] = succeeded ? finished.Total!.Value.Bytes : null,
            ["files_total"] = succeeded ? finished.Total!.Value.Files : null,
            ["error_message"] = finished.Error is { } error ? Clean(error.Message) : null,
            ["error_details"] = finished.Error is { } cause ? Details(cause) : null,
        }.ToJsonString(TieringJson.Options);
    }

    /// <summary>The source deletion result. It has no <c>status</c>: the client refuses a null there.</summary>
    public static string Of(OperationKey key, SourceDeletion finished) => new JsonObject
    {
        ["operation_id"] = key.Id.ToString("D"),
        ["phase"] = "FROM_DATA_DELETION",
        ["from_data_deletion_status"] = finished.Status == DeletionStatus.Succeeded ? "SUCCEEDED" : "FAILED",
        ["error"] = finished.Error is { } error ? new JsonObject { ["title"] = Title(error), ["message"] = Clean(error.Message) } : null,
    }.ToJsonString(TieringJson.Options);

    private static string Title(OperationError error) => error.Details?.GetValueOrDefault("title") ?? error.Code;

    /// <summary>The facts of a failure, in the client's spelling; figures as numbers.</summary>
    public static JsonObject Details(OperationError error)
    {
        JsonObject details = new() { ["type"] = error.Code, ["code"] = error.Code };
        foreach ((string name, string value) in error.Details ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            bool isCount = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && name.EndsWith("ransfers", StringComparison.Ordinal);
            details[JsonNamingPolicy.SnakeCaseLower.ConvertName(name)] = isCount ? count : Clean(value);
        }
        return details;
    }

    /// <summary>The client refuses NUL and lone surrogates, and wants details of 64 KiB at most.</summary>
    private static string Clean(string text)
    {
        string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
        return whole.Length <= 4096 ? whole : whole[..(char.IsHighSurrogate(whole[4095]) ? 4095 : 4096)];
    }
}
