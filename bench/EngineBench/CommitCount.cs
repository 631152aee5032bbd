using System.Diagnostics.Metrics;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.Bench;

/// <summary>Counts the commits of this process by the engine's own meter.</summary>
internal sealed class CommitCount : IDisposable
{
    private readonly MeterListener listener = new();
    private long commits;

    public CommitCount()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Meter.Name: Metering.Name, Name: "taskhub.commit.operations" })
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref commits));
        listener.Start();
    }

    public long Commits => Interlocked.Read(ref commits);

    public void Dispose() => listener.Dispose();
}
