using Tiering.Emulators.Faults;

namespace Tiering.Tests.Support;

/// <summary>Requests that wait at an emulator until this is disposed of: a transfer that needs their answers cannot end meanwhile, however fast the machine is.</summary>
public sealed class HeldRequests(FaultSet faults, FaultRule rule) : IDisposable
{
    private readonly Fault fault = faults.Add(rule with { Hold = true });

    /// <summary>Waits until a request is held.</summary>
    public Task ArriveAsync() => Eventually.IsTrueAsync(() => fault.Fired > 0);

    public void Dispose() => faults.Remove(fault.Id);
}

public static class HeldRequestsExtensions
{
    /// <summary>Holds what is written to a path.</summary>
    /// <param name="faults">Of the emulator.</param>
    /// <param name="path">As <see cref="FaultRule.Path"/> has it.</param>
    /// <param name="skip">How many requests pass first.</param>
    public static HeldRequests HoldWrites(this FaultSet faults, string path, int skip = 0) => new(faults, new FaultRule { Method = "PUT", Path = path, Skip = skip });

    /// <summary>Holds what is read from a blob. AzCopy asks the first one that it writes for the account's properties: that passes.</summary>
    /// <param name="faults">Of the emulator.</param>
    /// <param name="path">As <see cref="FaultRule.Path"/> has it.</param>
    public static HeldRequests HoldReads(this FaultSet faults, string path) => new(faults, new FaultRule { Operation = "GetBlob", Path = path });
}
