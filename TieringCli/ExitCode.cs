namespace Tiering.Cli;

/// <summary>What the command's exit code says. Scripts build on these numbers: they never change.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The operation failed, or what came back differs.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or a setting that it needs, is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No Tiering service answers at the address.</summary>
    public const int Unreachable = 3;

    /// <summary>The service answered, and said no: unknown project, busy, wrong state, wrong token.</summary>
    public const int Refused = 4;

    /// <summary>Ended by a signal.</summary>
    public const int Interrupted = 130;
}
