namespace Tiering.Core.Transfers.AzCopy;

/// <summary>How long AzCopy may leave us waiting. It never ends by itself when nobody answers it, when it asks a question, or when it hangs.</summary>
public sealed record AzCopyPatience
{
    /// <summary>TIERING_STALL_MINUTES: without any progress for so long, it is ended and resumed.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Without progress for so long, both storages are asked whether they answer at all.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a storage may take to answer that.</summary>
    public TimeSpan Reach { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it may take to tell the id of its job.</summary>
    public TimeSpan JobId { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long it may take to tell of a job from its plan.</summary>
    public TimeSpan Show { get; init; } = TimeSpan.FromMinutes(1);
}
