using SQLitePCL;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>A compiled statement. Disposing it makes it ready for its next use.</summary>
internal sealed class HubStatement(HubDatabase database, sqlite3_stmt handle) : IDisposable
{
    private int next = 1;

    /// <summary>Gives the next value.</summary>
    public HubStatement Bind(long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, next++, value));
        return this;
    }

    public HubStatement Bind(long? value)
    {
        if (value is { } number)
            return Bind(number);
        database.Check(raw.sqlite3_bind_null(handle, next++));
        return this;
    }

    public HubStatement Bind(DateTime value) => Bind(value.Ticks);

    public HubStatement Bind(string? value)
    {
        database.Check(value is null ? raw.sqlite3_bind_null(handle, next++) : raw.sqlite3_bind_text(handle, next++, value));
        return this;
    }

    public HubStatement Bind(byte[]? value)
    {
        database.Check(value is null ? raw.sqlite3_bind_null(handle, next++) : raw.sqlite3_bind_blob(handle, next++, value));
        return this;
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs it to its end, and returns how many rows it changed.</summary>
    public int Run()
    {
        try
        {
            while (Step())
            {
                // nothing is read of it
            }
            return raw.sqlite3_changes(database.Handle);
        }
        finally
        {
            Reset();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long GetNumber(int column) => raw.sqlite3_column_int64(handle, column);

    public int GetInt32(int column) => raw.sqlite3_column_int(handle, column);

    public DateTime GetTime(int column) => new(GetNumber(column), DateTimeKind.Utc);

    public string GetText(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    public string? GetOptionalText(int column) => IsNull(column) ? null : GetText(column);

    public byte[] GetBytes(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public byte[]? GetOptionalBytes(int column) => IsNull(column) ? null : GetBytes(column);

    public void Reset()
    {
        raw.sqlite3_reset(handle); // repeats the code of the step that failed, which was reported then
        raw.sqlite3_clear_bindings(handle);
        next = 1;
    }

    public void Dispose() => Reset();

    public void Release() => handle.Dispose();
}
