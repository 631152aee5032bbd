namespace Tiering.EmbeddedHost;

/// <summary>Holds the namespace until its first type is here.</summary>
internal static class Placeholder;
