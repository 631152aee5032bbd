using System.Globalization;
using System.Text;
using FsCheck;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class AzCopyReportTests
{
    [TestCaseSource(typeof(Scenarios), nameof(Scenarios.Copies))]
    public void Parse_CapturedCopy_HasItsStateAndCounts(string scenario, int? exitCode, AzCopyState state, string? status, Expected counts, long errors)
    {
        (string output, string standardError) = Scenarios.Read(scenario);

        AzCopySummary summary = AzCopyReport.Parse(output, standardError).Summary(exitCode);

        summary.State.Should().Be(state);
        summary.RawStatus.Should().Be(status);
        Expected.Of(summary.Counts).Should().Be(counts);
        summary.Errors.Should().Be(errors);
        summary.ExitCode.Should().Be(exitCode);
    }

    [TestCaseSource(typeof(Scenarios), nameof(Scenarios.Shows))]
    public void Parse_CapturedShow_TellsWhatThePlanIsGoodFor(string scenario, int? exitCode, AzCopyPlanState plan, string? status, Expected counts)
    {
        (string output, string standardError) = Scenarios.Read(scenario);

        AzCopyReport report = AzCopyReport.Parse(output, standardError);

        AzCopyPlans.StateOf(report, exitCode).Should().Be(plan);
        report.RawStatus.Should().Be(status);
        Expected.Of(report.Counts).Should().Be(counts);
    }

    [Test]
    public void Scenarios_EveryCapturedFolderAndQuestion_IsInTheTables()
    {
        IEnumerable<string> captured = Directory.EnumerateFiles(Scenarios.Folder, "*stdout.txt", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Scenarios.Folder, path))
            .Select(path => path.EndsWith("/stdout.txt", StringComparison.Ordinal) ? path[..^"/stdout.txt".Length] : path[..^".stdout.txt".Length]);

        Scenarios.Names().Should().BeEquivalentTo(captured);
    }

    [TestCaseSource(typeof(Scenarios), nameof(Scenarios.Copies))]
    public void Parse_SameOutputTwice_GivesTheSameSummary(string scenario, int? exitCode, AzCopyState state, string? status, Expected counts, long errors)
    {
        (string output, string standardError) = Scenarios.Read(scenario);

        AzCopySummary once = AzCopyReport.Parse(output, standardError).Summary(exitCode);

        AzCopyReport.Parse(output, standardError).Summary(exitCode).Should().BeEquivalentTo(once, options => options.WithStrictOrdering());
    }

    [Test]
    public void Parse_Upload_KnowsJobIdTimeAndRawSummary()
    {
        AzCopySummary summary = AzCopyReport.Parse(Scenarios.Read("azcopy/upload_ok").Output).Summary(0);

        summary.JobId.Should().Be("91a2771c-f3eb-b742-7993-f13ead5f3ab7");
        summary.LastUpdated.Should().BeCloseTo(new DateTimeOffset(2026, 11, 20, 15, 53, 31, TimeSpan.Zero), TimeSpan.FromSeconds(1));
        summary.Raw.Should().Contain("\"JobStatus\":\"Completed\"");
    }

    [Test]
    public void Parse_FailedAndSkippedTransfers_AreListedThoughTheEndOmitsThem()
    {
        AzCopySummary failed = AzCopyReport.Parse(Scenarios.Read("azcopy/partial_upload_403_one").Output).Summary(1);
        AzCopySummary skipped = AzCopyReport.Parse(Scenarios.Read("azcopy/upload_some_skipped").Output).Summary(0);

        failed.FailedTransfers.Should().ContainSingle().Which.Should().Be(new AzCopyTransfer(
            "/lab/data/part/a.txt", "http://127.0.0.1:10003/devstoreaccount1/fxc/p403/a.txt", 6, "Failed", "403"));
        skipped.SkippedTransfers.Should().HaveCount(7).And.OnlyContain(transfer => transfer.Status == "SkippedEntityAlreadyExists");
    }

    [TestCase("azcopy/s2s_list_subdir_403")]
    [TestCase("azcopy/s2s_list_subdir_404")]
    [TestCase("azcopy/s2s_head_403")]
    [TestCase("azcopy/s2s_head_404")]
    [TestCase("azcopy/partial_upload_unreadable_dir")]
    public void Parse_CompletedWithFilesMissing_Warns(string scenario) =>
        AzCopyReport.Parse(Scenarios.Read(scenario).Output).Summary(0).Warnings.Should().BePositive();

    [TestCase("azcopy/scan_TERM_y")]
    [TestCase("azcopy/scan_stdin_cancel")]
    [TestCase("azcopy/s2s_list_subdir_500")]
    public void Parse_PromptDuringScan_IsSeen(string scenario) =>
        AzCopyReport.Parse(Scenarios.Read(scenario).Output).Prompt.Should().Contain("enumeration");

    [Test]
    public void Parse_ResumeOfAJobKilledInItsScan_SaysThatItCannotBeResumed() =>
        AzCopyReport.Parse(Scenarios.Read("azcopy/resume_after_kill_in_scan").Output).SaysNotResumable.Should().BeTrue();

    [Test]
    public void Parse_NumbersAsNumbersAndMissingFields_AreTolerated()
    {
        AzCopyReport report = AzCopyReport.Parse(
            """{"MessageType":"EndOfJob","MessageContent":{"JobID":"j","JobStatus":"Completed","TotalTransfers":9000000000,"TransfersCompleted":"9000000000","PercentComplete":100.0}}""");

        report.Summary(0).State.Should().Be(AzCopyState.Succeeded);
        report.Counts.Should().Be(new AzCopyCounts { Total = 9_000_000_000, Completed = 9_000_000_000, Percent = 100 });
    }

    [Test]
    public void Summary_FailedTransfersWithCompletedAndExitZero_IsFailed() =>
        AzCopyReport.Parse("""{"MessageType":"EndOfJob","MessageContent":"{\"JobStatus\":\"Completed\",\"TransfersFailed\":\"1\"}"}""")
            .Summary(0).State.Should().Be(AzCopyState.Failed);

    [Test]
    public void Summary_CompletedWithExitOne_IsFailed() =>
        AzCopyReport.Parse("""{"MessageType":"EndOfJob","MessageContent":"{\"JobStatus\":\"Completed\"}"}""").Summary(1).State.Should().Be(AzCopyState.Failed);

    [Test]
    public void Summary_StatusNeverHeardOf_IsUnknown() =>
        AzCopyReport.Parse("""{"MessageType":"EndOfJob","MessageContent":"{\"JobStatus\":\"Glorious\"}"}""").Summary(0).State.Should().Be(AzCopyState.Unknown);

    [Test]
    public void Summary_TruncatedEnd_IsNotASuccess()
    {
        string output = Scenarios.Read("azcopy/upload_ok_essential").Output.TrimEnd();

        AzCopyReport.Parse(output[..^40]).Summary(0).State.Should().NotBe(AzCopyState.Succeeded);
    }

    [Test]
    public void Summary_OutputWithSecretsAndWithoutEnd_IsRedactedAndBounded()
    {
        string secret = "S3cr3t" + new string('x', 50) + "%3D";
        StringBuilder output = new();
        for (int i = 0; i < 20_000; i++)
        {
            output.AppendLine(CultureInfo.InvariantCulture, $$"""{"MessageType":"Error","MessageContent":"PUT http://h/c/p?se=1&sig={{secret}}&sp=r failed"}""");
            output.AppendLine(CultureInfo.InvariantCulture, $"noise sig={secret} {new string('n', 300)}");
        }
        output.AppendLine(CultureInfo.InvariantCulture, $$"""{"MessageType":"EndOfJob","MessageContent":"{\"JobStatus\":\"Failed\",\"X\":\"sig={{secret}}\",\"Y\":\"{{new string('y', 200_000)}}\"}"}""");

        AzCopySummary summary = AzCopyReport.Parse(output.ToString()).Summary(1);

        summary.Errors.Should().Be(20_000);
        string all = summary.Raw + summary.Excerpt + string.Join('\n', summary.Messages);
        all.Should().NotContain("S3cr3t");
        all.Length.Should().BeLessThan(AzCopyReport.MaxRawChars + AzCopyReport.MaxExcerptChars + (AzCopyReport.MaxMessages * AzCopyReport.MaxMessageChars) + 1000);
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public void Parse_AnyText_NeverThrows(NonNull<string> output, NonNull<string> errors, int exitCode) =>
        AzCopyReport.Parse(output.Get, errors.Get).Summary(exitCode).Should().NotBeNull();

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public void Parse_DamagedOutput_NeverThrowsAndAlwaysMeansTheSame(PositiveInt seed)
    {
        Random random = new(seed.Get);
        string[] names = [.. Scenarios.Names()];
        StringBuilder text = new(Scenarios.Read(names[random.Next(names.Length)]).Output);
        for (int i = 0; i < 20 && text.Length > 0; i++)
            text[random.Next(text.Length)] = (char)random.Next(1, 0x3000);
        if (text.Length > 0 && random.Next(2) == 0)
            text.Length = random.Next(text.Length);

        AzCopySummary once = AzCopyReport.Parse(text.ToString()).Summary(0);
        AzCopySummary twice = AzCopyReport.Parse(text.ToString()).Summary(0);

        (twice.State, twice.Counts, twice.RawStatus, twice.JobId, twice.Raw).Should().Be((once.State, once.Counts, once.RawStatus, once.JobId, once.Raw));
    }
}
