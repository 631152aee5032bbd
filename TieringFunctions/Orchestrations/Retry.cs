using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Functions.Orchestrations;

/// <summary>How activities are tried again. What a repeat cannot mend, activities return; what they throw is worth another try.</summary>
public static class Retry
{
    /// <summary>About two minutes: for what has another way out, the operation's failure.</summary>
    public static TaskOptions Transient { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(8, TimeSpan.FromSeconds(1), 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    /// <summary>For what must happen whatever it takes: an outcome that is not recorded would hold its project for ever.</summary>
    public static TaskOptions Forever { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(1_000_000, TimeSpan.FromSeconds(1), 2, maxRetryInterval: TimeSpan.FromMinutes(5))
        {
            HandleFailure = failure => !failure.IsCausedBy<OperationUnknownException>(), // a row that is gone does not come back
        });

    /// <summary>What an activity that was given up means for its operation.</summary>
    /// <param name="failure">How it ended the last time.</param>
    /// <param name="code">For what has no name of its own.</param>
    public static OperationError ErrorOf(TaskFailedException failure, string code) => failure.FailureDetails.IsCausedBy<StoreUnavailableException>()
        ? new OperationError("store-unavailable", failure.FailureDetails.ErrorMessage)
        : new OperationError(code, $"{failure.TaskName} failed: {failure.FailureDetails.ErrorMessage}");
}
