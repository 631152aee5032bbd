using System.Text.Json.Serialization;

namespace Tiering.Emulators.Requests;

/// <summary>What one request was, and what became of it. Holds no signature.</summary>
/// <param name="Id">Counts the requests of a log from 1, in the order of their beginning.</param>
/// <param name="Server"><c>files</c> or <c>blobs</c>.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Operation">The storage operation, such as <c>PutRange</c>.</param>
/// <param name="Path">Container and path, decoded.</param>
/// <param name="Start">When its head had arrived.</param>
public sealed record RequestRecord(long Id, string Server, string Method, string Operation, string Path, DateTimeOffset Start)
{
    /// <summary>When the answer was complete or the connection gone; null while the request is under way.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The status that was sent; null when the connection ended without one.</summary>
    public int? Status { get; init; }

    /// <summary>The storage error code; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>Whether the answer was sent whole.</summary>
    public bool Complete { get; init; }

    /// <summary>Bytes of the request's body that were read.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of the response's body that were sent.</summary>
    public long BytesOut { get; init; }

    /// <summary>The query without signature.</summary>
    public string Query { get; init; } = "";

    /// <summary>The range asked for or written, as it was sent; null for none.</summary>
    public string? Range { get; init; }

    /// <summary>Names the TCP connection.</summary>
    public string Connection { get; init; } = "";

    /// <summary>The client's port.</summary>
    public int ClientPort { get; init; }

    /// <summary>The User-Agent header. AzCopy puts AZCOPY_USER_AGENT_PREFIX in front of its own.</summary>
    public string Agent { get; init; } = "";

    /// <summary>The fault that was applied; null for none.</summary>
    public int? Fault { get; init; }

    /// <summary>Whether the request changes what is stored.</summary>
    [JsonIgnore]
    public bool Writes => Method is "PUT" or "DELETE" or "POST";
}
