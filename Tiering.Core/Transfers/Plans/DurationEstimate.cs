using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Plans;

/// <summary>How long a transfer takes, and from what that is known.</summary>
/// <param name="Seconds">The most likely time.</param>
/// <param name="From">A quarter of the operations that it is known from would have been faster than this.</param>
/// <param name="To">A quarter would have been slower.</param>
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

/// <summary>
/// A plain model of how long a transfer takes, corrected by what this installation's own operations took: each of them was so many times
/// faster or slower than the model, and the middle one of those factors is believed. Pure.
/// </summary>
public static class DurationModel
{
    /// <summary>What the model assumes of a transfer before anything is known: its start and end, a file, the copy and the reading of bytes.</summary>
    private const double FixedSeconds = 4, SecondsPerFile = 0.01, CopyBytesPerSecond = 100e6, ReadBytesPerSecond = 300e6;

    private const int MostOperations = 15;

    /// <summary>Operations that the model finds within this factor of each other are alike in size.</summary>
    private const double Alike = 10;

    /// <param name="size">What moves.</param>
    /// <param name="proof">How it is proved.</param>
    /// <param name="past">Operations of the same type that succeeded, in any order.</param>
    public static DurationEstimate Estimate(DataSize size, Proof proof, IEnumerable<PastTransfer> past)
    {
        double model = Model(size, proof);
        List<(double Distance, double Factor)> nearest = [.. past
            .Where(transfer => transfer.Took > TimeSpan.Zero)
            .Select(transfer => (Model: Model(transfer.Size, transfer.Proof), transfer.Took))
            .Select(known => (Distance: Math.Abs(Math.Log(known.Model / model)), Factor: known.Took.TotalSeconds / known.Model))
            .OrderBy(known => known.Distance)
            .Take(MostOperations)];
        List<double> alike = [.. nearest.Where(known => known.Distance <= Math.Log(Alike)).Select(known => known.Factor).Order()];
        List<double> factors = alike.Count > 0 ? alike : [.. nearest.Select(known => known.Factor).Order()];
        return factors.Count == 0
            ? new DurationEstimate(model, model / 3, model * 3, "default", 0)
            : new DurationEstimate(
                model * At(factors, 0.5), model * At(factors, 0.25), model * At(factors, 0.75), alike.Count > 0 ? "past-operations" : "other-sizes", factors.Count);
    }

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
