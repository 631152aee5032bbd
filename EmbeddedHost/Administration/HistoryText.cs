using System.Globalization;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>A history as lines that a person can read. Payloads are left out: they may be large, or nobody's business.</summary>
internal static class HistoryText
{
    public static IReadOnlyList<string> Of(IReadOnlyList<byte[]> rows)
    {
        List<string> lines = [];
        for (int i = 0; i < rows.Count; i++)
        {
            try
            {
                HistoryStep step = HistoryCodec.DecodeStep(rows[i]);
                lines.AddRange(step.Told.Select(item => Line(i, step.Time, "told", Describe(item))));
                lines.AddRange(step.Done.Select(item => Line(i, step.Time, "did", ReplayCheck.Describe(item))));
            }
            catch (HistoryCorruptException corrupt)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"step {i}: {corrupt.Message}"));
            }
        }
        return lines;
    }

    private static string Line(int step, DateTime time, string verb, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"step {step}, {time:yyyy-MM-dd HH:mm:ss.fff}Z: {verb} {what}");

    private static string Describe(HistoryEvent item) => item switch
    {
        ExecutionStarted => "to start",
        TaskCompleted completed => string.Create(CultureInfo.InvariantCulture, $"that #{completed.TaskId} returned"),
        TaskFailed failed => string.Create(CultureInfo.InvariantCulture, $"that #{failed.TaskId} failed: {failed.Failure}"),
        TimerFired fired => string.Create(CultureInfo.InvariantCulture, $"that timer #{fired.TaskId} fired"),
        EventRaised raised => $"of the event '{raised.Name}'",
        ExecutionSuspended suspended => $"to wait: {suspended.Reason}",
        ExecutionResumed resumed => $"to go on: {resumed.Reason}",
        ExecutionTerminated => "to end",
        ExecutionFaulted faulted => $"that it broke a rule: {faulted.Failure}",
        _ => item.GetType().Name,
    };
}
