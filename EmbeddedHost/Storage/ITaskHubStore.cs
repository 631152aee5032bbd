using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>
/// Where a task hub lies. <see cref="Commit"/> and <see cref="Close"/> are called by one thread at a time; all else is safe for concurrent
/// use, and sees what was committed.
/// </summary>
internal interface ITaskHubStore : IDisposable
{
    /// <summary>A number that no instance had or has.</summary>
    long NextInstance();

    /// <summary>Reads what has to be gone on with, and notes that the store is in use.</summary>
    Leftovers Open();

    /// <summary>Applies a group in order and makes it durable: after a crash all of it is there, or nothing.</summary>
    /// <returns>One result for each operation.</returns>
    /// <exception cref="TaskHubUnavailableException">Nothing was applied; the same group may succeed later.</exception>
    IReadOnlyList<OperationResult> Commit(IReadOnlyList<StoreOperation> group);

    /// <summary>Notes that the store was left in order.</summary>
    void Close();

    /// <summary>Null when there is none.</summary>
    StoredInstance? Find(long instance);

    /// <inheritdoc cref="Find(long)"/>
    StoredInstance? Find(string id);

    /// <summary>Rows of the current generation, the start row first, in their stored form.</summary>
    IReadOnlyList<byte[]> ReadHistory(long instance);

    /// <summary>The start row of the current generation; null when there is none.</summary>
    byte[]? ReadStart(long instance);

    /// <summary>The input of an activity that has not ended.</summary>
    string? ReadActivityInput(long instance, int taskId);

    /// <summary>Instances by time of creation and number; by id, when a prefix is given and not only those that have not ended.</summary>
    IReadOnlyList<StoredInstance> List(InstanceFilter filter);

    /// <summary>How many instances have not ended.</summary>
    int CountLive();

    /// <summary>Timers by due time and number, those after the given one only.</summary>
    IReadOnlyList<StoredTimer> ReadTimers(StoredTimer? after, int limit);

    /// <summary>Null when the function never had one.</summary>
    ScheduleStatus? ReadSchedule(string name);

    /// <summary>Copies the whole task hub, while it is in use, to a file that does not exist.</summary>
    void BackUp(string path, CancellationToken cancellation);
}
