using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>The bodies that tell Euphrosyne how work ended. Source: euphrosyne-contract.md, 7.2 and 7.3.</summary>
public static class ClientResult
{
    /// <summary>Longest text, in characters.</summary>
    private const int MaxText = 4096;

    /// <summary>Most bytes of an error's details; the client wants 64 KiB at most.</summary>
    private const int MaxDetails = 48 * 1024;

    /// <summary>AzCopy's own words: for operators, who see them in the operation, and not for the client.</summary>
    private static readonly FrozenSet<string> Excerpts = FrozenSet.Create(StringComparer.Ordinal, "said", "reasons");

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
            ["error_message"] = finished.Error is { } error ? Message(error) : null,
            ["error_details"] = finished.Error is null ? null : Details(finished),
        }.ToJsonString(TieringJson.Options);
    }

    /// <summary>The source deletion result. It has no <c>status</c>: the client refuses a null there.</summary>
    public static string Of(OperationKey key, SourceDeletion finished) => new JsonObject
    {
        ["operation_id"] = key.Id.ToString("D"),
        ["phase"] = "FROM_DATA_DELETION",
        ["from_data_deletion_status"] = finished.Status == DeletionStatus.Succeeded ? "SUCCEEDED" : "FAILED",
        ["error"] = finished.Error is { } error ? new JsonObject { ["title"] = Title(error), ["message"] = Message(error) } : null,
    }.ToJsonString(TieringJson.Options);

    /// <summary>The facts of a failed operation; the AzCopy job that was started last, where the failure itself names none.</summary>
    public static JsonObject Details(LifecycleOperation failed)
    {
        JsonObject details = Details(failed.Error!);
        if (details["job_id"] is null && failed.AzCopyJobs is [.., { } last])
            details["job_id"] = last;
        return details;
    }

    /// <summary>The facts of a failure, in the client's spelling; figures as numbers. What would make them too large is left out.</summary>
    private static JsonObject Details(OperationError error)
    {
        JsonObject details = new() { ["type"] = ClassOf(error.Code), ["code"] = error.Code };
        int left = MaxDetails;
        foreach ((string name, string value) in error.Details ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (Excerpts.Contains(name))
                continue;
            string key = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
            string text = Clean(value);
            left -= Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(text, TieringJson.Options)) + key.Length + 8;
            if (left < 0)
                break;
            if (value.Length == 0)
                continue; // AzCopy did not say
            bool isCount = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && name.EndsWith("ransfers", StringComparison.Ordinal);
            details[key] = isCount ? count : text;
        }
        return details;
    }

    /// <summary>What went wrong, as the client may be told it.</summary>
    public static string Message(OperationError error) => Clean(error.Message);

    private static string Title(OperationError error) => error.Details?.GetValueOrDefault("title") ?? ClassOf(error.Code);

    /// <summary>A class's name made of an error's: <c>store-unavailable</c> becomes <c>StoreUnavailableError</c>.</summary>
    private static string ClassOf(string code) =>
        string.Concat(code.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + "Error";

    /// <summary>No secret, no folder of this machine, and nothing that the client refuses: NUL and lone surrogates.</summary>
    private static string Clean(string text)
    {
        string whole = ServerPaths.Hide(SecretRedactor.Redact(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD')));
        return whole.Length <= MaxText ? whole : whole[..(char.IsHighSurrogate(whole[MaxText - 1]) ? MaxText - 1 : MaxText)];
    }
}
