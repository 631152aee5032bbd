using System.Text.Json;
using SQLitePCL;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

internal sealed partial class SqliteTaskHubStore
{
    private const string Columns = """
        number, id, name, version, status, generation, created, updated, custom, output, failure, tags, trace,
        parent, parent_task, parent_id, parent_name, suspicions, aside,
        (SELECT due FROM timers WHERE instance = instances.number AND task = -1)
        """;

    public StoredInstance? Find(long instance) => Read(database =>
    {
        using HubStatement statement = database.Prepare($"SELECT {Columns} FROM instances WHERE number = ?").Bind(instance);
        return statement.Step() ? ReadInstance(statement) : null;
    });

    public StoredInstance? Find(string id) => Read(database =>
    {
        using HubStatement statement = database.Prepare($"SELECT {Columns} FROM instances WHERE id = ?").Bind(id);
        return statement.Step() ? ReadInstance(statement) : null;
    });

    public IReadOnlyList<byte[]> ReadHistory(long instance) => Read(database =>
    {
        using HubStatement statement = database.Prepare("SELECT data FROM history WHERE instance = ? ORDER BY row").Bind(instance);
        List<byte[]> rows = [];
        while (statement.Step())
            rows.Add(statement.GetBytes(0));
        return rows;
    });

    public byte[]? ReadStart(long instance) => Read(database =>
    {
        using HubStatement statement = database.Prepare("SELECT data FROM history WHERE instance = ? AND row = 0").Bind(instance);
        return statement.Step() ? statement.GetBytes(0) : null;
    });

    public string? ReadActivityInput(long instance, int taskId) => Read(database =>
    {
        using HubStatement statement = database.Prepare("SELECT input FROM activities WHERE instance = ? AND task = ?").Bind(instance).Bind(taskId);
        return statement.Step() ? statement.GetOptionalText(0) : null;
    });

    public IReadOnlyList<StoredTimer> ReadTimers(StoredTimer? after, int limit) => Read(database =>
    {
        using HubStatement statement = after is null
            ? database.Prepare("SELECT instance, task, due FROM timers ORDER BY due, instance, task LIMIT ?").Bind(limit)
            : database.Prepare("SELECT instance, task, due FROM timers WHERE (due, instance, task) > (?, ?, ?) ORDER BY due, instance, task LIMIT ?")
                .Bind(after.Due).Bind(after.Instance).Bind(after.TaskId).Bind(limit);
        List<StoredTimer> timers = [];
        while (statement.Step())
            timers.Add(new(statement.GetNumber(0), statement.GetInt32(1), statement.GetTime(2)));
        return timers;
    });

    public ScheduleStatus? ReadSchedule(string name) => Read(database =>
    {
        using HubStatement statement = database.Prepare("SELECT last, next, updated FROM schedules WHERE name = ?").Bind(name);
        return statement.Step()
            ? new ScheduleStatus { Last = statement.GetTime(0), Next = statement.GetTime(1), LastUpdated = statement.GetTime(2) }
            : null;
    });

    public void BackUp(string path, CancellationToken cancellation)
    {
        if (File.Exists(path))
            throw new IOException($"The file {path} exists; a back-up replaces nothing.");
        Read(source =>
        {
            HubFile.Prepare(path);
            using HubDatabase target = new(path, readOnly: false);
            using sqlite3_backup backup = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
            int code;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                code = raw.sqlite3_backup_step(backup, 1000);
            }
            while (code is raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED);
            target.Check(code);
            return 0;
        });
    }

    private static StoredInstance ReadInstance(HubStatement row) => new()
    {
        Number = row.GetNumber(0),
        Id = row.GetText(1),
        Name = row.GetText(2),
        Version = row.GetText(3),
        Status = (OrchestrationRuntimeStatus)row.GetInt32(4),
        Generation = row.GetInt32(5),
        Created = row.GetTime(6),
        Updated = row.GetTime(7),
        CustomStatus = row.GetOptionalText(8),
        Output = row.GetOptionalText(9),
        Failure = row.GetOptionalBytes(10) is { } failure ? HistoryCodec.DecodeFailure(failure) : null,
        Tags = row.GetOptionalText(11) is { } tags ? JsonSerializer.Deserialize<Dictionary<string, string>>(tags) : null,
        Trace = row.GetOptionalText(12),
        Parent = row.IsNull(13) ? null : new(row.GetNumber(13), row.GetInt32(14), row.GetText(15), row.GetText(16)),
        Suspicions = row.GetInt32(17),
        SetAside = row.GetOptionalText(18),
        StartDue = row.IsNull(19) ? null : row.GetTime(19),
    };

    private List<long> ReadPending()
    {
        using HubStatement statement = writer.Prepare("""
            SELECT number FROM instances WHERE status IN (0, 6, 7) AND aside IS NULL
            AND NOT EXISTS (SELECT 1 FROM history WHERE instance = instances.number AND row = 1)
            AND NOT EXISTS (SELECT 1 FROM timers WHERE instance = instances.number AND task = -1)
            ORDER BY number
            """);
        List<long> pending = [];
        while (statement.Step())
            pending.Add(statement.GetNumber(0));
        return pending;
    }

    private List<StoredActivity> ReadActivities()
    {
        using HubStatement statement = writer.Prepare("SELECT instance, task, name, suspicions FROM activities ORDER BY instance, task");
        List<StoredActivity> activities = [];
        while (statement.Step())
            activities.Add(new(statement.GetNumber(0), statement.GetInt32(1), statement.GetText(2), statement.GetInt32(3)));
        return activities;
    }

    private List<Delivery> ReadInboxes()
    {
        using HubStatement statement = writer.Prepare("SELECT instance, number, data FROM inbox ORDER BY number");
        List<Delivery> messages = [];
        while (statement.Step())
            messages.Add(new(statement.GetNumber(0), statement.GetNumber(1), ReadMessage(statement.GetBytes(2))));
        return messages;
    }

    private static HistoryEvent ReadMessage(byte[] data)
    {
        try
        {
            return HistoryCodec.DecodeMessage(data);
        }
        catch (HistoryCorruptException corrupt)
        {
            return new Unreadable(corrupt.Message); // its instance is set aside; the others go on
        }
    }
}
