namespace Tiering.EmbeddedHost.Durable;

/// <summary>The version of an orchestration; empty when there is none.</summary>
public readonly struct TaskVersion : IEquatable<TaskVersion>
{
    public static readonly TaskVersion Unversioned;

    private readonly string? value;

    /// <param name="version">Null or empty for none.</param>
    /// <exception cref="ArgumentException">It is blank without being empty.</exception>
    public TaskVersion(string? version)
    {
        if (!string.IsNullOrEmpty(version) && string.IsNullOrWhiteSpace(version))
            throw new ArgumentException("A version is not blank: leave it empty for none.", nameof(version));
        value = version;
    }

    public string Version => value ?? "";

    public static implicit operator string(TaskVersion value) => value.Version;

    public static implicit operator TaskVersion(string? value) => new(value);

    public static bool operator ==(TaskVersion left, TaskVersion right) => left.Equals(right);

    public static bool operator !=(TaskVersion left, TaskVersion right) => !left.Equals(right);

    public bool Equals(TaskVersion other) => string.Equals(Version, other.Version, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is TaskVersion other && Equals(other);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Version);
}
