using System.Security.Cryptography.X509Certificates;
using Tiering.Emulators.Access;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Identity;
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

    /// <summary>Makes the emulator speak https, with this certificate and its key; sources of copies with the same one are trusted. Null for http.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Whose bearer tokens open what the account's key opens. Null for none: then only SAS do.</summary>
    public TokenIssuer? Tokens { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;
}
