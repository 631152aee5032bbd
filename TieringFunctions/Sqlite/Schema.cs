using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Sqlite;

/// <summary>
/// The schema of <c>tiering.db</c>. Its version is the number of steps taken; a step that has been released never changes, a new one is
/// added at the end. Records are kept as JSON with the columns that queries need beside them.
/// </summary>
internal static class Schema
{
    private const long ApplicationId = 0x54494552; // "TIER"

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE projects (
          slug TEXT PRIMARY KEY,
          state TEXT NOT NULL,
          added_at TEXT NOT NULL,
          since INTEGER NOT NULL,                          -- operations up to this one belong to an earlier registration
          last_type TEXT,
          last_id TEXT
        ) WITHOUT ROWID;

        CREATE TABLE operations (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,      -- the order of acceptance
          project TEXT NOT NULL,
          type TEXT NOT NULL,
          id TEXT NOT NULL,
          status TEXT NOT NULL,
          state_before TEXT,                               -- the project's state when it started; null before, and in drop-in mode
          body TEXT NOT NULL,
          UNIQUE (project, type, id)
        );
        CREATE INDEX operations_id ON operations (id);
        CREATE INDEX operations_project ON operations (project);
        CREATE INDEX operations_status ON operations (status);
        CREATE INDEX operations_project_status ON operations (project, status);

        CREATE TABLE deletions (
          project TEXT NOT NULL,
          type TEXT NOT NULL,
          id TEXT NOT NULL,
          status TEXT NOT NULL,
          body TEXT NOT NULL,
          PRIMARY KEY (project, type, id)
        ) WITHOUT ROWID;
        CREATE INDEX deletions_running ON deletions (project) WHERE status = 'RUNNING';

        CREATE TABLE claims (project TEXT PRIMARY KEY, holder TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE slots (holder TEXT PRIMARY KEY) WITHOUT ROWID;

        CREATE TABLE outbox (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,
          project TEXT NOT NULL,
          type TEXT NOT NULL,
          id TEXT NOT NULL,
          deletion INTEGER NOT NULL,
          payload TEXT NOT NULL,
          created_at TEXT NOT NULL,
          status TEXT NOT NULL,
          attempts INTEGER NOT NULL DEFAULT 0,
          next_at TEXT NOT NULL,
          last_error TEXT
        );
        CREATE INDEX outbox_operation ON outbox (project, type, id);
        CREATE INDEX outbox_status ON outbox (status);
        CREATE INDEX outbox_due ON outbox (next_at) WHERE status = 'PENDING';

        CREATE TABLE audit (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,
          at TEXT NOT NULL,
          project TEXT,
          body TEXT NOT NULL
        );
        CREATE INDEX audit_at ON audit (at);
        CREATE INDEX audit_project ON audit (project, at);
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

        CREATE TABLE tokens (hash TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL) WITHOUT ROWID;
        """,
        """
        ALTER TABLE projects ADD COLUMN created_at TEXT;
        ALTER TABLE projects ADD COLUMN eligible_at TEXT;         -- a date; null until it is computed for the zone that the facts name
        ALTER TABLE projects ADD COLUMN restored_at TEXT;         -- when the last RESTORE succeeded
        ALTER TABLE projects ADD COLUMN pinned_until TEXT;        -- a date, not included; 9999-12-31 for no end
        ALTER TABLE projects ADD COLUMN pin TEXT;
        UPDATE projects SET created_at = added_at, restored_at =
          (SELECT max(strftime('%Y-%m-%dT%H:%M:%f', json_extract(body, '$.finishedAt')) || '0000Z') FROM operations
           WHERE project = slug AND status = 'SUCCEEDED' AND type = 'RESTORE' AND sequence > since);
        -- all that a night asks: it never reads the table
        CREATE INDEX projects_night ON projects (eligible_at, slug, restored_at, pinned_until, state) WHERE state = 'HOT';

        CREATE TABLE runs (
          project TEXT NOT NULL,
          id TEXT NOT NULL,
          start_at TEXT,
          end_at TEXT,
          embargo TEXT,
          PRIMARY KEY (project, id)
        ) WITHOUT ROWID;

        CREATE TABLE nights (date TEXT PRIMARY KEY, status TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; -- what the service remembers of itself
        """,
        """
        ALTER TABLE outbox ADD COLUMN round INTEGER NOT NULL DEFAULT 1;  -- how often it was put in
        ALTER TABLE outbox ADD COLUMN since TEXT;                        -- when it was put in again; null: created_at
        CREATE INDEX outbox_waiting ON outbox (project, sequence) WHERE status = 'PENDING';
        """,
    ];

    /// <exception cref="CatalogueVersionException">A newer program has written the file.</exception>
    /// <exception cref="CatalogueUnavailableException">The file belongs to something else.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false); // two that start at once do not both migrate
        long version = connection.ExecuteScalar<long>("PRAGMA user_version");
        long application = connection.ExecuteScalar<long>("PRAGMA application_id");
        bool isEmpty = connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master") == 0;
        if (application != ApplicationId && !(isEmpty && version == 0))
            throw new CatalogueUnavailableException("the file was not made by Tiering", inner: null);
        if (version > Steps.Length)
            throw new CatalogueVersionException(version, Steps.Length);
        if (version == Steps.Length)
            return;
        foreach (string step in Steps.Skip((int)version))
            connection.Execute(step);
        connection.Execute(FormattableString.Invariant($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Steps.Length};"));
        transaction.Commit();
    }
}
