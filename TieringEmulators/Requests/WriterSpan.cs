namespace Tiering.Emulators.Requests;

/// <summary>From the beginning of a writer's first write to the end of its last one.</summary>
/// <param name="Writer">What names the writer.</param>
/// <param name="Start">When its first write began.</param>
/// <param name="End">When its last write ended.</param>
/// <param name="Writes">How many there were.</param>
public sealed record WriterSpan(string Writer, DateTimeOffset Start, DateTimeOffset End, int Writes)
{
    /// <summary>The spans of all writers, by their beginning. Where no two overlap, there were never two writers.</summary>
    /// <param name="requests">Requests that ended; those that write nothing are passed over.</param>
    /// <param name="writerOf">Names who sent a request; by the User-Agent when AzCopy was given an AZCOPY_USER_AGENT_PREFIX of its own.</param>
    public static IReadOnlyList<WriterSpan> Of(IEnumerable<RequestRecord> requests, Func<RequestRecord, string> writerOf) =>
    [
        .. requests.Where(request => request.Writes && request.End is not null)
            .GroupBy(writerOf, StringComparer.Ordinal)
            .Select(group => new WriterSpan(group.Key, group.Min(r => r.Start), group.Max(r => r.End!.Value), group.Count()))
            .OrderBy(span => span.Start),
    ];

    /// <summary>The first two spans that overlap; null when none do.</summary>
    public static (WriterSpan First, WriterSpan Second)? Overlap(IReadOnlyList<WriterSpan> spans)
    {
        WriterSpan? last = null;
        foreach (WriterSpan span in spans.OrderBy(span => span.Start))
        {
            if (last is not null && span.Start < last.End)
                return (last, span);
            if (last is null || span.End > last.End)
                last = span;
        }
        return null;
    }
}
