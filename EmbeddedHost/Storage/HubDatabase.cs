using SQLitePCL;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>One connection. Used by one thread at a time.</summary>
internal sealed class HubDatabase : IDisposable
{
    private readonly Dictionary<string, HubStatement> statements = [];

    /// <exception cref="TaskHubUnavailableException">The file cannot be opened.</exception>
    public HubDatabase(string path, bool readOnly)
    {
        SqliteLibrary.Use();
        int flags = raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_URI | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        Handle = handle;
        try
        {
            Check(code);
            Check(raw.sqlite3_extended_result_codes(handle, 1));
            Check(raw.sqlite3_busy_timeout(handle, 5000));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public sqlite3 Handle { get; }

    /// <summary>
    /// What to open to read a hub that nobody has, so that not even a log is made beside it. One that a crash left with a log is read
    /// together with it.
    /// </summary>
    public static string AtRest(string path) =>
        new FileInfo(path + "-wal") is { Exists: true, Length: > 0 } ? path : new Uri(path).AbsoluteUri + "?immutable=1";

    /// <summary>The texts of all statements that were prepared.</summary>
    public IEnumerable<string> Statements => statements.Keys;

    /// <summary>The statement for this text, compiled once, without values.</summary>
    public HubStatement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out HubStatement? statement))
        {
            Check(raw.sqlite3_prepare_v3(Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt compiled));
            statement = new(this, compiled);
            statements.Add(sql, statement);
        }
        statement.Reset();
        return statement;
    }

    /// <summary>Runs one or several statements that need no values.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    public long ReadNumber(string sql)
    {
        using HubStatement statement = Prepare(sql);
        return statement.Step() ? statement.GetNumber(0) : 0;
    }

    public void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
            return;
        throw HubFailure.Of(code, raw.sqlite3_errmsg(Handle).utf8_to_string());
    }

    public void Dispose()
    {
        foreach (HubStatement statement in statements.Values)
            statement.Release();
        Handle.Dispose();
    }
}
