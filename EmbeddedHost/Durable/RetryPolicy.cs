namespace Tiering.EmbeddedHost.Durable;

/// <summary>How often, and after which waits, a failed activity or sub-orchestration is tried again.</summary>
public class RetryPolicy
{
    /// <param name="maxNumberOfAttempts">The first one included; at least 1.</param>
    /// <param name="firstRetryInterval">The wait before the second attempt; more than zero.</param>
    /// <param name="backoffCoefficient">Each later wait is the one before times this; at least 1.</param>
    /// <param name="maxRetryInterval">The longest wait; one hour when null.</param>
    /// <param name="retryTimeout">No wait is begun later than this after the first attempt; without end when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of these rules is broken.</exception>
    public RetryPolicy(
        int maxNumberOfAttempts,
        TimeSpan firstRetryInterval,
        double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null,
        TimeSpan? retryTimeout = null)
    {
        Require(maxNumberOfAttempts > 0, nameof(maxNumberOfAttempts), maxNumberOfAttempts, "greater than zero");
        Require(firstRetryInterval > TimeSpan.Zero, nameof(firstRetryInterval), firstRetryInterval, "greater than zero");
        Require(backoffCoefficient >= 1.0, nameof(backoffCoefficient), backoffCoefficient, "greater or equal to 1.0");
        Require(NotBelowFirst(maxRetryInterval), nameof(maxRetryInterval), maxRetryInterval, "greater or equal to the value for firstRetryInterval");
        Require(NotBelowFirst(retryTimeout), nameof(retryTimeout), retryTimeout, "greater or equal to the value for firstRetryInterval");

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval ?? TimeSpan.FromHours(1);
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;

        bool NotBelowFirst(TimeSpan? value) => value is null || value == Timeout.InfiniteTimeSpan || value >= firstRetryInterval;
    }

    public int MaxNumberOfAttempts { get; }

    public TimeSpan FirstRetryInterval { get; }

    public double BackoffCoefficient { get; }

    public TimeSpan MaxRetryInterval { get; }

    /// <summary><see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>Whether a failure is worth another attempt; all are by default. Must be deterministic: it is replayed.</summary>
    public Func<TaskFailureDetails, bool>? HandleFailure { internal get; init; }

    private static void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"The value for {name} must be {rule}.");
    }
}
