using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>Settings that reach an agent while it works (<c>limits.json</c>), as the service has them.</summary>
/// <param name="CapMbps">AZCOPY_CAP_MBPS; null when it is not set: then the agent's own environment decides.</param>
/// <param name="TimeZone">TIERING_TIME_ZONE; null for its default.</param>
public sealed record JobLimits(string? CapMbps, string? TimeZone)
{
    /// <summary>When the service that has these was started. Of several with other settings, the one that was started last decides.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether these take the place of what a job folder holds.</summary>
    /// <param name="there">Null for nothing.</param>
    public bool Replaces(JobLimits? there) =>
        there is null || ((CapMbps, TimeZone) != (there.CapMbps, there.TimeZone) && (there.Since is null || Since >= there.Since));

    /// <exception cref="ConfigurationException">A value breaks its rule.</exception>
    public BandwidthTimetable Caps() => BandwidthTimetable.Parse(CapMbps, TimeZone is null ? LocalZone.Paris : new LocalZone(TimeZone));
}
