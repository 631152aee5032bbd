using System.Diagnostics;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Agents;

namespace Tiering.Tests.Transfers.AzCopy;

/// <summary>The real AzCopy of five versions against Azurite: what each prints is understood, and what each lacks is known.</summary>
[Category("Versions")]
public sealed class VersionsTests : LocalLabFixture
{
    private static readonly string[] All = ["10.10.0", "10.14.1", "10.17.0", "10.18.1", Tools.NewestVersion];
    private static readonly string[] Supported = ["10.18.1", Tools.NewestVersion];

    [TestCaseSource(nameof(All))]
    public async Task Version_IsTold(string version)
    {
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(new AzCopyOptions { Path = PathOf(version) }, Lab.Temp.At("job"));
        (await AzCopyVersion.FindAsync(workspace)).Should().Be(Version.Parse(version));
    }

    [TestCaseSource(nameof(All))]
    [Category("Long")] // without a network, older versions wait eight seconds at every call
    public async Task Flags_AreThoseOfTheTable(string version)
    {
        foreach (string flag in AzCopyVersion.Since.Keys) // asked for, and not looked up in the help: some are hidden there
            ((await RunAsync(version, "copy", $"{flag}=false", "--help")).Exit == 0).Should().Be(AzCopyVersion.Has(Version.Parse(version), flag), flag);
    }

    [TestCaseSource(nameof(All))]
    public async Task Output_OfACopyAndItsPlan_IsUnderstood(string version)
    {
        string project = Lab.WriteProject("copied");

        (AzCopyReport report, int exit, _) = await RunAsync(version, "copy", $"{project}/*", Address($"v{version}/copied"), "--recursive", "--from-to=LocalBlob", "--put-md5", "--output-type=json");
        AzCopySummary summary = report.Summary(exit);

        (summary.State, summary.Counts.Completed, summary.Counts.Total, summary.Counts.Failed).Should().Be((AzCopyState.Succeeded, 3L, 3L, 0L), summary.Raw);
        (AzCopyReport shown, int code, _) = await RunAsync(version, "jobs", "show", summary.JobId!, "--output-type=json");
        AzCopyPlans.StateOf(shown, code).Should().Be(AzCopyPlanState.Completed);
        shown.Counts.Completed.Should().Be(3);
        (AzCopyReport unknown, int none, _) = await RunAsync(version, "jobs", "show", "00000000-1111-2222-3333-444444444444", "--output-type=json");
        AzCopyPlans.StateOf(unknown, none).Should().Be(AzCopyPlanState.NoPlan);
    }

    [TestCaseSource(nameof(All))]
    public async Task Output_OfAFailure_IsUnderstood(string version)
    {
        string project = Lab.WriteProject("refused");
        string wrong = Address($"v{version}/refused")[..^8] + "AAAAA%3D";

        (AzCopyReport report, int exit, _) = await RunAsync(version, "copy", $"{project}/*", wrong, "--recursive", "--from-to=LocalBlob", "--put-md5", "--output-type=json");
        AzCopySummary summary = report.Summary(exit);

        summary.State.Should().BeOneOf(AzCopyState.Failed, AzCopyState.Canceled);
        exit.Should().Be(1);
        (AzCopyReport bad, int usage, _) = await RunAsync(version, "copy", "--nosuchflag");
        bad.Summary(usage).State.Should().Be(AzCopyState.Failed);
    }

    [TestCaseSource(nameof(All))]
    public async Task Output_OfAKilledJobAndItsResume_IsUnderstood(string version)
    {
        string project = Lab.Temp.Folder("hot", "killed");
        for (int i = 0; i < 3; i++)
            await File.WriteAllBytesAsync(Path.Combine(project, $"f{i}.bin"), new byte[8_000_000]);
        FaultSet faults = await Lab.FrontAsync();
        faults.HoldWrites($"cool/v{version}/killed/*"); // it cannot end
        string held = new UriBuilder(Address($"v{version}/killed")) { Port = Lab.BlobEndpoint.Port }.Uri.AbsoluteUri;
        using Process process = Start(version, ["copy", $"{project}/*", held, "--recursive", "--from-to=LocalBlob", "--put-md5", "--output-type=json"]);
        AzCopyReport report = new();
        await Eventually.IsTrueAsync(() =>
        {
            if (report.RawStatus is null && process.StandardOutput.ReadLine() is { } line)
                report.Add(line);
            return report.RawStatus is not null;
        });
        report.RawStatus.Should().Be("InProgress");
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        faults.Clear();

        (AzCopyReport shown, int code, _) = await RunAsync(version, "jobs", "show", report.JobId!, "--output-type=json");
        AzCopyPlans.StateOf(shown, code).Should().Be(AzCopyPlanState.Interrupted);
        (AzCopyReport resumed, int exit, string said) = await RunAsync(version, "jobs", "resume", report.JobId!, "--output-type=json", $"--destination-sas={AzuriteServer.Sas()}");

        AzCopySummary end = resumed.Summary(exit);
        (end.State, end.Counts.Completed, end.JobId).Should().Be((AzCopyState.Succeeded, 3L, report.JobId), said);
    }

    [TestCaseSource(nameof(Supported))]
    public async Task Transfer_CoolAndRestore_IsProved(string version)
    {
        Lab.Options = Lab.Options with { Path = PathOf(version) };
        string slug = $"moved-{version.Replace('.', '-')}"; // all share an Azurite
        string project = Lab.WriteProject(slug);
        Lab.Temp.File($"hot/{slug}/ä ö %41#?.txt", "odd");
        Directory.CreateDirectory(Path.Combine(project, "empty", "too"));
        File.CreateSymbolicLink(Path.Combine(project, "link"), "a.txt");
        IReadOnlyList<string> before = FolderListing.Of(project);

        TransferVerdict cooled = await Lab.RunAsync(slug, OperationType.Cool, new Proof(ProofMode.Full));
        Directory.Delete(project, recursive: true);
        TransferVerdict restored = await Lab.RunAsync(slug, OperationType.Restore, new Proof(ProofMode.Full));

        cooled.Error.Should().BeNull();
        cooled.Evidence!.AzCopyVersion.Should().Be(version);
        restored.Error.Should().BeNull();
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Transfer_VersionThatLacksWhatItNeeds_IsRefusedBeforeAnythingIsTouched()
    {
        Lab.Options = Lab.Options with { Path = PathOf("10.10.0") };
        Lab.WriteProject("old");

        TransferVerdict verdict = await Lab.RunAsync("old", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-too-old");
        verdict.Error.Message.Should().Contain("10.10.0").And.Contain("--as-subdir").And.Contain("10.14.1");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task Check_AtStart_NamesTheVersionAndRefusesOneTooOld()
    {
        (await AzCopyVersion.CheckAsync(new AzCopyOptions { Path = PathOf("10.18.1") })).Should().Be(new Version(10, 18, 1));
        (await FluentActions.Awaiting(() => AzCopyVersion.CheckAsync(new AzCopyOptions { Path = PathOf("10.10.0") }))
            .Should().ThrowAsync<AzCopyTooOldException>()).Which.Message.Should().Contain("10.10.0").And.Contain("10.14.1");
    }

    [Test]
    public async Task Check_WhereTransfersSignInAsAContainer_RefusesOneThatCannot()
    {
        (await AzCopyVersion.CheckAsync(new AzCopyOptions { Path = PathOf(Tools.NewestVersion) }, asContainer: true)).Should().Be(Version.Parse(Tools.NewestVersion));
        (await FluentActions.Awaiting(() => AzCopyVersion.CheckAsync(new AzCopyOptions { Path = PathOf("10.18.1") }, asContainer: true))
            .Should().ThrowAsync<AzCopyTooOldException>()).Which.Message.Should().Contain("10.18.1").And.Contain("managed identity");
    }

    private static string PathOf(string version)
    {
        string? path = Tools.AzCopyOf(version);
        if (path is null)
            Assert.Ignore($"AzCopy {version} is not there; tools/setup.sh --versions brings it.");
        return path!;
    }

    private string Address(string path) => $"{Azurite.UriOf("cool", path)}?{AzuriteServer.Sas()}";

    private Process Start(string version, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(PathOf(version), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AZCOPY_LOG_LOCATION"] = Lab.Temp.Folder("logs");
        start.Environment["AZCOPY_JOB_PLAN_LOCATION"] = Lab.Temp.Folder("plans");
        start.Environment["AZCOPY_BUFFER_GB"] = "0.1";
        return Process.Start(start)!;
    }

    private async Task<(AzCopyReport Report, int Exit, string Output)> RunAsync(string version, params string[] arguments)
    {
        using Process process = Start(version, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (AzCopyReport.Parse(output, await errors), process.ExitCode, output);
    }
}
