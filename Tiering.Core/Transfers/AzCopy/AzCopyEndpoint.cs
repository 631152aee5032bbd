using System.Diagnostics;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>One side of a copy: a location and what opens it.</summary>
/// <param name="Location">A project's folder.</param>
/// <param name="Sas">Without leading '?'; null for folders, and where AzCopy signs in by itself (AZCOPY_AUTO_LOGIN_TYPE).</param>
[DebuggerDisplay("{Location}")]
public sealed record AzCopyEndpoint(Location Location, string? Sas = null)
{
    public override string ToString() => Location.ToString(); // the SAS stays here
}
