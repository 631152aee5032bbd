using System.CommandLine;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli.Commands;

/// <summary>What happens after a request was accepted: say so, or stay until it has ended.</summary>
public sealed class OperationFollower(Terminal terminal, ConnectionOptions connection)
{
    /// <summary>Follows the operation itself.</summary>
    public async Task<int> FollowAsync(TieringApi api, Answer<OperationView> accepted, ParseResult parsed, bool wait, CancellationToken cancellation)
    {
        Answer<OperationView> last = wait
            ? await WatchAsync(api, parsed, accepted.Value.TypeName, accepted.Value, (watch, operation) => watch.WaitAsync(operation, cancellation))
            : accepted;
        Print(parsed, last, operation => terminal.Output.WriteOutcome(operation));
        return wait && last.Value.Status == OperationStatus.Failed ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Follows the deletion of the operation's source.</summary>
    public async Task<int> FollowDeletionAsync(TieringApi api, Answer<OperationView> accepted, ParseResult parsed, bool wait, CancellationToken cancellation)
    {
        Answer<OperationView> last = wait
            ? await WatchAsync(api, parsed, "Source deletion", accepted.Value, (watch, operation) => watch.WaitForDeletionAsync(operation, cancellation))
            : accepted;
        Print(parsed, last, operation => terminal.Output.WriteDeletion(operation));
        return wait && last.Value.Deletion?.Status == DeletionStatus.Failed ? ExitCode.Failed : ExitCode.Ok;
    }

    private async Task<Answer<OperationView>> WatchAsync(
        TieringApi api, ParseResult parsed, string what, OperationView operation, Func<OperationWatch, OperationView, Task<Answer<OperationView>>> wait) =>
        // With --json the output is the result alone; how it comes along goes beside it.
        await OperationProgress.ShowAsync(connection.WantsJson(parsed) ? terminal.Error : terminal.Output, $"{what} {operation.Project}", reporter =>
            wait(new OperationWatch(api, OperationWatch.DefaultPatience) { Seen = reporter.See, Away = reporter.SeeService }, operation));

    private void Print(ParseResult parsed, Answer<OperationView> answer, Action<OperationView> write)
    {
        if (connection.WantsJson(parsed))
            terminal.OutputWriter.WriteLine(answer.Json);
        else
            write(answer.Value);
    }
}
