using System.Runtime.ExceptionServices;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

internal sealed partial class OrchestrationContext
{
    private async Task<T> WithRetriesAsync<T>(TaskName name, bool isActivity, TaskRetryOptions? retry, Func<Task<T>> attempt)
    {
        try
        {
            return retry switch
            {
                { Policy: { } policy } => await ByPolicyAsync(name, policy, attempt),
                { Handler: { } handler } => await ByHandlerAsync(name, handler, attempt),
                _ => await attempt(),
            };
        }
        catch (TaskFault fault)
        {
            throw fault.ToException(name, isActivity);
        }
    }

    /// <summary>Waits and attempts exactly as the original engine does, the timer after the last attempt included.</summary>
    private async Task<T> ByPolicyAsync<T>(TaskName name, RetryPolicy policy, Func<Task<T>> attempt)
    {
        DateTime first = now;
        for (int number = 1; ; number++)
        {
            ExceptionDispatchInfo failure;
            try
            {
                return await attempt();
            }
            catch (Exception error) when (error is not TaskFault { CanRetry: false })
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }

            if (number >= policy.MaxNumberOfAttempts)
            {
                await TimerAsync(now, CancellationToken.None); // the original engine has it, and counts it
                failure.Throw();
            }
            TimeSpan wait = Wait(policy, number, first, failure.SourceException);
            if (wait == TimeSpan.Zero)
                failure.Throw();
            await TimerAsync(now + wait, CancellationToken.None);
            CountRetry(name);
        }
    }

    private async Task<T> ByHandlerAsync<T>(TaskName name, AsyncRetryHandler handler, Func<Task<T>> attempt)
    {
        DateTime first = now;
        for (int number = 1; ; number++)
        {
            try
            {
                return await attempt();
            }
            catch (TaskFault fault) when (fault.CanRetry)
            {
                RetryContext context = new(this, number, fault.Failure, now - first, CancellationToken.None);
                if (!await handler(context))
                    throw;
                CountRetry(name);
            }
        }
    }

    private void CountRetry(TaskName name)
    {
        if (!replaying)
            Metering.Retries.Add(1, new KeyValuePair<string, object?>("name", name.Name));
    }

    /// <summary>Zero when there is to be no further attempt.</summary>
    private TimeSpan Wait(RetryPolicy policy, int attempts, DateTime first, Exception failure)
    {
        if (!IsHandled(policy, failure))
            return TimeSpan.Zero;
        if (policy.RetryTimeout != Timeout.InfiniteTimeSpan && now - first >= policy.RetryTimeout)
            return TimeSpan.Zero;
        double milliseconds = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, attempts - 1);
        double longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue.TotalMilliseconds : policy.MaxRetryInterval.TotalMilliseconds;
        return milliseconds < longest ? TimeSpan.FromMilliseconds(milliseconds) : policy.MaxRetryInterval;
    }

    private static bool IsHandled(RetryPolicy policy, Exception failure)
    {
        if (policy.HandleFailure is null)
            return true;
        try
        {
            return failure is TaskFault fault && policy.HandleFailure(fault.Failure);
        }
        catch (Exception)
        {
            return false; // a predicate that throws ends the retries with the original error
        }
    }
}
