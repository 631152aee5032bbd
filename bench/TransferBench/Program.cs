using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tiering.Bench.Transfers;
using Tiering.Tests.Support;

// dotnet run -c Release --project bench/TransferBench [-- PAIRS [CASE [PROOF]]]
// COOL and RESTORE through the service, in interleaved pairs with a bare `azcopy copy` of the same data to and from the same Azurite. CASE is a
// part of a case's name; without it, all but those of a gibibyte run. PROOF is sizes or full; without it, both.
BenchCase[] cases =
[
    new("10 files of 10 KiB", 10, 10 << 10),
    new("1,000 files of 1 KiB", 1000, 1 << 10),
    new("1 file of 256 MiB", 1, 256 << 20),
    new("1 GiB in 16 files", 16, 64 << 20) { IsBig = true },
];
int pairs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 7;
string[] proofs = args.Length > 2 ? [args[2]] : ["sizes", "full"];
Console.WriteLine($"{Environment.ProcessorCount} processors, {RuntimeDescription.Text}, {pairs} pairs; seconds as min / median / max");
Console.WriteLine($"{"case",-34} {"proof",-6} {"bare azcopy",-22} {"service",-22} {"difference of pairs",-22} ratio of pairs");
foreach (BenchCase one in cases.Where(one => args.Length > 1 ? one.Name.Contains(args[1], StringComparison.OrdinalIgnoreCase) : !one.IsBig))
{
    foreach (string proof in proofs)
        await new PairedRun(one, proof, pairs).RunAsync();
}
