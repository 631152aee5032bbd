using Tiering.Emulators.Access;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Requests;

namespace Tiering.Emulators.Hosting;

/// <summary>What every emulator needs to know. Faults and log may be shared between emulators.</summary>
public abstract class EmulatorOptions
{
    /// <summary>Port on 127.0.0.1; 0, the default, takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>The account, the first part of every path.</summary>
    public StorageAccount Account { get; set; } = StorageAccount.Development;

    /// <summary>What goes wrong on purpose. Null for a set of the emulator's own.</summary>
    public FaultSet? Faults { get; set; }

    /// <summary>Where requests are recorded. Null for a log of the emulator's own, in memory.</summary>
    public RequestLog? Log { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;
}
