using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Bench.Transfers;

/// <summary>One case: the same data by bare AzCopy and by the service, in turn, so that a machine that drifts drifts for both.</summary>
internal sealed class PairedRun(BenchCase one, string proof, int pairs)
{
    public async Task RunAsync()
    {
        using TempFolder folder = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync(one.IsBig ? folder.Folder("azurite") : null);
        await azurite.CreateContainerAsync("cool");
        await azurite.CreateContainerAsync("bare");
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            folder.Folder("data"), azurite, new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_PROOF"] = proof });
        List<(double Bare, double Ours)> cool = [];
        List<(double Bare, double Ours)> restore = [];
        for (int pair = -1; pair < pairs; pair++) // the first warms up and is not counted
        {
            string slug = $"p{pair + 1}";
            string project = Fill(Path.Combine(service.Hot, slug), pair);
            await service.AddAsync(slug);
            string blobs = $"{azurite.UriOf("bare", slug)}?{AzuriteServer.Sas()}";
            string back = folder.Folder("back", slug);

            Task<double> BareCoolAsync() => AzCopyAsync("copy", project, blobs, "--from-to=LocalBlob", "--put-md5", "--block-blob-tier=Cool");
            Task<double> OurCoolAsync() => TimeAsync(() => MoveAsync(service, slug, "cool"));
            Task<double> BareRestoreAsync() => AzCopyAsync("copy", blobs, back, "--from-to=BlobLocal", "--check-md5=FailIfDifferent");
            Task<double> OurRestoreAsync() => TimeAsync(() => MoveAsync(service, slug, "restore"));

            (double bareCool, double ourCool) = await InTurnAsync(pair, BareCoolAsync, OurCoolAsync);
            Directory.Delete(project, recursive: true); // so that both restore into nothing
            (double bareRestore, double ourRestore) = await InTurnAsync(pair, BareRestoreAsync, OurRestoreAsync);
            Directory.Delete(project, recursive: true);
            Directory.Delete(back, recursive: true);
            if (pair < 0)
                continue;
            cool.Add((bareCool, ourCool));
            restore.Add((bareRestore, ourRestore));
        }
        Print($"COOL, {one.Name}", cool);
        Print($"RESTORE, {one.Name}", restore);
    }

    private string Fill(string project, int seed)
    {
        Directory.CreateDirectory(project);
        Random random = new(seed);
        byte[] content = new byte[one.Bytes];
        for (int i = 0; i < one.Files; i++)
        {
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(project, string.Create(CultureInfo.InvariantCulture, $"file-{i:D5}.bin")), content);
        }
        return project;
    }

    /// <summary>Whoever comes second finds warm caches: the order changes with every pair.</summary>
    private static async Task<(double Bare, double Ours)> InTurnAsync(int pair, Func<Task<double>> bare, Func<Task<double>> ours)
    {
        if (pair % 2 == 0)
            return (await bare(), await ours());
        double second = await ours();
        return (await bare(), second);
    }

    private static async Task MoveAsync(ServiceProcess service, string slug, string what)
    {
        JsonElement end = await service.MoveAsync(slug, what);
        if (end.GetProperty("status").GetString() != "SUCCEEDED")
            throw new InvalidOperationException($"{what} of {slug}: {end}");
    }

    private static async Task<double> AzCopyAsync(params string[] arguments) => await TimeAsync(async () =>
    {
        ProcessStartInfo start = new(Tools.AzCopy, [.. arguments, "--recursive", "--as-subdir=false", "--output-type=json", "--log-level=INFO"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true, // an open, silent pipe: at its end AzCopy spins a core
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"azcopy ended with {process.ExitCode}.");
    });

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Print(string what, List<(double Bare, double Ours)> measured) => Console.WriteLine(
        $"{what,-34} {proof,-6} {Spread(measured.Select(pair => pair.Bare)),-22} {Spread(measured.Select(pair => pair.Ours)),-22} {Spread(measured.Select(pair => pair.Ours - pair.Bare)),-22} {Spread(measured.Select(pair => pair.Ours / pair.Bare))}");

    private static string Spread(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:F2} / {sorted[sorted.Length / 2]:F2} / {sorted[^1]:F2}");
    }
}
