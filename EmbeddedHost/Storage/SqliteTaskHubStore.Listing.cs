using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>
/// Lists of instances. Each kind of filter has its own way along an index in the order of the list, so that a page costs the same however
/// many instances there are; the way is named, because SQLite would choose it by guess.
/// </summary>
internal sealed partial class SqliteTaskHubStore
{
    private const string Created = "created >= ?3 AND created <= ?4";
    private const string BehindLast = "NOT (created = ?1 AND number <= ?2)";
    private const string HasPrefix = "id >= ?5 AND id < ?6";

    public IReadOnlyList<StoredInstance> List(InstanceFilter filter) => Read(database =>
    {
        DateTime from = filter.CreatedFrom ?? DateTime.MinValue;
        string prefix = filter.Prefix ?? "";
        InstanceCursor? after = filter.After;
        bool byId = IsById(filter);
        using HubStatement statement = database.Prepare(Query(filter))
            .Bind(after?.Created.Ticks ?? -1)
            .Bind(after?.Number ?? -1)
            .Bind(after is not null && !byId && after.Created > from ? after.Created : from)
            .Bind(filter.CreatedTo ?? DateTime.MaxValue)
            .Bind(after is not null && byId && string.CompareOrdinal(after.Id, prefix) > 0 ? after.Id : prefix)
            .Bind(prefix + char.ConvertFromUtf32(0x10FFFF))
            .Bind(after?.Id)
            .Bind(filter.Limit);
        List<StoredInstance> found = [];
        while (statement.Step())
            found.Add(ReadInstance(statement));
        return found;
    });

    public int CountLive() => Read(database =>
    {
        using HubStatement statement = database.Prepare("SELECT count(*) FROM instances INDEXED BY instances_status WHERE status IN (0, 6, 7)");
        return statement.Step() ? statement.GetInt32(0) : 0;
    });

    /// <summary>The statement for this filter; parameters 1 to 8 are those of <see cref="List"/>.</summary>
    internal static string Query(InstanceFilter filter)
    {
        bool hasPrefix = !string.IsNullOrEmpty(filter.Prefix);
        string prefix = hasPrefix ? $" AND {HasPrefix}" : "";
        int[] statuses = [.. (filter.Statuses ?? []).Select(status => (int)status).Distinct().Order()];
        if (IsById(filter))
        {
            string among = statuses.Length == 0 ? "" : $" AND status IN ({string.Join(", ", statuses)})";
            return $"SELECT {Columns} FROM instances INDEXED BY instances_id WHERE {HasPrefix} AND id IS NOT ?7 AND {Created}{among} ORDER BY id LIMIT ?8";
        }
        if (filter.SetAside)
            return $"SELECT {Columns} FROM instances INDEXED BY instances_aside WHERE aside IS NOT NULL AND {Created} AND {BehindLast} ORDER BY created, number LIMIT ?8";
        if (statuses.Length == 0)
            return $"SELECT {Columns} FROM instances INDEXED BY instances_created WHERE {Created} AND {BehindLast} ORDER BY created, number LIMIT ?8";
        IEnumerable<string> parts = statuses.Select(status =>
            $"SELECT {Columns} FROM instances INDEXED BY instances_status WHERE status = {status} AND {Created} AND {BehindLast}{prefix}");
        return $"{string.Join(" UNION ALL ", parts)} ORDER BY created, number LIMIT ?8";
    }

    /// <summary>Whether the list goes by id. Not for the few that have not ended: among them any prefix is found soon.</summary>
    private static bool IsById(InstanceFilter filter) => !string.IsNullOrEmpty(filter.Prefix)
        && !(filter.Statuses is { Count: > 0 } statuses && statuses.All(status => !IsEnd(status)));
}
