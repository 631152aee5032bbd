using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Sqlite;

/// <summary>The catalogue's rows within one transaction.</summary>
internal sealed partial class CatalogueSession(SqliteConnection connection, DateTimeOffset now, LocalZone zone)
{
    private const string ProjectColumns =
        """
        SELECT slug AS Slug, state AS State, added_at AS AddedAt, last_type AS LastType, last_id AS LastId, holder AS Holder, created_at AS CreatedAt,
               eligible_at AS EligibleAt, restored_at AS RestoredAt, pin AS Pin
        FROM projects LEFT JOIN claims ON project = slug
        """;

    public Project? FindProject(ProjectSlug slug) =>
        connection.QueryFirstOrDefault<ProjectRow>($"{ProjectColumns} WHERE slug = @slug", new { slug = slug.Value })?.ToProject();

    public IReadOnlyList<Project> ListProjects(ProjectSlug? after, int limit) =>
        [.. connection.Query<ProjectRow>($"{ProjectColumns} WHERE slug > @after ORDER BY slug LIMIT @limit", new { after = after?.Value ?? "", limit }).Select(row => row.ToProject())];

    public bool RemoveProject(ProjectSlug slug) =>
        connection.Execute("DELETE FROM runs WHERE project = @slug; DELETE FROM projects WHERE slug = @slug", new { slug = slug.Value }) > 0;

    public void Move(ProjectSlug slug, LifecycleState state) =>
        connection.Execute("UPDATE projects SET state = @state WHERE slug = @slug", new { slug = slug.Value, state = Text.Of(state) });

    public void SetLastOperation(OperationKey key) =>
        connection.Execute("UPDATE projects SET last_type = @type, last_id = @id WHERE slug = @project", Names(key));

    /// <exception cref="ProjectBusyException">Something holds the project.</exception>
    public void CheckFree(ProjectSlug slug)
    {
        if (HolderOf(slug) is { } holder)
            throw new ProjectBusyException(slug, holder);
    }

    /// <summary>What holds the project; null when it is free.</summary>
    public string? HolderOf(ProjectSlug slug) =>
        connection.ExecuteScalar<string?>("SELECT holder FROM claims WHERE project = @slug", new { slug = slug.Value });

    public void Claim(ProjectSlug slug, string holder) =>
        connection.Execute("INSERT INTO claims (project, holder) VALUES (@slug, @holder)", new { slug = slug.Value, holder });

    /// <summary>Whether the holder has the project now; it gets it when the project is free.</summary>
    public bool TryClaim(ProjectSlug slug, string holder)
    {
        connection.Execute("INSERT INTO claims (project, holder) VALUES (@slug, @holder) ON CONFLICT (project) DO NOTHING", new { slug = slug.Value, holder });
        return connection.ExecuteScalar<string?>("SELECT holder FROM claims WHERE project = @slug", new { slug = slug.Value }) == holder;
    }

    /// <summary>Gives claim and slot back, if the holder has them.</summary>
    public void Release(ProjectSlug slug, string holder) => connection.Execute(
        "DELETE FROM claims WHERE project = @slug AND holder = @holder; DELETE FROM slots WHERE holder = @holder",
        new { slug = slug.Value, holder });

    public bool TryTakeSlot(string holder, int limit) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM slots WHERE holder = @holder", new { holder }) > 0
        || connection.Execute("INSERT INTO slots (holder) SELECT @holder WHERE (SELECT count(*) FROM slots) < @limit", new { holder, limit }) > 0;

    /// <exception cref="OperationUnknownException">There is none.</exception>
    public LifecycleOperation Operation(OperationKey key) => FindOperation(key) ?? throw new OperationUnknownException(key);

    public LifecycleOperation? FindOperation(OperationKey key) =>
        Operations("WHERE project = @project AND type = @type AND id = @id", Names(key)) is [LifecycleOperation operation] ? operation : null;

    public IReadOnlyList<LifecycleOperation> FindOperations(Guid id) => Operations("WHERE id = @id ORDER BY sequence", new { id = id.ToString("D") });

    public OperationPage ListOperations(OperationQuery query, long before)
    {
        string filter = (query.Project is null ? "" : " AND project = @project") + (query.Status is null ? "" : " AND status = @status");
        List<(long Sequence, string Body)> rows = [.. connection.Query<(long, string)>(
            $"SELECT sequence, body FROM operations WHERE sequence < @before{filter} ORDER BY sequence DESC LIMIT @limit",
            new { before, project = query.Project?.Value, status = query.Status is { } status ? Text.Of(status) : null, limit = query.Limit + 1 })];
        string? next = Continuation.Cut(rows, query.Limit, row => row.Sequence);
        return new OperationPage([.. rows.Select(row => Text.Record<LifecycleOperation>(row.Body))], next);
    }

    /// <summary>The latest operation that succeeded since the project was registered.</summary>
    public OperationKey? LastSucceeded(ProjectSlug slug)
    {
        List<LifecycleOperation> last = Operations(
            """
            WHERE project = @slug AND status = 'SUCCEEDED' AND sequence > (SELECT since FROM projects WHERE slug = @slug)
            ORDER BY sequence DESC LIMIT 1
            """,
            new { slug = slug.Value });
        return last is [LifecycleOperation operation] ? operation.Key : null;
    }

    public LifecycleState? StateBefore(OperationKey key) => connection.ExecuteScalar<string?>(
        "SELECT state_before FROM operations WHERE project = @project AND type = @type AND id = @id", Names(key)) is { } state
        ? Text.Enum<LifecycleState>(state)
        : null;

    public void Add(LifecycleOperation operation) => connection.Execute(
        "INSERT INTO operations (project, type, id, status, body) VALUES (@project, @type, @id, @status, @body)",
        Names(operation.Key, Text.Of(operation.Status), Text.Json(operation)));

    /// <param name="operation">The record that takes the old one's place.</param>
    /// <param name="before">The project's state when it starts; null leaves what is stored.</param>
    public LifecycleOperation Update(LifecycleOperation operation, LifecycleState? before = null)
    {
        DynamicParameters names = Names(operation.Key, Text.Of(operation.Status), Text.Json(operation));
        names.Add("before", before is { } state ? Text.Of(state) : null);
        connection.Execute(
            """
            UPDATE operations SET status = @status, body = @body, state_before = coalesce(@before, state_before)
            WHERE project = @project AND type = @type AND id = @id
            """,
            names);
        return operation;
    }

    public SourceDeletion? FindDeletion(OperationKey key) => connection.ExecuteScalar<string?>(
        "SELECT body FROM deletions WHERE project = @project AND type = @type AND id = @id", Names(key)) is { } body
        ? Text.Record<SourceDeletion>(body)
        : null;

    public void Put(OperationKey key, SourceDeletion deletion) => connection.Execute(
        """
        INSERT INTO deletions (project, type, id, status, body) VALUES (@project, @type, @id, @status, @body)
        ON CONFLICT (project, type, id) DO UPDATE SET status = excluded.status, body = excluded.body
        """,
        Names(key, Text.Of(deletion.Status), Text.Json(deletion)));

    public IReadOnlyList<UnfinishedWork> ListUnfinished()
    {
        IEnumerable<UnfinishedWork> operations = Operations("WHERE status IN ('PENDING', 'RUNNING') ORDER BY sequence", param: null)
            .Select(operation => new UnfinishedWork(operation.Key, Deletion: null, operation.Status));
        IEnumerable<UnfinishedWork> deletions = connection
            .Query<DeletionRow>(
                """
                SELECT d.project AS Project, d.type AS Type, d.id AS Id, d.body AS Body, o.status AS Status
                FROM deletions d LEFT JOIN operations o ON o.project = d.project AND o.type = d.type AND o.id = d.id
                WHERE d.status = 'RUNNING'
                """)
            .Select(row => row.ToWork());
        return [.. operations, .. deletions];
    }

    public void Send(OperationKey key, bool isDeletion, string payload)
    {
        DynamicParameters names = Names(key);
        names.AddDynamicParams(new { isDeletion, payload, now = Text.Of(now) });
        connection.Execute(
            """
            INSERT INTO outbox (project, type, id, deletion, payload, created_at, status, next_at)
            VALUES (@project, @type, @id, @isDeletion, @payload, @now, 'PENDING', @now)
            """,
            names);
    }

    /// <summary>Has the last result of this operation, or of its deletion, delivered once more; one that has to wait long comes forward.</summary>
    public void SendAgain(OperationKey key, bool isDeletion)
    {
        DynamicParameters names = Names(key);
        names.AddDynamicParams(new { isDeletion, now = Text.Of(now), soon = Text.Of(now + DeliverySchedule.AfterRequest) });
        connection.Execute(
            """
            UPDATE outbox SET status = 'PENDING', attempts = 0, next_at = iif(status = 'PENDING', @soon, @now), round = round + 1, since = @now
            WHERE (status <> 'PENDING' OR next_at > @soon) AND sequence =
              (SELECT max(sequence) FROM outbox WHERE project = @project AND type = @type AND id = @id AND deletion = @isDeletion)
            """,
            names);
    }

    /// <summary>What is still to be told of an earlier deletion is told no more: who asks again knows of it, and would take it for the answer.</summary>
    public void SettleDeletion(OperationKey key) => connection.Execute(
        "UPDATE outbox SET status = 'DELIVERED' WHERE status = 'PENDING' AND project = @project AND type = @type AND id = @id AND deletion = 1",
        Names(key));

    public void Audit(Caller caller, string action, string outcome, ProjectSlug project, string? detail = null) =>
        AuditRows.Add(connection, new AuditEntry(now, caller.Name, action, outcome) { From = caller.From, Project = project.Value, Detail = detail });

    public void Audit(Caller caller, string action, string outcome, OperationKey key, string? detail = null) => AuditRows.Add(
        connection,
        new AuditEntry(now, caller.Name, action, outcome) { From = caller.From, Project = key.Project.Value, Type = key.Type, Operation = key.Id, Detail = detail });

    private static DynamicParameters Names(OperationKey key) =>
        new(new { project = key.Project.Value, type = Text.Of(key.Type), id = key.Id.ToString("D") });

    private static DynamicParameters Names(OperationKey key, string status, string body)
    {
        DynamicParameters names = Names(key);
        names.AddDynamicParams(new { status, body });
        return names;
    }

    private List<LifecycleOperation> Operations(string filter, object? param) =>
        [.. connection.Query<string>($"SELECT body FROM operations {filter}", param).Select(Text.Record<LifecycleOperation>)];

    private sealed record ProjectRow(
        string Slug, string State, string AddedAt, string? LastType, string? LastId, string? Holder, string? CreatedAt, string? EligibleAt, string? RestoredAt, string? Pin)
    {
        public Project ToProject()
        {
            ProjectSlug slug = ProjectSlug.Parse(Slug);
            return new Project(slug, Text.Enum<LifecycleState>(State), Text.Time(AddedAt))
            {
                LastOperation = LastId is null ? null : new OperationKey(slug, Text.Enum<OperationType>(LastType!), Guid.Parse(LastId)),
                Claim = Holder,
                CreatedAt = CreatedAt is null ? null : Text.Time(CreatedAt),
                CoolingEligibleAt = EligibleAt is null ? null : Text.Date(EligibleAt),
                RestoredAt = RestoredAt is null ? null : Text.Time(RestoredAt),
                Pin = Pin is null ? null : Text.Record<ProjectPin>(Pin),
            };
        }
    }

    private sealed record DeletionRow(string Project, string Type, string Id, string Body, string? Status)
    {
        public UnfinishedWork ToWork() => new(
            new OperationKey(ProjectSlug.Parse(Project), Text.Enum<OperationType>(Type), Guid.Parse(Id)),
            Text.Record<SourceDeletion>(Body).Generation,
            Status is null ? OperationStatus.Succeeded : Text.Enum<OperationStatus>(Status)); // in drop-in mode another program may have moved it
    }
}
