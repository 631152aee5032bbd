using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Turns steps and messages into bytes and back. Tags are for ever: a new meaning takes a new tag.</summary>
internal static class HistoryCodec
{
    private const byte Format = 1;

    public static byte[] Encode(HistoryStep step)
    {
        HistoryWriter writer = new();
        writer.WriteByte(Format);
        writer.WriteTime(step.Time);
        WriteAll(writer, step.Told);
        WriteAll(writer, step.Done);
        return writer.ToArray();
    }

    public static byte[] Encode(HistoryEvent message)
    {
        HistoryWriter writer = new();
        writer.WriteByte(Format);
        Write(writer, message);
        return writer.ToArray();
    }

    public static byte[] Encode(TaskFailureDetails failure)
    {
        HistoryWriter writer = new();
        writer.WriteByte(Format);
        writer.WriteFailure(failure);
        return writer.ToArray();
    }

    /// <exception cref="HistoryCorruptException">These bytes are not what was written.</exception>
    public static HistoryStep DecodeStep(ReadOnlySpan<byte> data)
    {
        HistoryReader reader = Open(data);
        HistoryStep step = new(reader.ReadTime(), ReadAll(ref reader), ReadAll(ref reader));
        return reader.AtEnd ? step : throw new HistoryCorruptException("something follows its end");
    }

    /// <inheritdoc cref="DecodeStep"/>
    public static HistoryEvent DecodeMessage(ReadOnlySpan<byte> data)
    {
        HistoryReader reader = Open(data);
        return Read(ref reader);
    }

    /// <inheritdoc cref="DecodeStep"/>
    public static TaskFailureDetails DecodeFailure(ReadOnlySpan<byte> data)
    {
        HistoryReader reader = Open(data);
        return reader.ReadFailure() ?? throw new HistoryCorruptException("a failure is missing");
    }

    private static HistoryReader Open(ReadOnlySpan<byte> data)
    {
        HistoryReader reader = new(data);
        byte format = reader.ReadByte();
        return format == Format ? reader : throw new HistoryCorruptException($"its format {format} is newer than this version knows");
    }

    private static void WriteAll(HistoryWriter writer, IReadOnlyList<HistoryEvent> events)
    {
        writer.WriteNumber(events.Count);
        foreach (HistoryEvent item in events)
            Write(writer, item);
    }

    private static List<HistoryEvent> ReadAll(ref HistoryReader reader)
    {
        int count = reader.ReadInt32();
        List<HistoryEvent> events = [];
        for (int i = 0; i < count; i++)
            events.Add(Read(ref reader));
        return events;
    }

    private static void Write(HistoryWriter writer, HistoryEvent item)
    {
        switch (item)
        {
            case ExecutionStarted started:
                writer.WriteByte(1);
                writer.WriteText(started.Input);
                break;
            case TaskCompleted completed:
                writer.WriteByte(2);
                writer.WriteNumber(completed.TaskId);
                writer.WriteText(completed.Result);
                break;
            case TaskFailed failed:
                writer.WriteByte(3);
                writer.WriteNumber(failed.TaskId);
                writer.WriteFailure(failed.Failure);
                writer.WriteBoolean(failed.CanRetry);
                break;
            case TimerFired fired:
                writer.WriteByte(4);
                writer.WriteNumber(fired.TaskId);
                break;
            case EventRaised raised:
                writer.WriteByte(5);
                writer.WriteText(raised.Name);
                writer.WriteText(raised.Payload);
                break;
            case ExecutionSuspended suspended:
                writer.WriteByte(6);
                writer.WriteText(suspended.Reason);
                break;
            case ExecutionResumed resumed:
                writer.WriteByte(7);
                writer.WriteText(resumed.Reason);
                break;
            case ExecutionTerminated terminated:
                writer.WriteByte(8);
                writer.WriteText(terminated.Output);
                writer.WriteBoolean(terminated.Recursive);
                break;
            case ExecutionFaulted faulted:
                writer.WriteByte(9);
                writer.WriteFailure(faulted.Failure);
                break;
            case ActivityScheduled activity:
                writer.WriteByte(20);
                writer.WriteNumber(activity.TaskId);
                writer.WriteText(activity.Name);
                break;
            case TimerCreated timer:
                writer.WriteByte(21);
                writer.WriteNumber(timer.TaskId);
                writer.WriteTime(timer.Due);
                break;
            case ChildScheduled child:
                writer.WriteByte(22);
                writer.WriteNumber(child.TaskId);
                writer.WriteText(child.Name);
                writer.WriteText(child.InstanceId);
                break;
            case EventSent sent:
                writer.WriteByte(23);
                writer.WriteNumber(sent.TaskId);
                writer.WriteText(sent.Target);
                writer.WriteText(sent.Name);
                break;
            default:
                throw new InvalidOperationException($"{item.GetType().Name} has no form in a history.");
        }
    }

    private static HistoryEvent Read(ref HistoryReader reader)
    {
        byte tag = reader.ReadByte();
        return tag switch
        {
            1 => new ExecutionStarted(reader.ReadText()),
            2 => new TaskCompleted(reader.ReadInt32(), reader.ReadText()),
            3 => new TaskFailed(reader.ReadInt32(), ReadFailure(ref reader), reader.ReadBoolean()),
            4 => new TimerFired(reader.ReadInt32()),
            5 => new EventRaised(reader.ReadRequiredText(), reader.ReadText()),
            6 => new ExecutionSuspended(reader.ReadText()),
            7 => new ExecutionResumed(reader.ReadText()),
            8 => new ExecutionTerminated(reader.ReadText(), reader.ReadBoolean()),
            9 => new ExecutionFaulted(ReadFailure(ref reader)),
            20 => new ActivityScheduled(reader.ReadInt32(), reader.ReadRequiredText()),
            21 => new TimerCreated(reader.ReadInt32(), reader.ReadTime()),
            22 => new ChildScheduled(reader.ReadInt32(), reader.ReadRequiredText(), reader.ReadRequiredText()),
            23 => new EventSent(reader.ReadInt32(), reader.ReadRequiredText(), reader.ReadRequiredText()),
            _ => throw new HistoryCorruptException($"its event {tag} is unknown"),
        };
    }

    private static TaskFailureDetails ReadFailure(ref HistoryReader reader) =>
        reader.ReadFailure() ?? throw new HistoryCorruptException("a failure is missing");
}
