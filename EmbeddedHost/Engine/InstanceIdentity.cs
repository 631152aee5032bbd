using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What never changes while a generation of an instance runs.</summary>
/// <param name="Id">Chosen by the caller, or generated.</param>
/// <param name="Name">The orchestration's.</param>
/// <param name="Version">Empty for none.</param>
/// <param name="Parent">Who waits for it; null for nobody.</param>
internal sealed record InstanceIdentity(string Id, string Name, string Version, ParentOrchestrationInstance? Parent);
