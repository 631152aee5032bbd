using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>
/// Copies whose agent and AzCopy were killed after some of the files, and whose plan is of no use any more: by the emulators' record of requests,
/// what was whole is not copied again, and the result is right.
/// </summary>
public sealed class LostPlanTests
{
    /// <summary>Files that come through before the kill.</summary>
    private static readonly string[] Done = ["done.txt", "sub/done é [1]; a=b.txt", "mixed/deep/done.txt", "mixed/done.bin", "sub/empty.done"];

    /// <summary>Files that the kill meets.</summary>
    private static readonly string[] Held =
        ["held.txt", "held/1.txt", "held/deep/2.txt", "mixed/held.txt", "mixed/deep/held 100%25 #1 + é [x]; a=b,'c'.txt", " held lead", "sub/{held", "mixed/held.bin"];

    private AgentLab lab = null!;

    public enum Loss { Deleted, Cut, Scribbled, OfAnotherVersion }

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task Cool_PlanOfNoUse_CopiesOnlyWhatIsMissing([Values] bool share, [Values] Loss loss)
    {
        await StartAsync(share);
        OperationKey key = await LoseAsync(OperationType.Cool, loss);

        TransferVerdict cooled = await GoOnAsync(key);

        cooled.AzCopyJobs.Should().HaveCount(2);
        Written().Should().BeEquivalentTo(Held);
        foreach (string path in Done.Concat(Held))
            (await lab.Azurite.GetBlobAsync("cool", $"demo/{path}")).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(lab.Hot("demo"), path)), path);
    }

    [Test]
    public async Task Cool_BlobsOfTheCoolBefore_AreNotTakenForCopied([Values] bool share)
    {
        await StartAsync(share);
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        foreach (string path in Held)
            Write(path, Content(path).Replace('x', 'y')); // as long as before
        OperationKey key = await LoseAsync(OperationType.Cool, Loss.Deleted);

        await GoOnAsync(key);

        Written().Should().BeEquivalentTo(Held);
        foreach (string path in Held)
            (await lab.Azurite.GetBlobAsync("cool", $"demo/{path}")).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(lab.Hot("demo"), path)), path);
    }

    [Test]
    public async Task Cool_EverythingWhole_StartsNoAzCopyAgain()
    {
        await StartAsync(share: false);
        using TempFolder temp = new();
        string azCopy = Tools.AzCopy;
        string hangs = ShellProgram.Write(
            temp.At("azcopy.sh"),
            $"[ \"$1\" = copy ] || exec '{azCopy}' \"$@\"\n'{azCopy}' \"$@\"\ntouch '{temp.At("hangs")}'\nwhile kill -0 $PPID; do sleep 0.1; done");
        lab.AgentSettings["AZCOPY_PATH"] = hangs;
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        await lab.StartAgentAsync(key, attempt: 1);
        await lab.UntilAsync(key, view => view.Progress?.AzCopyJobs.Count == 1 && File.Exists(temp.At("hangs")));
        await lab.StopAsync(key);
        Spoil(key, Loss.Deleted);

        TransferVerdict cooled = await GoOnAsync(key);

        cooled.AzCopyJobs.Should().ContainSingle();
        Written().Should().BeEmpty();
    }

    [Test]
    public async Task Cool_InParts_CopiesOnlyWhatIsMissingOfThePresentPart()
    {
        await StartAsync(share: false);
        lab.AgentSettings["AZCOPY_FILES_PER_JOB"] = "9";
        OperationKey key = await LoseAsync(OperationType.Cool, Loss.Deleted, isDone: () => Written().Contains("done.txt"));
        HashSet<string> whole = [.. Written()];

        await GoOnAsync(key);

        Written().Should().BeEquivalentTo(Done.Concat(Held).Except(whole, StringComparer.Ordinal));
        whole.Should().NotBeEmpty();
    }

    [Test]
    public async Task Restore_IntoAFolder_CopiesOnlyWhatIsMissingAndWhatIsNotWhole([Values] Loss loss)
    {
        await StartAsync(share: false);
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        SortedDictionary<string, string> before = FolderContent.Of(lab.Hot("demo"));
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        OperationKey key = await LoseAsync(OperationType.Restore, loss, isDone: () => Done.All(path => File.Exists(Path.Combine(lab.Hot("demo"), path))));
        string half = Path.Combine(lab.Hot("demo"), "done.txt");
        DateTime time = File.GetLastWriteTimeUtc(half);
        await File.WriteAllTextAsync(half, new string('\0', (int)new FileInfo(half).Length)); // as a loss of power leaves it: the length and the time are right
        File.SetLastWriteTimeUtc(half, time);

        await GoOnAsync(key);

        FolderContent.Of(lab.Hot("demo")).Should().Equal(before);
        OfAzCopy("GetBlob").Should().BeEquivalentTo(Held.Append("done.txt"));
    }

    [Test]
    public async Task Restore_IntoAShare_CopiesEverythingAgainBecauseHalfAFileLooksWhole()
    {
        await StartAsync(share: true);
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        SortedDictionary<string, string> before = FolderContent.Of(lab.Hot("demo"));
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        OperationKey key = await LoseAsync(OperationType.Restore, Loss.Deleted, isDone: () => OfAzCopy("PutRangeFromUrl").IsSupersetOf(Done.Where(path => !path.Contains("empty"))));

        await GoOnAsync(key);

        FolderContent.Of(lab.Hot("demo")).Should().Equal(before);
        OfAzCopy("PutRangeFromUrl").Should().Contain(Done[0]);
    }

    private async Task StartAsync(bool share)
    {
        lab = share ? await AgentLab.StartShareAsync() : await AgentLab.StartFrontAsync();
        foreach (string path in Done.Concat(Held))
            Write(path, Content(path));
    }

    /// <summary>A job whose agent and AzCopy were killed when all but <see cref="Held"/> had come through, and whose plan is of no use.</summary>
    private async Task<OperationKey> LoseAsync(OperationType type, Loss loss, Func<bool>? isDone = null)
    {
        string now = lab.AgentSettings["AZCOPY_PATH"];
        if (loss == Loss.OfAnotherVersion)
            lab.AgentSettings["AZCOPY_PATH"] = Tools.OtherAzCopy ?? throw new IgnoreException("There is no AzCopy of another version; ./test brings it.");
        OperationKey key = await lab.PrepareAsync("demo", type);
        lab.Log.Clear();
        foreach (string container in (string[])["cool", "hot"])
        {
            lab.Faults.Add(new() { Method = "PUT", Path = $"{container}/demo/*held*", DelayMilliseconds = 3_600_000 });
            lab.Faults.Add(new() { Operation = "GetBlob", Path = $"{container}/demo/*held*", DelayMilliseconds = 3_600_000 });
        }
        await lab.StartAgentAsync(key, attempt: 1);
        await lab.UntilAsync(key, view => view.Progress?.AzCopyJobs.Count > 0 && (isDone ?? (() => Written().IsSupersetOf(Done)))());
        await lab.StopAsync(key);
        lab.Faults.Clear();
        lab.AgentSettings["AZCOPY_PATH"] = now;
        if (loss != Loss.OfAnotherVersion)
            Spoil(key, loss);
        return key;
    }

    private void Spoil(OperationKey key, Loss loss)
    {
        string[] plans = Directory.GetFiles(Path.Combine(lab.Folders.PathOf(key.InstanceId), "azcopy", "plans"), "*.steV*");
        plans.Should().NotBeEmpty();
        foreach (string plan in plans)
        {
            if (loss == Loss.Deleted)
            {
                File.Delete(plan);
                continue;
            }
            byte[] content = File.ReadAllBytes(plan);
            if (loss == Loss.Cut)
                content = content[..100];
            else
                new Random(3).NextBytes(content);
            File.WriteAllBytes(plan, content);
        }
    }

    private async Task<TransferVerdict> GoOnAsync(OperationKey key)
    {
        lab.Log.Clear();
        await lab.StartAgentAsync(key, attempt: 2);
        TransferVerdict verdict = await lab.VerdictAsync(key);
        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        verdict.Copied.Should().Be(verdict.Total);
        return verdict;
    }

    /// <summary>The blobs that were written whole.</summary>
    private HashSet<string> Written() => Paths(lab.Log.Ended.Where(request => request is { Status: 201, Operation: "PutBlob" or "PutBlobFromUrl" or "PutBlockList" }));

    /// <summary>What AzCopy has asked for, and got.</summary>
    private HashSet<string> OfAzCopy(string operation) =>
        Paths(lab.Log.Ended.Where(request => request.Operation == operation && request.Status is >= 200 and < 300 && request.Agent.Contains("AzCopy", StringComparison.OrdinalIgnoreCase)));

    private static HashSet<string> Paths(IEnumerable<RequestRecord> requests) =>
        requests.Select(request => request.Path[(request.Path.IndexOf("/demo/", StringComparison.Ordinal) + 6)..]).ToHashSet(StringComparer.Ordinal);

    private static string Content(string path) => path switch
    {
        _ when path.EndsWith(".bin", StringComparison.Ordinal) => string.Concat(Enumerable.Repeat($"x {path}\n", 9_500_000 / (path.Length + 3))), // in several blocks
        _ when path.Contains("empty", StringComparison.Ordinal) => "",
        _ => $"x {path}",
    };

    private void Write(string path, string content)
    {
        string file = Path.Combine(lab.Hot("demo"), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
