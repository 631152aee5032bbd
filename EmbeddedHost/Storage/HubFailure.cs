using SQLitePCL;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>SQLite refused one statement, for a reason that lies in it.</summary>
public sealed class HubStatementException : Exception
{
    public HubStatementException(int code, string message)
        : base($"SQLite error {code}: {message}") => Code = code;

    /// <summary>SQLite's extended result code.</summary>
    public int Code { get; }
}

/// <summary>Tells failures of the disk from failures of a statement.</summary>
internal static class HubFailure
{
    public static Exception Of(int code, string message) => (code & 0xFF) switch
    {
        raw.SQLITE_FULL => new TaskHubUnavailableException("The disk that holds the task hub is full."),
        raw.SQLITE_READONLY => new TaskHubUnavailableException($"The task hub cannot be written: {message}."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new TaskHubUnavailableException("The task hub is locked by another program."),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH or raw.SQLITE_NOMEM or raw.SQLITE_PROTOCOL =>
            new TaskHubUnavailableException($"The task hub does not answer: {message} (SQLite error {code})."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            new TaskHubUnavailableException($"The task hub's file is damaged: {message} (SQLite error {code}). Restore it from a back-up."),
        _ => new HubStatementException(code, message),
    };
}
