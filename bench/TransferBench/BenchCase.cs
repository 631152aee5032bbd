namespace Tiering.Bench.Transfers;

/// <param name="Name">As it is printed.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">What each of them holds.</param>
internal sealed record BenchCase(string Name, int Files, int Bytes)
{
    /// <summary>Runs only when it is asked for; its blobs lie on disk.</summary>
    public bool IsBig { get; init; }
}
