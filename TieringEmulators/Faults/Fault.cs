namespace Tiering.Emulators.Faults;

/// <summary>A rule at work: it counts how many requests it met and how often it fired.</summary>
public sealed class Fault
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly TaskCompletionSource _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _met;
    private int _fired;

    internal Fault(int id, FaultRule rule)
    {
        rule.Validate();
        Id = id;
        Rule = rule;
        // Not for secrets: a seed must give the same faults again.
        _random = new Random(rule.Seed);
    }

    public int Id { get; }

    public FaultRule Rule { get; }

    /// <summary>How many requests it matched, fired or not.</summary>
    public int Met => Volatile.Read(ref _met);

    /// <summary>How many requests it was applied to.</summary>
    public int Fired => Volatile.Read(ref _fired);

    /// <summary>Whether it is applied to this request; each call counts as one.</summary>
    public bool Fires(string server, string method, string operation, string path)
    {
        if (!Matches(server, method, operation, path))
            return false;
        lock (_lock)
        {
            bool fires = _met++ >= Rule.Skip && _fired < (Rule.Count ?? int.MaxValue) && _random.NextDouble() < Rule.Probability;
            if (fires)
                _fired++;
            return fires;
        }
    }

    /// <summary>Ends when the rule is removed, or the request is given up.</summary>
    internal Task HoldAsync(CancellationToken cancellation) => _removed.Task.WaitAsync(cancellation);

    internal void Remove() => _removed.TrySetResult();

    private bool Matches(string server, string method, string operation, string path) =>
        (Rule.Server is null || Rule.Server == server)
        && (Rule.Method is null || Rule.Method.Equals(method, StringComparison.OrdinalIgnoreCase))
        && (Rule.Operation is null || Rule.Operation.Equals(operation, StringComparison.OrdinalIgnoreCase))
        && (Rule.Path is null || Pattern(Rule.Path, path));

    /// <summary>Whether a name matches a pattern in which only <c>*</c> has a meaning.</summary>
    internal static bool Pattern(string pattern, string name)
    {
        // Iterative, so that no pattern takes more than pattern x name steps.
        int p = 0, star = -1, mark = 0;
        for (int n = 0; n < name.Length;)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
            {
                return false;
            }
        }
        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
