using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.AzCopy;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>
/// An AzCopy that lies, in every way that was seen and worse: no lie becomes a success, none hangs a transfer, and what only sounds wrong but is
/// right succeeds. What each says is played by the program in StandIn/.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), Parallelizable(ParallelScope.All)]
public sealed class LyingAzCopyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);
    private static readonly Proof Full = new(ProofMode.Full);

    private static AzuriteServer azurite = null!;
    private LocalLab lab = null!;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
    }

    [OneTimeTearDown]
    public static async Task StopAsync() => await azurite.DisposeAsync();

    [SetUp]
    public void SetUp() => lab = new LocalLab(azurite);

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public Task Lie_CompletedWithAFileMissing_IsFoundMissing() => FailsAsync("missing", "real\ndelete a.txt\nexit 0", "verification-mismatch", "a.txt");

    [Test]
    public Task Lie_CompletedWithoutHavingCopiedAnything_IsFoundMissing() => FailsAsync("nothing", "init\nend Completed\nexit 0", "verification-mismatch", "a.txt");

    [Test]
    public async Task Lie_CompletedBeforeAnythingAndThenSilence_IsEnded()
    {
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Stall = Short } };
        await FailsAsync("early", "init\nend Completed\nhang", "stalled", "no progress");
    }

    [Test]
    public Task Lie_CompletedWithAFileTruncated_IsFoundShort() => FailsAsync("short", "real\ntruncate b.txt\nexit 0", "verification-mismatch", "b.txt");

    [Test]
    public Task Lie_CompletedWithAFileAlteredAndItsMd5Kept_IsFoundByTheFullProof() =>
        FailsAsync("altered", "real\nalter sub/c.txt\nexit 0", "content-mismatch", "sub/c.txt");

    [Test]
    public async Task Lie_RestoreCompletedWithAFileAltered_IsFound()
    {
        string project = lab.WriteProject("back");
        (await lab.RunAsync("back", OperationType.Cool, Full)).Error.Should().BeNull();
        Directory.Delete(project, recursive: true);
        lab.Lie("[copy]\nreal\nalter b.txt\nexit 0");

        TransferVerdict verdict = await lab.RunAsync("back", OperationType.Restore, Full);

        verdict.Error!.Code.Should().Be("content-mismatch");
        verdict.Error.Details!["first"].Should().Contain("b.txt");
    }

    [Test]
    public async Task Lie_SomeSkippedAndCompleted_IsFoundMissingUntilItIsCopied()
    {
        lab.WriteProject("skipped");
        string script = lab.Lie("[copy 1]\ninit\nend CompletedWithSkipped TransfersCompleted=0 TransfersSkipped=3\nexit 0");

        (await lab.RunAsync("skipped", OperationType.Cool, Full)).Error.Should().BeNull();

        Calls(script, "copy").Should().Be(2, "the second call is the real one");
    }

    [Test]
    public Task Lie_ExitZeroWithFailedTransfers_Fails() => FailsAsync("zero", "init\nend Completed TransfersCompleted=2 TransfersFailed=1\nexit 0", "azcopy-failed", "1 failed");

    [Test]
    public Task Lie_ExitZeroWithFailed_Fails() => FailsAsync("failed", "init\nend Failed TransfersCompleted=0\nexit 0", "azcopy-failed", "failed");

    [Test]
    public Task Lie_ExitOneOnSuccess_SucceedsBecauseItIsProved() => SucceedsAsync("one", "real\nexit 1");

    [Test]
    public Task Lie_NumbersAsNumbers_AreRead() => SucceedsAsync(
        "numbers",
        """
        quiet
        init
        out {"TimeStamp":"2026-11-20T12:00:00Z","MessageType":"EndOfJob","MessageContent":{"JobID":"{id}","JobStatus":"Completed","TotalTransfers":3,"TransfersCompleted":3,"TransfersFailed":0,"PercentComplete":100.0}}
        exit 0
        """);

    [Test]
    public Task Lie_StatusNeverHeardOf_Fails() => FailsAsync("status", "init\nend Glorious\nexit 0", "azcopy-unknown", "unknown status");

    [Test]
    public async Task Lie_StatusNeverHeardOfOnSuccess_SucceedsBecauseNothingIsMissing()
    {
        lab.WriteProject("glorious");
        lab.Lie("[copy]\nreal\nend Glorious\nexit 0");

        TransferVerdict verdict = await lab.RunAsync("glorious", OperationType.Cool);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        verdict.Copied.Should().Be(verdict.Total);
        verdict.AzCopyJobs.Should().ContainSingle("our own inventory finds all of it whole");
    }

    [Test]
    public Task Lie_TruncatedJson_IsNoSuccess() => FailsAsync(
        "cut", "init\nout {\"TimeStamp\":\"2026-11-20T12:00:00Z\",\"MessageType\":\"EndOfJob\",\"MessageContent\":\"{\\\"JobStatus\\\":\\\"Comple\nexit 0", "azcopy-unknown", "unknown status");

    [Test]
    public Task Lie_OutputThatIsNoJson_IsNoSuccess() => FailsAsync("prose", "init\nout Everything went very well.\nexit 0", "azcopy-unknown", "unknown status");

    [Test]
    public async Task Lie_PromptInsteadOfCopying_IsEndedAndTheQuestionTold()
    {
        string script = await FailsAsync("prompt", "init\nprompt The job is still being scanned (enumeration). Cancel anyway?\nhang", "azcopy-prompt", "Cancel anyway?");
        Calls(script, "copy").Should().BeLessThanOrEqualTo(3);
    }

    [Test]
    [NonParallelizable] // the memory of the whole process is looked at
    public async Task Lie_EndlessOutput_IsEndedInBoundedMemoryAndDisk()
    {
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Stall = Short } };
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await FailsAsync("endless", "init\nprogress InProgress TransfersCompleted=0\nendless this goes on and on and on and on and on", "stalled", "no progress");

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(100_000_000);
        Directory.EnumerateFiles(lab.Temp.At("jobs"), "*.std*.txt", SearchOption.AllDirectories).Should().NotBeEmpty()
            .And.OnlyContain(file => new FileInfo(file).Length <= 17_000_000);
    }

    [Test]
    public Task Lie_ProgramLeftBehindWithTheOutput_IsEnded() => SucceedsAsync("left", "real\nleave\nexit 0"); // the lab looks for what is left

    [Test]
    public Task Lie_OneLineOfTenMegabytes_IsBorne() => SucceedsAsync("long", "quiet\ninit\nlong 10000000\nend Completed\nexit 0");

    [Test]
    public Task Lie_BytesThatAreNoText_AreBorne() => SucceedsAsync("bytes", "quiet\ninit\nhex ff00fe80c328a0a1\nend Completed\nexit 0");

    [Test]
    public Task Lie_EverythingOnStandardError_IsRead() => SucceedsAsync(
        "stderr",
        """
        quiet
        err {"TimeStamp":"2026-11-20T12:00:00Z","MessageType":"Init","MessageContent":"{\"JobID\":\"{id}\"}"}
        err {"TimeStamp":"2026-11-20T12:00:00Z","MessageType":"EndOfJob","MessageContent":"{\"JobID\":\"{id}\",\"JobStatus\":\"Completed\",\"TransfersCompleted\":\"3\"}"}
        exit 0
        """);

    [Test]
    public async Task Lie_SilentForever_IsEndedWhenTheStallLimitIsReached()
    {
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Stall = Short } };
        string script = await FailsAsync("silent", "init\nprogress InProgress TransfersCompleted=0\nhang", "stalled", "no progress");
        Calls(script, "copy").Should().BeLessThanOrEqualTo(3);
    }

    [Test]
    public async Task Lie_NoJobIdEver_IsEnded()
    {
        lab.Options = lab.Options with { Patience = new AzCopyPatience { JobId = TimeSpan.FromSeconds(10) } };
        await FailsAsync("noid", "out Scanning...\nhang", "azcopy-job-id-not-found", "no job id");
    }

    [Test]
    public Task Lie_JobIdThatIsAPath_IsNone() => FailsAsync("path", "init ../../../../etc/passwd\nexit 1", "azcopy-start-failed", "before it told a job id");

    [Test]
    public async Task Lie_JobIdOfAnotherJob_IsNotTaken()
    {
        const string other = "11111111-2222-3333-4444-555555555555";
        lab.WriteProject("other");
        string script = lab.Lie($"[copy]\ninit {other}\nprogress InProgress TransfersCompleted=0\ndie\n[show]\nout Corrupt\nexit 2");

        TransferVerdict verdict = await lab.RunAsync("other", OperationType.Cool, Full);

        verdict.Error!.Code.Should().Be("azcopy-wrong-job");
        verdict.AzCopyJobs.Should().ContainSingle("an id counts once").Which.Should().Be(other);
        Calls(script, "copy").Should().Be(4);
    }

    [Test]
    public async Task Lie_ResumeOfAnotherJob_IsEndedAndTheCopyStartedAnew()
    {
        lab.WriteProject("resume");
        string script = lab.Lie("[copy 1]\ninit\nprogress InProgress TransfersCompleted=1\ndie\n[show]\nsummary InProgress\nexit 0\n[resume]\ninit 11111111-2222-3333-4444-555555555555\nhang");

        TransferVerdict verdict = await lab.RunAsync("resume", OperationType.Cool, Full);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        (Calls(script, "resume"), Calls(script, "copy")).Should().Be((1, 2));
    }

    [Test]
    public async Task Lie_ResumeThatHasCopiedAllAndNeverEnds_IsEndedAndProved()
    {
        lab.WriteProject("endless");
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Silence = Short } };
        string script = lab.Lie(
            "[copy 1]\ninit\nquiet\nprogress InProgress TransfersCompleted=2\ndie\n[show 1]\nsummary InProgress TotalTransfers=3 TransfersCompleted=2\nexit 0\n"
            + "[resume]\ninit\nprogress InProgress TotalTransfers=3 TransfersCompleted=3\nhang\n[show]\nsummary Completed TotalTransfers=3 TransfersCompleted=3\nexit 0");

        TransferVerdict verdict = await lab.RunAsync("endless", OperationType.Cool, Full);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        (Calls(script, "resume"), Calls(script, "copy")).Should().Be((1, 1));
    }

    [Test]
    public async Task Lie_PlanInWhichAllIsDoneAndTheJobIsNot_IsNotResumed()
    {
        lab.WriteProject("alldone");
        string script = lab.Lie("[copy 1]\ninit\nquiet\nprogress InProgress TransfersCompleted=2\ndie\n[show]\nsummary InProgress TotalTransfers=3 TransfersCompleted=3\nexit 0\n[resume]\nhang");

        TransferVerdict verdict = await lab.RunAsync("alldone", OperationType.Cool, Full);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        (Calls(script, "resume"), Calls(script, "copy")).Should().Be((0, 1), "all is there");
    }

    [Test]
    public async Task Lie_ProgressThatGoesBack_IsNotShown()
    {
        await SucceedsAsync(
            "backwards",
            "init\nprogress InProgress TransfersCompleted=2 TotalBytesTransferred=60 PercentComplete=80\nquiet\nprogress InProgress TransfersCompleted=1 TotalBytesTransferred=10 PercentComplete=5\nend Completed\nexit 0");

        lab.Progress.Select(progress => progress.Percent).Should().BeInAscendingOrder();
        lab.Progress.Select(progress => progress.Copied.Files).Should().BeInAscendingOrder();
        lab.Progress.Select(progress => progress.Copied.Bytes).Should().BeInAscendingOrder();
    }

    [Test]
    public async Task Lie_EveryCapturedOutputWithNothingCopied_IsNoSuccess()
    {
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Stall = Short } };
        string[] scenarios = ["upload_ok", "upload_ok_text", "s2s_fileblob_ok", "s2s_list_subdir_403", "upload_skipped", "resume_completed", "sig_KILL", "corrupt_plan_show_scribbled"];
        foreach (string scenario in scenarios)
        {
            string output = Path.Combine(Scenarios.Folder, "azcopy", scenario, "stdout.txt");
            lab.WriteProject(scenario.Replace('_', '-'));
            lab.Lie($"[copy]\ninit\ncaptured {output}\nexit 0\n[resume]\ninit\ncaptured {output}\nexit 0");

            TransferVerdict verdict = await lab.RunAsync(scenario.Replace('_', '-'), OperationType.Cool, Full);

            verdict.Error.Should().NotBeNull(scenario);
            verdict.Error!.Code.Should().NotBe("agent-failed", $"{scenario}: {verdict.Error}");
            TestContext.Out.WriteLine($"{scenario}: {verdict.Error.Code}: {verdict.Error.Message}");
        }
    }

    [Test]
    public async Task Lie_ShowSaysCompletedOfAJobThatWasKilled_IsFoundMissing()
    {
        lab.WriteProject("scribbled");
        lab.Lie("[copy 1]\ninit\nprogress InProgress TransfersCompleted=1\ndie\n[show]\nsummary Completed TransfersCompleted=3\nexit 0");

        TransferVerdict verdict = await lab.RunAsync("scribbled", OperationType.Cool, Full);

        verdict.Error!.Code.Should().Be("verification-mismatch");
        lab.TellTheTruth();
        (await lab.RunAsync("scribbled", OperationType.Cool, Full)).Error.Should().BeNull();
    }

    [Test]
    public async Task Lie_JobNotFoundOnce_DoesNotFailTheOperation()
    {
        lab.WriteProject("forgotten");
        string script = lab.Lie("[copy 1]\ninit\nprogress InProgress TransfersCompleted=1\ndie\n[show 1]\nerror no job with JobId {id} exists\nexit 1");

        TransferVerdict verdict = await lab.RunAsync("forgotten", OperationType.Cool, Full);

        verdict.Error.Should().BeNull();
        verdict.Copied.Should().Be(verdict.Total);
        verdict.AzCopyJobs.Should().HaveCount(2);
        (Calls(script, "show"), Calls(script, "copy")).Should().Be((1, 2));
    }

    [Test]
    public async Task Lie_ShowThatNeverAnswers_IsLeftAndTheCopyStartedAnew()
    {
        lab.WriteProject("mute");
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Show = Short } };
        string script = lab.Lie("[copy 1]\ninit\nprogress InProgress TransfersCompleted=1\ndie\n[show]\nhang");

        (await lab.RunAsync("mute", OperationType.Cool, Full)).Error.Should().BeNull();

        Calls(script, "copy").Should().Be(2);
    }

    /// <summary>The lie fails with this code, names this, and leaves a project that the truth can cool.</summary>
    private async Task<string> FailsAsync(string slug, string copy, string code, string names)
    {
        lab.WriteProject(slug);
        // What a resume would do, the liar does again; of its jobs it knows nothing.
        string script = lab.Lie($"[copy]\n{copy}\n[resume]\n{copy}\n[show]\nerror no job with JobId {{id}} exists\nexit 1");

        TransferVerdict verdict = await lab.RunAsync(slug, OperationType.Cool, Full);

        verdict.Error.Should().NotBeNull();
        verdict.Error!.Code.Should().Be(code, verdict.Error.ToString());
        string told = verdict.Error.Message + string.Join('\n', verdict.Error.Details?.Values ?? []);
        told.Should().Contain(names).And.NotContain("sig=");
        lab.TellTheTruth();
        (await lab.RunAsync(slug, OperationType.Cool, Full)).Error.Should().BeNull("the next operation goes well");
        return script;
    }

    private async Task SucceedsAsync(string slug, string copy)
    {
        lab.WriteProject(slug);
        lab.Lie($"[copy]\n{copy}");
        TransferVerdict verdict = await lab.RunAsync(slug, OperationType.Cool, Full);
        verdict.Error.Should().BeNull();
        verdict.Copied.Should().Be(verdict.Total);
        verdict.FilesHashed.Should().Be(3);
    }

    private static long Calls(string script, string command) => new FileInfo($"{script}.{command}") is { Exists: true } calls ? calls.Length : 0;
}
