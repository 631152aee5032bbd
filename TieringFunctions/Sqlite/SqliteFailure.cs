using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Sqlite;

/// <summary>Turns SQLite's failures into ours. Source: sqlite.org/rescode.html.</summary>
internal static class SqliteFailure
{
    public static CatalogueUnavailableException Translate(SqliteException failure) => new(Reason(failure), failure);

    private static string Reason(SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 or 6 => "another process has locked it",
        8 => "it is read-only",
        10 => "the disk reported an input or output error",
        11 => "the file is corrupt",
        13 => "the disk is full",
        14 => "the file could not be opened",
        26 => "the file is not a database",
        _ => $"SQLite error {failure.SqliteErrorCode}, extended {failure.SqliteExtendedErrorCode}",
    };
}
