using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Plans;

/// <summary>How long a transfer takes, and from what that is known.</summary>
/// <param name="Seconds">The most likely time.</param>
/// <param name="From">A quarter of the operations that it is known from would have been faster than this; known from few, a third of the time at most, and never less than the bounds allow.</param>
/// <param name="To">A quarter would have been slower; known from few, three times the time at least.</param>
/// <param name="Basis"><c>default</c>: nothing is known of this installation; <c>past-operations</c>; <c>other-sizes</c>: only of far smaller or larger ones.</param>
/// <param name="Operations">How many operations it is known from.</param>
public sealed record DurationEstimate(double Seconds, double From, double To, string Basis, int Operations);

/// <summary>An operation that succeeded.</summary>
/// <param name="Size">What it moved.</param>
/// <param name="Proof">How it was proved.</param>
/// <param name="Took">From its start to its end.</param>
public sealed record PastTransfer(DataSize Size, Proof Proof, TimeSpan Took)
{
    /// <summary>What an operation teaches; null when it did not succeed.</summary>
    public static PastTransfer? Of(LifecycleOperation operation) =>
        operation is { Status: OperationStatus.Succeeded, Total: { } total, StartedAt: { } start, FinishedAt: { } end, Proof: { } proof }
        && Locations.StorageSettings.ParseProof(proof) is { } parsed
            ? new PastTransfer(total, parsed, end - start)
            : null;
}

/// <summary>What keeps a transfer from being as fast as it could be.</summary>
/// <param name="CapMbps">The bound on the copy, in megabits per second; null for none.</param>
/// <param name="ProofBytesPerSecond">The bound on what the proof reads, both sides together; null for none.</param>
public sealed record DurationBounds(double? CapMbps = null, long? ProofBytesPerSecond = null)
{
    private const double BytesPerMegabit = 125_000;

    /// <summary>The least time that they leave.</summary>
    public double LeastSeconds(DataSize size, Proof proof) =>
        (CapMbps is { } cap ? size.Bytes / (cap * BytesPerMegabit) : 0) + (ProofBytesPerSecond is { } speed ? 2.0 * proof.BytesOf(size) / speed : 0);
}

/// <summary>
/// A plain model of how long a transfer takes, corrected by what this installation's own operations took: each of them was so many times
/// faster or slower than the model, and the middle one of those factors is believed, as far as bounds allow. Pure.
/// </summary>
public static class DurationModel
{
    /// <summary>What the model assumes of a transfer before anything is known: its start and end, a file, the copy and the reading of bytes.</summary>
    private const double FixedSeconds = 4, SecondsPerFile = 0.01, CopyBytesPerSecond = 100e6, ReadBytesPerSecond = 300e6;

    private const int MostOperations = 15;

    /// <summary>Operations whose files and bytes are both within this factor of each other are alike in size.</summary>
    private const double Alike = 10;

    /// <summary>What fewer operations of its size took, or any of others, tells little of how far the next one may be off: then it is taken to be so many times faster or slower.</summary>
    private const int FewOperations = 4, Unsure = 3;

    /// <param name="size">What moves.</param>
    /// <param name="proof">How it is proved.</param>
    /// <param name="bounds">What holds it back now; past operations may have known nothing of it.</param>
    /// <param name="past">Operations of the same type that succeeded, in any order.</param>
    public static DurationEstimate Estimate(DataSize size, Proof proof, DurationBounds bounds, IEnumerable<PastTransfer> past)
    {
        double model = Model(size, proof);
        ILookup<bool, PastTransfer> known = past.Where(transfer => transfer.Took > TimeSpan.Zero).ToLookup(transfer => AreAlike(transfer.Size, size));
        bool isOfItsSize = known[true].Any();
        List<double> factors = [.. known[isOfItsSize]
            .Select(transfer => (transfer.Took, Model: Model(transfer.Size, transfer.Proof)))
            .OrderBy(transfer => Math.Abs(Math.Log(transfer.Model / model)))
            .Take(MostOperations)
            .Select(transfer => transfer.Took.TotalSeconds / transfer.Model)
            .Order()];
        double least = bounds.LeastSeconds(size, proof);
        double middle = factors.Count == 0 ? 1 : At(factors, 0.5);
        double seconds = Math.Max(model * middle, least);
        bool isSure = isOfItsSize && factors.Count >= FewOperations;
        double from = seconds * Math.Min(factors.Count == 0 ? 1 : At(factors, 0.25) / middle, isSure ? 1 : 1.0 / Unsure);
        double to = seconds * Math.Max(factors.Count == 0 ? 1 : At(factors, 0.75) / middle, isSure ? 1 : Unsure);
        string basis = factors.Count == 0 ? "default" : isOfItsSize ? "past-operations" : "other-sizes";
        return new DurationEstimate(seconds, Math.Max(from, least), to, basis, factors.Count);
    }

    private static bool AreAlike(DataSize one, DataSize other) => AreAlike(one.Files, other.Files) && AreAlike(one.Bytes, other.Bytes);

    private static bool AreAlike(long one, long other) => Math.Max(1, Math.Max(one, other)) <= Alike * Math.Max(1, Math.Min(one, other));

    private static double Model(DataSize size, Proof proof) =>
        FixedSeconds + (size.Files * SecondsPerFile) + (size.Bytes / CopyBytesPerSecond) + (2 * proof.BytesOf(size) / ReadBytesPerSecond);

    /// <summary>The value at a part of a sorted list, between two neighbours where it falls between them.</summary>
    private static double At(List<double> sorted, double part)
    {
        double place = part * (sorted.Count - 1);
        int below = (int)place;
        return below + 1 < sorted.Count ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
