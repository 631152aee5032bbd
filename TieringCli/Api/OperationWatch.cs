using System.Diagnostics;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli.Api;

/// <summary>Follows an operation until it ends, across restarts of the service.</summary>
/// <param name="api">The service.</param>
/// <param name="patience">How long the service may be away before this gives up; null for ever.</param>
public sealed class OperationWatch(TieringApi api, TimeSpan? patience)
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long the command line waits for a service that went away.</summary>
    public static TimeSpan DefaultPatience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Called with every state seen, at least once.</summary>
    public Action<OperationView> Seen { get; init; } = _ => { };

    /// <summary>Called when the service goes away (true) and when it is back (false).</summary>
    public Action<bool> Away { get; init; } = _ => { };

    /// <summary>Waits for the operation's own end.</summary>
    public Task<Answer<OperationView>> WaitAsync(OperationView operation, CancellationToken cancellation) =>
        WaitAsync(operation, view => view.IsTerminal, Seen, cancellation);

    /// <summary>Waits for the end of the deletion of the operation's source.</summary>
    public Task<Answer<OperationView>> WaitForDeletionAsync(OperationView operation, CancellationToken cancellation) =>
        WaitAsync(operation, view => view.Deletion is { IsTerminal: true }, view => Seen(view.AsDeletion()), cancellation);

    /// <summary>Calls the service again until it answers, with whatever it says; for requests that may be repeated.</summary>
    public async Task<T> InsistAsync<T>(Func<Task<T>> request, CancellationToken cancellation)
    {
        Stopwatch? away = null;
        while (true)
        {
            try
            {
                T answer = await request();
                if (away is not null)
                    Away(false);
                return answer;
            }
            catch (CliException failure) when (IsPassing(failure) && !(away?.Elapsed > patience))
            {
                if (away is null)
                    Away(true);
                away ??= Stopwatch.StartNew();
                await Task.Delay(FirstInterval, cancellation);
            }
        }
    }

    private static bool IsPassing(CliException failure) =>
        failure is ServiceUnreachableException or RequestRefusedException { Status: System.Net.HttpStatusCode.ServiceUnavailable };

    private async Task<Answer<OperationView>> WaitAsync(OperationView operation, Predicate<OperationView> isOver, Action<OperationView> seen, CancellationToken cancellation)
    {
        TimeSpan interval = FirstInterval;
        OperationStatus? last = null;
        while (true)
        {
            Answer<OperationView> answer = await InsistAsync(
                () => api.GetAsync<OperationView>(ApiPaths.Operation(operation), cancellation), cancellation);
            seen(answer.Value);
            if (isOver(answer.Value))
                return answer;
            interval = answer.Value.Status == last ? Min(interval * 1.1, LongestInterval) : FirstInterval;
            last = answer.Value.Status;
            await Task.Delay(interval, cancellation);
        }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
