using Tiering.Core.Catalogue;

namespace Tiering.Functions.Orchestrations;

/// <summary>How activities are tried again. What a repeat cannot mend, activities return; what they throw is worth another try.</summary>
public static class Retry
{
    /// <summary>About ten minutes: for what has another way out, the operation's failure.</summary>
    public static TaskOptions Transient { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(14, TimeSpan.FromSeconds(1), 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    /// <summary>For what must happen whatever it takes: an outcome that is not recorded would hold its project for ever.</summary>
    public static TaskOptions Forever { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(1_000_000, TimeSpan.FromSeconds(1), 2, maxRetryInterval: TimeSpan.FromMinutes(5))
        {
            HandleFailure = failure => !failure.IsCausedBy<OperationUnknownException>(), // a row that is gone does not come back
        });
}
