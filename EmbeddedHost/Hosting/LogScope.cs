using System.Collections;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>What log entries written on behalf of an orchestration have besides their own values.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Function">Its activity, or itself.</param>
internal sealed record LogScope(string InstanceId, string Function) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 2;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(nameof(InstanceId), InstanceId),
        1 => new(nameof(Function), Function),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
        yield return this[1];
    }

    public override string ToString() => $"{Function} of {InstanceId}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
