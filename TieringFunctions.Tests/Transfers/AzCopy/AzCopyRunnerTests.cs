using System.Diagnostics;
using System.Text;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;
using Tiering.Emulators.Blobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.AzCopy;

/// <summary>With the real AzCopy and Azurite.</summary>
public sealed class AzCopyRunnerTests
{
    // Without --put-md5 older versions (10.18.1 among them) send an empty Content-MD5, which Azurite refuses.
    private static readonly AzCopyCopyOptions Upload = new() { BlockBlobTier = "Cool", PutMd5 = true };

    private AzuriteServer azurite = null!;
    private BlobFrontEmulator front = null!;
    private TempFolder temp = null!;
    private AzCopyRunner runner = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
        front = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await front.DisposeAsync();
        await azurite.DisposeAsync();
    }

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        runner = Runner();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await runner.DisposeAsync();
        await AzCopyOrphans.EndAsync(temp.At("job"));
        front.Faults.Clear();
        temp.Dispose();
    }

    [Test]
    public async Task Copy_NamesThatHurt_AllComeBackIdentical()
    {
        string source = temp.Folder("par ent?x%41#", "project");
        string[] names =
        [
            ".hidden", ".dot/inner", "with space.txt", "quote\"s'.txt", "per%cent", "pct%41", "pct%2F", "hash#", "amp&", "plus+", "q?", "star*", "a:b", "*", "?", "%", "%zz",
            "nfc-\u00e9", "nfd-e\u0301", new string('n', 200), "emoji-😀", "trail. ", "dotend.", " lead", "tab~`^|<>", "[br]{ac}e", "star*dir/x", "q?dir/y", "a/*", "C:/x",
            "--flag", "=eq", "$HOME", $"long/{new string('d', 100)}/{new string('e', 100)}/{new string('f', 150)}",
        ];
        foreach (string name in names)
            temp.File($"par ent?x%41#/project/{name}", name);
        temp.File("par ent?x%41#/project/zero", "");
        AzCopyEndpoint blob = Blob("my proj é'+&");
        AzCopyJob up = await runner.StartCopyAsync(Folder(source), blob, Upload);
        (await EndOfAsync(up)).State.Should().Be(AzCopyState.Succeeded);

        string back = temp.Folder("ba*ck %41", "project");
        AzCopyJob down = await runner.StartCopyAsync(blob, Folder(back), new AzCopyCopyOptions { CheckMd5 = "FailIfDifferentOrMissing" });
        AzCopySummary summary = await EndOfAsync(down);

        summary.State.Should().Be(AzCopyState.Succeeded);
        summary.Counts.Completed.Should().Be(names.Length + 1);
        Directory.EnumerateFiles(back, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(file => Path.GetRelativePath(back, file)).Should().BeEquivalentTo([.. names, "zero"]);
        foreach (string name in names)
            (await File.ReadAllTextAsync(Path.Combine(back, name))).Should().Be(name);
    }

    [Test]
    public async Task Copy_FolderWithLinks_LeavesThemOut()
    {
        string source = temp.Folder("project");
        temp.File("project/file", "x");
        temp.File("outside/secret", "y");
        File.CreateSymbolicLink(Path.Combine(source, "filelink"), temp.At("outside", "secret"));
        Directory.CreateSymbolicLink(Path.Combine(source, "folderlink"), temp.At("outside"));
        File.CreateSymbolicLink(Path.Combine(source, "broken"), "nowhere");

        AzCopySummary summary = await EndOfAsync(await runner.StartCopyAsync(Folder(source), Blob("links"), Upload));

        summary.State.Should().Be(AzCopyState.Succeeded);
        (await azurite.ListAsync("cool")).Where(name => name.StartsWith("links/", StringComparison.Ordinal)).Should().Equal("links/file");
    }

    [Test]
    public async Task Copy_BlobNamedLikeTheFolder_DoesNotHideTheFolder()
    {
        await azurite.PutBlobAsync("cool", "twin", "not the project"u8.ToArray());
        await azurite.PutBlobAsync("cool", "twin/file", "the project"u8.ToArray());
        string back = temp.Folder("back");

        AzCopySummary summary = await EndOfAsync(await runner.StartCopyAsync(Blob("twin"), Folder(back)));

        summary.State.Should().Be(AzCopyState.Succeeded);
        Directory.GetFiles(back).Should().Equal(Path.Combine(back, "file"));
    }

    [Test]
    public async Task Start_Copy_GivesAReferenceWithoutSecretsAndPrivateOutputFiles()
    {
        temp.File("project/file", "x");

        AzCopyJob job = await runner.StartCopyAsync(Folder(temp.At("project")), Blob("reference"), Upload);
        AzCopySummary summary = await EndOfAsync(job);

        summary.JobId.Should().Be(job.JobId);
        job.CommandLine.Should().Contain("sig=REDACTED");
        job.Environment.Should().Contain(AzCopyWorkspace.Marker, temp.At("job")).And.ContainKey("AZCOPY_JOB_PLAN_LOCATION");
        string[] kept = Directory.GetFiles(job.LogFolder, "*.std*.txt");
        kept.Should().Contain(file => file.EndsWith(".stdout.txt")).And.Contain(file => file.EndsWith(".stderr.txt"));
        kept.Should().OnlyContain(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string signature = AzuriteServer.Sas().Split("sig=")[1];
        foreach (string file in Directory.GetFiles(temp.At("job"), "*", SearchOption.AllDirectories))
            Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).Should().NotContain(signature[..12], file);
    }

    [Test]
    public async Task Copy_WrongSas_FailsAndTellsWhy()
    {
        temp.File("project/file", "x");
        AzCopyEndpoint wrong = Blob("wrong") with { Sas = AzuriteServer.Sas()[..^8] + "AAAAA%3D" };

        AzCopySummary summary = await EndOfAsync(await runner.StartCopyAsync(Folder(temp.At("project")), wrong, Upload));

        // AzCopy cancels itself, and tells its end at times before it has counted the file as failed.
        summary.State.Should().Be(summary.Counts.Failed > 0 ? AzCopyState.Failed : AzCopyState.Canceled);
        summary.RawStatus.Should().Be("Cancelled");
        summary.ExitCode.Should().Be(1);
        summary.Counts.Completed.Should().Be(0);
        summary.FailedTransfers.Select(transfer => transfer.ErrorCode).Should().Equal(Enumerable.Repeat("403", (int)summary.Counts.Failed));
        summary.Messages.Should().Contain(message => message.Contains("Authentication failed") && message.Contains("403"));
    }

    [Test]
    public async Task Kill_WhileTransferring_IsResumedToTheEndByAnotherRunner()
    {
        AzCopyJob job = await StartSlowAsync("killed");
        AzCopyProcess process = runner.ProcessOf(job.JobId)!;

        await FluentActions.Awaiting(() => runner.GetSummaryAsync(job.JobId)).Should().ThrowAsync<AzCopyNotFinishedException>();
        await FluentActions.Awaiting(() => runner.ResumeAsync(job.JobId, Folder(temp.Root), Blob("resumed"))).Should().ThrowAsync<InvalidOperationException>();
        AzCopySummary killed = await process.KillAsync();

        killed.State.Should().Be(AzCopyState.Unknown);
        killed.ExitCode.Should().Be(137);
        process.Identity.IsAlive().Should().BeFalse();
        await using AzCopyRunner next = Runner();
        (AzCopyPlanState plan, _) = await next.ShowAsync(job.JobId);
        AzCopyPlans.Decide(plan, originalLives: false).Should().Be(AzCopyNextStep.Resume);
        (await next.PollAsync(job.JobId)).Should().Match<AzCopyProgress>(progress => progress.State == AzCopyState.Unknown && progress.RawStatus == "InProgress");
        await FluentActions.Awaiting(() => next.GetSummaryAsync(job.JobId)).Should().ThrowAsync<AzCopyNotFinishedException>();

        front.Faults.Clear();
        AzCopyJob resumed = await next.ResumeAsync(job.JobId, Folder(temp.Root), Blob("resumed"));
        AzCopySummary end = await next.ProcessOf(resumed.JobId)!.Completion.WaitAsync(Eventually.Limit);

        resumed.JobId.Should().Be(job.JobId);
        end.State.Should().Be(AzCopyState.Succeeded);
        end.Counts.Completed.Should().Be(3);
        await using AzCopyRunner later = Runner();
        (await later.GetSummaryAsync(job.JobId)).State.Should().Be(AzCopyState.Succeeded);
        AzCopyPlans.Decide((await later.ShowAsync(job.JobId)).Plan, originalLives: false).Should().Be(AzCopyNextStep.TakeSummary);
    }

    [Test]
    public async Task Poll_WhileTransferring_TellsRunningFromItsOwnProcessAndFromThePlan()
    {
        AzCopyJob job = await StartSlowAsync("polled");
        await using AzCopyRunner other = Runner();

        await Eventually.IsTrueAsync(async () => (await runner.PollAsync(job.JobId)).State == AzCopyState.Running);
        await Eventually.IsTrueAsync(async () => (await other.ShowAsync(job.JobId)).Plan == AzCopyPlanState.Interrupted);
        AzCopyProgress fromPlan = await other.PollAsync(job.JobId);

        fromPlan.State.Should().Be(AzCopyState.Running);
        fromPlan.Counts.Total.Should().Be(3);
        runner.ProcessOf(job.JobId)!.LastOutput.Should().BeOnOrAfter(job.StartedAt);
    }

    [Test]
    public async Task Orphans_OfThisJobFolder_AreEndedAndOthersAreNot()
    {
        AzCopyJob job = await StartSlowAsync("orphan");
        using Process bystander = Process.Start(new ProcessStartInfo("sleep", "600")
        {
            UseShellExecute = false,
            Environment = { [AzCopyWorkspace.Marker] = temp.At("job") + "-other" },
        })!;
        try
        {
            AzCopyOrphans.Find(temp.At("job")).Should().Equal(job.Process);

            IReadOnlyList<ProcessIdentity> ended = await AzCopyOrphans.EndAsync(temp.At("job")).WaitAsync(Eventually.Limit);

            ended.Should().Equal(job.Process);
            job.Process.IsAlive().Should().BeFalse();
            AzCopyOrphans.Find(temp.At("job")).Should().BeEmpty();
            bystander.HasExited.Should().BeFalse();
            (await AzCopyOrphans.EndAsync(temp.At("job"))).Should().BeEmpty();
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Test]
    public async Task Job_NeverHeardOf_IsNotFound()
    {
        const string id = "00000000-1111-2222-3333-444444444444";

        (await FluentActions.Awaiting(() => runner.PollAsync(id)).Should().ThrowAsync<AzCopyJobNotFoundException>()).Which.Facts.JobId.Should().Be(id);
        await FluentActions.Awaiting(() => runner.GetSummaryAsync(id)).Should().ThrowAsync<AzCopyJobNotFoundException>();
        await FluentActions.Awaiting(() => runner.ResumeAsync(id, Folder(temp.Root), Blob("resumed"))).Should().ThrowAsync<AzCopyJobNotFoundException>();
        (await runner.ShowAsync(id)).Plan.Should().Be(AzCopyPlanState.NoPlan);
    }

    [Test]
    public async Task Plan_CutShort_IsCorruptAndStartsAnew()
    {
        temp.File("project/file", "x");
        AzCopyJob job = await runner.StartCopyAsync(Folder(temp.At("project")), Blob("corrupt"), Upload);
        await EndOfAsync(job);
        foreach (string plan in Directory.GetFiles(runner.Workspace.PlanFolder, job.JobId + "*"))
        {
            await using FileStream file = File.OpenWrite(plan);
            file.SetLength(100);
        }
        await using AzCopyRunner next = Runner();

        (AzCopyPlanState state, _) = await next.ShowAsync(job.JobId);

        state.Should().Be(AzCopyPlanState.Corrupt);
        await FluentActions.Awaiting(() => next.PollAsync(job.JobId)).Should().ThrowAsync<AzCopyParseException>();
    }

    [Test]
    public async Task Start_UnknownFlag_FailsWithAnExcerpt()
    {
        temp.File("project/file", "x");

        AzCopyStartFailedException failure = (await FluentActions
            .Awaiting(() => runner.StartCopyAsync(Folder(temp.At("project")), Blob("flag"), Upload with { ExtraArguments = ["--nosuchflag"] }))
            .Should().ThrowAsync<AzCopyStartFailedException>()).Which;

        failure.Facts.Excerpt.Should().Contain("nosuchflag").And.NotContain("sig=");
        failure.Facts.Excerpt.Length.Should().BeLessThan(1100);
        failure.Facts.LogFolder.Should().Be(runner.Workspace.LogFolder);
    }

    [Test]
    public async Task Start_LogFolderVanished_StillCopies()
    {
        temp.File("project/file", "x");
        await AzCopyVersion.FindAsync(runner.Workspace);
        Directory.Delete(runner.Workspace.LogFolder, recursive: true);

        AzCopySummary summary = await EndOfAsync(await runner.StartCopyAsync(Folder(temp.At("project")), Blob("nolog"), Upload));

        summary.State.Should().Be(AzCopyState.Succeeded);
    }

    [Test]
    public async Task Reasons_LogFolderVanished_AreNone()
    {
        Directory.Delete(runner.Workspace.LogFolder, recursive: true);

        IReadOnlyDictionary<string, long> mark = AzCopyFailureLog.Mark(runner.Workspace);

        mark.Should().BeEmpty();
        (await AzCopyFailureLog.ReadFirstAsync(runner.Workspace, mark, most: 5)).Should().BeEmpty();
    }

    [TestCase("missing", null)]
    [TestCase("notexecutable", UnixFileMode.UserRead)]
    [TestCase("noprogram", UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    public async Task Start_NoAzCopy_IsNotInstalled(string name, UnixFileMode? mode)
    {
        string path = temp.At(name);
        if (mode is { } bits)
            File.SetUnixFileMode(temp.File(name, "\u007fELF garbage"), bits);
        await using AzCopyRunner none = new(AzCopyWorkspace.Open(new AzCopyOptions { Path = path }, temp.At("job")));

        AzCopyNotInstalledException failure = (await FluentActions.Awaiting(() => none.StartCopyAsync(Folder(temp.Folder("p")), Blob("x"), Upload))
            .Should().ThrowAsync<AzCopyNotInstalledException>()).Which;

        failure.Path.Should().Be(path);
        failure.Message.Should().Contain("AZCOPY_PATH").And.NotContain(path);
    }

    [Test]
    public async Task Version_RealAzCopy_IsTold() =>
        (await AzCopyVersion.FindAsync(runner.Workspace)).Should().BeGreaterThanOrEqualTo(new Version(10, 18, 1));

    [Test]
    public async Task Version_AnotherProgram_IsNoAzCopy()
    {
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(new AzCopyOptions { Path = "/bin/true" }, temp.At("job"));

        await FluentActions.Awaiting(() => AzCopyVersion.FindAsync(workspace)).Should().ThrowAsync<AzCopyNotInstalledException>();
    }

    [Test]
    public async Task Version_KilledBeforeItIsTold_MayBeAskedAgain()
    {
        string path = ShellProgram.Write(temp.At("killed"), "kill -9 $$");

        AzCopyStartFailedException failure = (await FluentActions
            .Awaiting(() => AzCopyVersion.FindAsync(AzCopyWorkspace.Open(new AzCopyOptions { Path = path }, temp.At("job"))))
            .Should().ThrowAsync<AzCopyStartFailedException>()).Which;

        failure.IsTransient.Should().BeTrue();
        failure.Message.Should().Contain("signal 9");
    }

    private AzCopyRunner Runner() => new(AzCopyWorkspace.Open(new AzCopyOptions { Path = Tools.AzCopy, BufferGb = 0.1 }, temp.At("job")));

    /// <summary>A copy that has begun, so that its plan is whole, and that cannot end before the faults are forgotten.</summary>
    private async Task<AzCopyJob> StartSlowAsync(string slug)
    {
        string source = temp.Folder("project");
        for (int i = 0; i < 3; i++)
            await File.WriteAllBytesAsync(Path.Combine(source, $"f{i}.bin"), new byte[8_000_000]);
        HeldRequests held = front.Faults.HoldWrites($"cool/{slug}/*");
        AzCopyJob job = await runner.StartCopyAsync(Folder(source), Blob(slug), Upload);
        await held.ArriveAsync();
        return job;
    }

    private async Task<AzCopySummary> EndOfAsync(AzCopyJob job) => await runner.ProcessOf(job.JobId)!.Completion.WaitAsync(Eventually.Limit);

    private static AzCopyEndpoint Folder(string path) => new(new Location(LocationKind.Folder, path, Path.GetDirectoryName(path)!));

    private AzCopyEndpoint Blob(string slug) =>
        new(new Location(LocationKind.Blob, front.UriOf("cool", slug).AbsoluteUri, front.UriOf("cool").AbsoluteUri), AzuriteServer.Sas());
}
