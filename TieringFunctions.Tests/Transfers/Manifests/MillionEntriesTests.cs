using System.Diagnostics;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

/// <summary>A million files, in memory that does not grow with them.</summary>
[Category("Long")]
[NonParallelizable] // the memory of the whole process is looked at
public sealed class MillionEntriesTests
{
    private const int Count = 1_000_000;

    [Test]
    public async Task Manifest_OfAMillionFiles_IsWrittenAndComparedInBoundedMemory()
    {
        using TempFolder temp = new();
        Stopwatch watch = Stopwatch.StartNew();
        ManifestHeader header = new(ProjectSlug.Parse("p"), null, LocationKind.Folder, DateTimeOffset.UnixEpoch);
        await using (ManifestWriter writer = ManifestWriter.Create(temp.At("m"), header))
        {
            await foreach (InventoryEntry entry in GenerateAsync(backwards: false))
                await writer.WriteAsync(entry, default);
            (await writer.CompleteAsync(default)).Size.Files.Should().Be(Count);
        }
        TestContext.Out.WriteLine($"written after {watch.Elapsed.TotalSeconds:F1} s, {new FileInfo(temp.At("m")).Length >> 20} MiB");

        Differences found = new();
        DataSize held = await InventoryComparison.CompareCopyAsync(
            ManifestReader.ReadAsync(temp.At("m"), default),
            InventorySort.SortAsync(GenerateAsync(backwards: true), InventorySort.DefaultPart, default),
            CopyRules.For(LocationKind.Folder),
            found,
            default);
        TestContext.Out.WriteLine($"sorted from the worst order and compared after {watch.Elapsed.TotalSeconds:F1} s");

        found.Any.Should().BeFalse(found.ToString());
        held.Files.Should().Be(Count);
        GC.GetTotalMemory(forceFullCollection: true).Should().BeLessThan(300L << 20);
        TestContext.Out.WriteLine($"peak working set {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
    }

    private static async IAsyncEnumerable<InventoryEntry> GenerateAsync(bool backwards)
    {
        await Task.Yield();
        for (int i = 0; i < Count; i++)
        {
            int number = backwards ? Count - 1 - i : i;
            yield return FileAt($"runs/{number / 1000:D4}/measurement/file-{number:D7}.dat", number) with
            {
                Modified = DateTimeOffset.UnixEpoch.AddTicks(number * 1_234_567L),
                Changed = DateTimeOffset.UnixEpoch.AddTicks(number * 1_234_567L),
                Mode = 0x1a4,
                Md5 = "1B2M2Y8AsgTpgAmY7PhCfg==",
            };
        }
    }
}
