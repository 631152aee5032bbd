namespace Tiering.Core.Transfers.Jobs;

/// <summary>The names in a job folder. The service writes the first group, the agent the second; all are replaced atomically.</summary>
public static class JobFiles
{
    public const string Job = "job.json";

    /// <summary>Secrets, mode 0600; replaced to renew, removed at the end.</summary>
    public const string Access = "access.json";

    /// <summary>Settings that hold from now on; replaced when they change.</summary>
    public const string Limits = "limits.json";

    /// <summary>The manifest of the operation that made the source.</summary>
    public const string Witness = "witness.jsonl.gz";

    /// <summary>Asks the agent to end: it ends AzCopy, then writes its verdict with the code <c>cancelled</c>.</summary>
    public const string Cancel = "cancel";

    /// <summary>Held exclusively by the one agent that works.</summary>
    public const string Lease = "lease";

    /// <summary>The highest attempt that has held the lease, and its process.</summary>
    public const string Agent = "agent.json";

    public const string Progress = "progress.json";

    /// <summary>The inventory of the source as it was found.</summary>
    public const string Source = "source.jsonl.gz";

    /// <summary>What is moved, completed with what was measured: the manifest that is kept.</summary>
    public const string Manifest = "manifest.jsonl.gz";

    /// <summary>What was removed from the destination before the copy.</summary>
    public const string Removed = "removed.jsonl.gz";

    /// <summary>What lay at the destination before anything was changed there: a cancelled transfer takes back only what is not in it.</summary>
    public const string There = "there.jsonl.gz";

    /// <summary>What a cancelled transfer took back at its destination.</summary>
    public const string TakenBack = "taken-back.jsonl.gz";

    /// <summary>What a COOL that failed has left at the destination and is ours: kept in the manifest's place.</summary>
    public const string Left = "left.jsonl.gz";

    /// <summary>AzCopy's last summary, redacted and bounded.</summary>
    public const string Summary = "summary.json";

    /// <summary>What AzCopy said of lengths, and what was measured; only there when AzCopy doubted one.</summary>
    public const string Recheck = "recheck.json";

    public const string Verdict = "verdict.json";
}
