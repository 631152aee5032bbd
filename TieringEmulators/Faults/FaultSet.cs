using System.Collections.Immutable;

namespace Tiering.Emulators.Faults;

/// <summary>The faults that are set, in the order in which they were added. Safe for concurrent use.</summary>
public sealed class FaultSet
{
    private ImmutableList<Fault> _faults = [];
    private int _lastId;

    public IReadOnlyList<Fault> All => _faults;

    /// <exception cref="ArgumentException">The rule is not valid; the message names the field and the rule.</exception>
    public Fault Add(FaultRule rule)
    {
        Fault fault = new(Interlocked.Increment(ref _lastId), rule);
        ImmutableInterlocked.Update(ref _faults, faults => faults.Add(fault));
        return fault;
    }

    /// <returns>False when there is no such fault.</returns>
    public bool Remove(int id)
    {
        Fault? found = _faults.Find(fault => fault.Id == id);
        ImmutableInterlocked.Update(ref _faults, faults => faults.RemoveAll(fault => fault.Id == id));
        found?.Remove();
        return found is not null;
    }

    public void Clear()
    {
        foreach (Fault fault in Interlocked.Exchange(ref _faults, []))
            fault.Remove();
    }

    internal Fault? Draw(string server, string method, string operation, string path) =>
        _faults.Find(fault => fault.Fires(server, method, operation, path));
}
