using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Euphrosyne;

/// <summary>
/// Knows which acceptances this process is still telling the caller, and when it had told them. It is memory only: after a restart there
/// is no connection left on which an answer could be under way.
/// </summary>
public sealed class AnswersUnderWay(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(2); // longer than any callback delay
    private readonly ConcurrentDictionary<OperationKey, Answer> answers = new();

    /// <summary>From now until the response is completely written, the operation's acceptance is under way.</summary>
    public void Begin(OperationKey key, HttpResponse response)
    {
        Answer answer = answers.AddOrUpdate(key, _ => new Answer(1, null), (_, known) => known with { Open = known.Open + 1 });
        if (answer.Open == 1)
            Forget();
        response.OnCompleted(() =>
        {
            answers.AddOrUpdate(key, _ => new Answer(0, time.GetUtcNow()), (_, known) => new Answer(known.Open - 1, time.GetUtcNow()));
            return Task.CompletedTask;
        });
    }

    /// <summary>When the last answer was completely written; the end of time while one is under way; null when this process knows of none.</summary>
    public DateTimeOffset? FindEnd(OperationKey key) => answers.TryGetValue(key, out Answer? answer)
        ? answer.Open > 0 ? DateTimeOffset.MaxValue : answer.EndedAt
        : null;

    private void Forget()
    {
        DateTimeOffset old = time.GetUtcNow() - Kept;
        foreach ((OperationKey key, Answer answer) in answers)
        {
            if (answer.Open == 0 && answer.EndedAt < old)
                answers.TryRemove(KeyValuePair.Create(key, answer));
        }
    }

    private sealed record Answer(int Open, DateTimeOffset? EndedAt);
}
