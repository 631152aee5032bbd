using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tiering.Bench.Transfers;
using Tiering.Tests.Support;

// dotnet run -c Release --project bench/TransferBench [-- PAIRS]
// COOL and RESTORE through the service, in interleaved pairs with a bare `azcopy copy` of the same data to and from the same Azurite.
int pairs = args is [{ } number] ? int.Parse(number, CultureInfo.InvariantCulture) : 7;
Console.WriteLine($"{Environment.ProcessorCount} processors, {RuntimeDescription.Text}, {pairs} pairs; seconds as min / median / max");
Console.WriteLine($"{"case",-34} {"proof",-6} {"bare azcopy",-22} {"service",-22} difference of pairs");
foreach ((string name, int files, int bytes) in new[] { ("10 files of 10 KiB", 10, 10 << 10), ("1,000 files of 1 KiB", 1000, 1 << 10), ("1 file of 256 MiB", 1, 256 << 20) })
{
    foreach (string proof in new[] { "sizes", "full" })
        await new PairedRun(name, files, bytes, proof, pairs).RunAsync();
}
