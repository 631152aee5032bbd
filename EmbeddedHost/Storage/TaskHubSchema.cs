using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>The tables of a task hub, and how an older file comes to have them.</summary>
internal static class TaskHubSchema
{
    /// <summary>One entry for each version, the oldest first; entries never change.</summary>
    private static readonly string[] Versions =
    [
        """
        CREATE TABLE instances (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            status INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            custom TEXT,
            output TEXT,
            failure BLOB,
            tags TEXT,
            trace TEXT,
            parent INTEGER,
            parent_task INTEGER,
            parent_id TEXT,
            parent_name TEXT,
            suspicions INTEGER NOT NULL DEFAULT 0,
            aside TEXT);
        CREATE UNIQUE INDEX instances_id ON instances (id);
        CREATE INDEX instances_status ON instances (status, number);
        CREATE INDEX instances_created ON instances (created);
        CREATE INDEX instances_parent ON instances (parent) WHERE parent IS NOT NULL;
        CREATE INDEX instances_aside ON instances (number) WHERE aside IS NOT NULL;
        CREATE TABLE history (instance INTEGER NOT NULL, row INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (instance, row)) WITHOUT ROWID;
        CREATE TABLE inbox (instance INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (instance, number)) WITHOUT ROWID;
        CREATE TABLE activities (
            instance INTEGER NOT NULL,
            task INTEGER NOT NULL,
            name TEXT NOT NULL,
            input TEXT,
            suspicions INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (instance, task)) WITHOUT ROWID;
        CREATE TABLE timers (instance INTEGER NOT NULL, task INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (instance, task)) WITHOUT ROWID;
        CREATE INDEX timers_due ON timers (due, instance, task);
        CREATE TABLE schedules (name TEXT PRIMARY KEY COLLATE NOCASE, last INTEGER NOT NULL, next INTEGER NOT NULL, updated INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
        """
        DROP INDEX instances_status;
        DROP INDEX instances_aside;
        CREATE INDEX instances_status ON instances (status, created);
        CREATE INDEX instances_aside ON instances (created) WHERE aside IS NOT NULL;
        """,
    ];

    /// <exception cref="TaskHubUnavailableException">The file is of a newer version.</exception>
    public static void Apply(HubDatabase database)
    {
        long version = RequireKnown(database);
        for (; version < Versions.Length; version++)
            database.Execute($"BEGIN IMMEDIATE; {Versions[version]} PRAGMA user_version = {version + 1}; COMMIT;");
    }

    /// <summary>Returns the file's version.</summary>
    /// <inheritdoc cref="Apply"/>
    public static long RequireKnown(HubDatabase database)
    {
        long version = database.ReadNumber("PRAGMA user_version");
        return version <= Versions.Length
            ? version
            : throw new TaskHubUnavailableException(
                $"The task hub has version {version} and this program knows up to {Versions.Length}. Run the newer program, or restore a back-up.");
    }
}
