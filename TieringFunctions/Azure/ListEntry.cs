using System.Globalization;

namespace Tiering.Functions.Azure;

/// <summary>
/// An entry of a list: it says that a row of the catalogue belongs there, and where that row lies. A list serves what a partition cannot: all
/// projects by name, operations newest first, what is due. Entries are written before the row is, and removed after it; so one that the row does
/// not confirm is passed over, and a row that is stored is in all its lists.
/// </summary>
/// <param name="List">Which list: the partition of the entry.</param>
/// <param name="Key">The place in its order.</param>
internal readonly record struct ListEntry(string List, string Key)
{
    public const string Projects = "projects";
    public const string CoolableProjects = "projects-coolable";
    public const string Operations = "operations";
    public const string RunningDeletions = "deletions-running";
    public const string RunningNights = "nights-running";
    public const string Outbox = "outbox";
    public const string DueOutbox = "outbox-due";
    public const string Audit = "audit";

    /// <summary>Above every key.</summary>
    public const string End = "~";

    /// <summary>Whether the key alone names the row, so that no other row may have this entry.</summary>
    public bool IsUnique => List == Outbox;

    public static string OperationsOf(Guid id) => $"operations-{id:D}";

    /// <summary>The list of what has a status: <c>operations-failed</c>, <c>outbox-parked</c>.</summary>
    public static string WithStatus(string list, string status) => $"{list}-{status.ToLowerInvariant()}";

    /// <summary>A number so that the order of the texts is the order of the numbers.</summary>
    public static string Ascending(long number) => number.ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>A number so that the order of the texts is the other way round: the newest first.</summary>
    public static string Descending(long number) => Ascending(long.MaxValue - number);
}
