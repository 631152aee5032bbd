using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>A source that lies, refuses, stumbles or is slow, and access that runs out: a transfer ends right, or FAILED with a reason.</summary>
public sealed class ShareFaultTests
{
    private static readonly string[] Files = ["a.txt", "b.bin", "sub/c.txt", "sub/d.txt", "sub/deep/e.txt", "sub/deep/f.bin", "other/g.txt", "other/h.txt"];

    private AgentLab lab = null!;

    [SetUp]
    public async Task SetUpAsync() => lab = await AgentLab.StartShareAsync();

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public Task Transfer_SourceRefusesOneRequestAtRandom_NeverSucceedsWithAFileMissing() => RefuseAtRandomAsync(seeds: Enumerable.Range(1, 8));

    [Test]
    [Category("Long")]
    public Task Transfer_SourceRefusesOneRequestAtRandom_TwoHundredTimes_NeverSucceedsWithAFileMissing() =>
        RefuseAtRandomAsync(seeds: Enumerable.Range(1_000, 200));

    [Test]
    public async Task Cool_AzCopyIsRefusedAListing_CopiesAgainUntilAllIsThere()
    {
        Write("demo");
        // Our own inventory lists each folder once before the copy begins.
        Fault fault = lab.Faults.Add(new() { Server = "files", Operation = "ListDirectory", Path = "hot/demo/sub", Skip = 1, Count = 1, Status = 403 });

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);

        fault.Fired.Should().Be(1);
        cooled.Error.Should().BeNull();
        cooled.AzCopyJobs.Should().HaveCount(2);
        await ExpectBlobsAsync("demo");
    }

    [Test]
    public async Task Cool_AzCopyIsAlwaysRefusedAListing_FailsAndNamesWhatIsMissing()
    {
        Write("demo");
        lab.Faults.Add(new() { Server = "files", Operation = "ListDirectory", Path = "hot/demo/sub/deep", Skip = 1, Count = 3, Status = 404 });

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);

        cooled.Error!.Code.Should().Be("verification-mismatch");
        cooled.Error.Details!["first"].Should().ContainAll("sub/deep/e.txt", "sub/deep/f.bin");
    }

    [Test]
    public async Task CoolAndRestore_ThrottledSlowAndCutConnections_EndRight()
    {
        Write("demo");
        FolderContent.WriteLarge(Path.Combine(lab.Hot("demo"), "large.bin"), 20_000_001, seed: 4);
        SortedDictionary<string, string> before = FolderContent.Of(lab.Hot("demo"));
        FaultRule[] rules =
        [
            new() { Server = "files", Operation = "ListDirectory", Status = 503, RetryAfterSeconds = 1, Probability = 0.3, Seed = 1, Count = 2 },
            new() { Server = "files", Operation = "GetFile", Status = 429, Probability = 0.2, Seed = 2, Count = 1 },
            new() { Server = "files", Operation = "GetFile", CutResponseAfterBytes = 1_000, Path = "*.bin", Probability = 0.3, Seed = 3, Count = 1 },
            new() { Server = "files", Operation = "GetFileProperties", CutResponseAfterBytes = 0, Probability = 0.2, Seed = 4, Count = 1 },
            new() { Server = "files", Operation = "PutRangeFromUrl", Status = 503, Probability = 0.3, Seed = 5, Count = 1 },
            new() { Server = "blobs", Operation = "PutBlockFromUrl", Status = 503, Probability = 0.5, Seed = 6, Count = 1 },
            new() { Server = "blobs", Operation = "ListBlobs", CutResponseAfterBytes = 200, Count = 2 },
            new() { Server = "blobs", Operation = "GetBlob", BytesPerSecond = 5_000_000 },
        ];
        Fault[] faults = [.. rules.Select(lab.Faults.Add)];

        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        (await lab.RunAsync("demo", OperationType.Restore)).Error.Should().BeNull();

        FolderContent.Of(lab.Hot("demo")).Should().Equal(before);
        faults.Where(fault => fault.Fired > 0).Should().HaveCountGreaterThan(5);
    }

    [Test]
    public async Task Cool_SourceThatNeverAnswersListings_FailsWithTheReason()
    {
        Write("demo");
        lab.Faults.Add(new() { Server = "files", Operation = "ListDirectory", Path = "hot/demo/sub", Status = 503 });

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);

        cooled.Error!.Code.Should().Be("store-unavailable");
        cooled.Error.Message.Should().Contain("listing sub/").And.Contain("503");
        cooled.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task Cool_AccessRunsOutInTheCopy_GoesOnWithTheRenewedOneAsTheOnlyWriter()
    {
        for (int i = 0; i < 40; i++)
            Write("demo", $"many/{i}.txt", $"{i}");
        // What AzCopy asks for is looked at only when its access has run out; until then, everything before it has time.
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/*");
        TimeSpan lifetime = TimeSpan.FromSeconds(60);
        DateTimeOffset end = DateTimeOffset.UtcNow + lifetime + TimeSpan.FromSeconds(2);
        lab.AccessTime.Behind = lab.AccessLifetime - lifetime;
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        lab.AccessTime.Behind = TimeSpan.Zero;

        await lab.StartAgentAsync(key, attempt: 1);
        await held.ArriveAsync();
        await Eventually.IsTrueAsync(() => DateTimeOffset.UtcNow > end);
        held.Dispose();
        await lab.UntilAsync(key, _ => lab.Log.Ended.Any(request => request is { Status: 403, Operation: "PutBlobFromUrl" or "PutBlockFromUrl" }));
        await lab.RenewAccessAsync(key);
        lab.Faults.Clear();
        TransferVerdict cooled = await lab.VerdictAsync(key);

        cooled.Error.Should().BeNull();
        cooled.Copied.Should().Be(cooled.Total);
        // A request counts when it begins: one whose sender was ended may end at any time.
        IReadOnlyList<WriterSpan> writers = WriterSpan.Of(
            lab.Log.Ended.Where(request => request.Agent.StartsWith("Tiering-", StringComparison.Ordinal)).Select(request => request with { End = request.Start }),
            request => request.Agent[..16]);
        writers.Should().HaveCountGreaterThan(1);
        WriterSpan.Overlap(writers).Should().BeNull();
    }

    private async Task RefuseAtRandomAsync(IEnumerable<int> seeds)
    {
        int refused = 0;
        foreach (int seed in seeds)
        {
            Random random = new(seed);
            string slug = $"p{seed}";
            Write(slug);
            SortedDictionary<string, string> before = FolderContent.Of(lab.Hot(slug));
            refused += await RunRefusedAsync(slug, OperationType.Cool, new()
            {
                Server = "files",
                Operation = random.Next(3) == 0 ? "GetFileProperties" : "ListDirectory",
                Path = $"hot/{slug}*",
                Status = new[] { 403, 404, 500 }[random.Next(3)],
                Skip = random.Next(0, 14),
                Count = random.Next(1, 4),
            });
            await ExpectBlobsAsync(slug);
            if (seed % 4 != 0)
                continue;

            await lab.DeleteSourceAsync(slug, OperationType.Cool);
            refused += await RunRefusedAsync(slug, OperationType.Restore, new()
            {
                Server = "blobs",
                Operation = new[] { "ListBlobs", "GetBlobProperties", "GetBlob" }[random.Next(3)],
                Status = new[] { 403, 404, 500 }[random.Next(3)],
                Skip = random.Next(0, 4),
                Count = random.Next(1, 3),
            });
            FolderContent.Of(lab.Hot(slug)).Should().Equal(before, $"of seed {seed}");
        }
        refused.Should().BePositive("faults must have met the transfers");
    }

    /// <summary>
    /// Runs an operation under a fault. When it succeeds, its caller finds everything there; when it fails, it says why, and the same
    /// without the fault succeeds.
    /// </summary>
    /// <returns>How often the fault fired.</returns>
    private async Task<int> RunRefusedAsync(string slug, OperationType type, FaultRule rule)
    {
        Fault fault = lab.Faults.Add(rule);
        TransferVerdict verdict = await lab.RunAsync(slug, type);
        lab.Faults.Clear();
        TestContext.Out.WriteLine($"{slug} {type} {rule.Operation} {rule.Status} skip {rule.Skip}: fired {fault.Fired}, {verdict.Error?.Code ?? "proved"}, {verdict.AzCopyJobs.Count} AzCopy jobs");
        if (verdict.Error is { } error)
        {
            error.Message.Should().NotBeEmpty();
            error.Code.Should().NotBe("agent-failed");
            fault.Fired.Should().BePositive($"nothing else can have failed {slug}: {error}");
            (await lab.RunAsync(slug, type)).Error.Should().BeNull($"{slug} is to end well without the fault");
        }
        return fault.Fired;
    }

    private void Write(string slug)
    {
        foreach (string file in Files)
            Write(slug, file, $"{slug} {file}");
    }

    private void Write(string slug, string path, string content)
    {
        string file = Path.Combine(lab.Hot(slug), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private async Task ExpectBlobsAsync(string slug)
    {
        foreach (string file in Files)
            (await lab.Azurite.GetBlobAsync("cool", $"{slug}/{file}")).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(lab.Hot(slug), file)), file);
    }
}
