using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>Chooses the SQLite library of this process.</summary>
public static class SqliteLibrary
{
    private const string SystemLibrary = "libsqlite3.so.0";

    private static readonly Lazy<bool> Chosen = new(Choose);

    /// <summary>
    /// Takes the system's library, which gets security updates, where there is one, else the bundled one. To be called before the first
    /// connection; calling it again changes nothing. Returns whether it is the system's.
    /// </summary>
    public static bool Use() => Chosen.Value;

    private static bool Choose()
    {
        bool system = OperatingSystem.IsLinux() && NativeLibrary.TryLoad(SystemLibrary, out _);
        if (system)
            NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, Resolve);
        SQLitePCL.Batteries_V2.Init();
        using SqliteConnection connection = new("Data Source=:memory:");
        connection.Open(); // fails here, clearly, rather than in the middle of something
        return system;
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) =>
        library == "e_sqlite3" && NativeLibrary.TryLoad(SystemLibrary, out nint handle) ? handle : 0;
}
