using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tiering.Emulators.Euphrosyne;

/// <summary>An operation as the client keeps it.</summary>
public sealed record ClientOperation(Guid Id, string Project, string Type, DateTimeOffset StartedAt)
{
    /// <summary>PENDING, RUNNING, SUCCEEDED, FAILED.</summary>
    public string Status { get; init; } = "PENDING";

    public long? BytesTotal { get; init; }

    public long? FilesTotal { get; init; }

    public long? BytesCopied { get; init; }

    public long? FilesCopied { get; init; }

    public string? ErrorMessage { get; init; }

    public string? ErrorDetails { get; init; }

    /// <summary>NOT_REQUESTED, RUNNING, SUCCEEDED, FAILED.</summary>
    public string Deletion { get; init; } = "NOT_REQUESTED";

    public string? DeletionError { get; init; }

    /// <summary>What Tiering answered to the request; 0 when it did not come to an answer.</summary>
    public int Answer { get; init; }

    public bool IsTerminal => Status is "SUCCEEDED" or "FAILED";
}

/// <summary>Projects, operations, and what a callback does to them: the client's own rules, and nothing of Tiering's. Safe for concurrent use.</summary>
public sealed class ClientModel
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _projects = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, ClientOperation> _operations = [];

    /// <summary>HOT, COOLING, COOL, RESTORING or ERROR (or any other word, to see what happens); null for an unknown project.</summary>
    public string? StateOf(string slug)
    {
        lock (_gate)
            return _projects.GetValueOrDefault(slug);
    }

    public void Put(string slug, string state)
    {
        lock (_gate)
            _projects[slug] = state;
    }

    public ClientOperation? Find(Guid id)
    {
        lock (_gate)
            return _operations.GetValueOrDefault(id);
    }

    public void Put(ClientOperation operation)
    {
        lock (_gate)
            _operations[operation.Id] = operation;
    }

    /// <summary>Changes an operation, if it is there.</summary>
    public void Change(Guid id, Func<ClientOperation, ClientOperation> change)
    {
        lock (_gate)
        {
            if (_operations.TryGetValue(id, out ClientOperation? operation))
                _operations[id] = change(operation);
        }
    }

    /// <summary>The client's commit after a 202: RUNNING and COOLING or RESTORING, whatever was written meanwhile.</summary>
    public void CommitStart(Guid id, int answer)
    {
        lock (_gate)
        {
            ClientOperation operation = _operations[id];
            _operations[id] = operation with { Status = "RUNNING", Answer = answer };
            _projects[operation.Project] = operation.Type == "COOL" ? "COOLING" : "RESTORING";
        }
    }

    /// <summary>The answer to a look-up; null for an unknown project.</summary>
    public JsonObject? Lifecycle(string slug)
    {
        lock (_gate)
        {
            if (!_projects.TryGetValue(slug, out string? state))
                return null;
            ClientOperation? last = _operations.Values.Where(operation => operation.Project == slug).MaxBy(operation => operation.StartedAt);
            return new JsonObject { ["lifecycle_state"] = state, ["last_operation_id"] = last?.Id.ToString("D"), ["last_operation_type"] = last?.Type };
        }
    }

    /// <summary>Takes a callback.</summary>
    /// <returns>200, 400 or 404.</returns>
    public int Take(byte[] body)
    {
        if (CallbackBody.Parse(body) is not { } callback)
            return 400;
        lock (_gate)
        {
            if (!_operations.TryGetValue(callback.OperationId, out ClientOperation? operation))
                return 404;
            if (callback.IsDeletion)
                _operations[operation.Id] = Deleted(operation, callback);
            else if (!operation.IsTerminal)
                End(operation, callback);
            return 200;
        }
    }

    private static ClientOperation Deleted(ClientOperation operation, CallbackBody callback) => operation.Deletion != "RUNNING"
        ? operation
        : operation with
        {
            Deletion = callback.DeletionStatus ?? "FAILED",
            DeletionError = callback.DeletionStatus == "SUCCEEDED" ? null : callback.Error ?? "Tools API reported source data deletion failure.",
        };

    private void End(ClientOperation operation, CallbackBody callback)
    {
        string moving = operation.Type == "COOL" ? "COOLING" : "RESTORING";
        string state = _projects[operation.Project];
        if (callback.Status == "FAILED")
        {
            Fail(operation, string.IsNullOrEmpty(callback.ErrorMessage) ? "Tools API reported operation failure." : callback.ErrorMessage, callback.ErrorDetails);
            return;
        }
        operation = operation with
        {
            BytesTotal = callback.BytesTotal ?? operation.BytesTotal,
            FilesTotal = callback.FilesTotal ?? operation.FilesTotal,
            BytesCopied = callback.BytesCopied,
            FilesCopied = callback.FilesCopied,
        };
        bool verified = operation.BytesTotal is { } bytes && bytes == callback.BytesCopied && operation.FilesTotal is { } files && files == callback.FilesCopied;
        if (!verified)
        {
            Fail(operation, "Verification failed.", Mismatch(operation), always: true);
        }
        else if (state != moving)
        {
            Fail(operation, "Project lifecycle transition failed.", null);
        }
        else
        {
            _operations[operation.Id] = operation with { Status = "SUCCEEDED" };
            _projects[operation.Project] = operation.Type == "COOL" ? "COOL" : "HOT";
        }
    }

    private void Fail(ClientOperation operation, string message, string? details, bool always = false)
    {
        _operations[operation.Id] = operation with { Status = "FAILED", ErrorMessage = message, ErrorDetails = details };
        if (always || _projects[operation.Project] is "COOLING" or "RESTORING")
            _projects[operation.Project] = "ERROR";
    }

    private static string Mismatch(ClientOperation operation) => new JsonObject
    {
        ["reason"] = "verification_mismatch",
        ["expected"] = new JsonObject { ["bytes_total"] = operation.BytesTotal, ["files_total"] = operation.FilesTotal },
        ["received"] = new JsonObject { ["bytes_copied"] = operation.BytesCopied, ["files_copied"] = operation.FilesCopied },
    }.ToJsonString();
}

/// <summary>A callback that keeps the client's rules.</summary>
internal sealed record CallbackBody(Guid OperationId, bool IsDeletion, string? Status, string? DeletionStatus)
{
    private static readonly string[] Outcomes = ["SUCCEEDED", "FAILED"];
    private static readonly string[] Counts = ["bytes_total", "files_total", "bytes_copied", "files_copied"];

    public long? BytesTotal { get; private init; }

    public long? FilesTotal { get; private init; }

    public long? BytesCopied { get; private init; }

    public long? FilesCopied { get; private init; }

    public string? ErrorMessage { get; private init; }

    public string? ErrorDetails { get; private init; }

    public string? Error { get; private init; }

    /// <summary>Null for what the client answers with 400.</summary>
    public static CallbackBody? Parse(byte[] body)
    {
        try
        {
            JsonElement root = JsonSerializer.Deserialize<JsonElement>(body);
            bool isDeletion = Word(root, "phase", ["FROM_DATA_DELETION"]) is not null;
            string? status = Word(root, "status", Outcomes);
            if (status is null && !isDeletion)
                return null;
            long?[] counts = [.. Counts.Select(name => Count(root, name))];
            string? message = Text(root, "error_message");
            if (message?.Contains('\0', StringComparison.Ordinal) == true)
                return null;
            return new CallbackBody(Guid.ParseExact(Text(root, "operation_id")!, "D"), isDeletion, status, Word(root, "from_data_deletion_status", Outcomes))
            {
                BytesTotal = counts[0], FilesTotal = counts[1], BytesCopied = counts[2], FilesCopied = counts[3],
                ErrorMessage = message,
                ErrorDetails = Json(root, "error_details"),
                Error = Json(root, "error"),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException or ArgumentNullException)
        {
            return null;
        }
    }

    /// <summary>A choice that may be absent and must not be null.</summary>
    private static string? Word(JsonElement root, string name, string[] allowed)
    {
        if (!root.TryGetProperty(name, out JsonElement value))
            return null;
        string? word = value.GetString();
        return allowed.Contains(word, StringComparer.Ordinal) ? word : throw new FormatException(name);
    }

    private static long? Count(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return long.TryParse(value.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : throw new FormatException(name);
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static string? Json(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
}
