using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Bench;

/// <summary>What one durable commit costs on this disk.</summary>
internal static class CommitProbe
{
    /// <summary>The median of single commits in WAL mode with full synchronization.</summary>
    public static double MedianMilliseconds(string folder)
    {
        SqliteLibrary.Use();
        string path = Path.Combine(folder, "probe.db");
        using SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS probe (number INTEGER PRIMARY KEY, text TEXT)";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT INTO probe (text) VALUES ('one row of some length, as a step of an orchestration has')";
        command.Prepare();
        double[] times = new double[500];
        for (int i = 0; i < times.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            command.ExecuteNonQuery();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        return Load.Median(times);
    }
}
