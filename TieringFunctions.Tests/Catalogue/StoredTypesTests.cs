using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Backups;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Activities;
using Tiering.Functions.Orchestrations;

namespace Tiering.Tests.Catalogue;

/// <summary>The exact bytes of every record that is stored: a change here means that old data can no longer be read.</summary>
public sealed class StoredTypesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private static readonly OperationKey Key = new(ProjectSlug.Parse("été 1"), OperationType.Cool, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));
    private static readonly DataSize Size = new(7, 5_000_000_000);
    private static readonly OperationError Error = new("azcopy-failed", "AzCopy job failed", new Dictionary<string, string> { ["jobId"] = "j-1" });
    private const string KeyJson = """{"project":"été 1","type":"COOL","id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"}""";
    private const string SizeJson = """{"files":7,"bytes":5000000000}""";
    private const string ErrorJson = """{"code":"azcopy-failed","message":"AzCopy job failed","details":{"jobId":"j-1"}}""";

    public static IEnumerable<TestCaseData> Records()
    {
        yield return Case(
            "operation pending",
            new LifecycleOperation(Key, Now) { RequestedBy = "euphrosyne" },
            $$$"""{"key":{{{KeyJson}}},"acceptedAt":"2026-03-12T12:00:00+00:00","requestedBy":"euphrosyne","status":"PENDING","copied":{"files":0,"bytes":0},"percent":0,"azCopyJobs":[],"unwitnessed":false}""");
        yield return Case(
            "operation succeeded",
            (new LifecycleOperation(Key, Now) { Expected = Size, RequestedProof = "sample:5%", RequestedBy = "night" }).Start(Now).Report(Size, Size, 99.5, ["j-1"]).Succeed(Now.AddSeconds(90), Size, Size, "sample:5%", true),
            $$$"""{"key":{{{KeyJson}}},"acceptedAt":"2026-03-12T12:00:00+00:00","expected":{{{SizeJson}}},"requestedProof":"sample:5%","requestedBy":"night","status":"SUCCEEDED","startedAt":"2026-03-12T12:00:00+00:00","finishedAt":"2026-03-12T12:01:30+00:00","total":{{{SizeJson}}},"copied":{{{SizeJson}}},"percent":100,"azCopyJobs":["j-1"],"proof":"sample:5%","unwitnessed":true}""");
        yield return Case(
            "operation failed",
            new LifecycleOperation(Key, Now).Fail(Now, Error),
            $$$"""{"key":{{{KeyJson}}},"acceptedAt":"2026-03-12T12:00:00+00:00","requestedBy":"","status":"FAILED","startedAt":"2026-03-12T12:00:00+00:00","finishedAt":"2026-03-12T12:00:00+00:00","copied":{"files":0,"bytes":0},"percent":0,"error":{{{ErrorJson}}},"azCopyJobs":[],"unwitnessed":false}""");
        yield return Case("deletion none", SourceDeletion.None, """{"status":"NOT_REQUESTED","generation":0,"requestedBy":""}""");
        yield return Case(
            "deletion failed",
            new SourceDeletion(DeletionStatus.Failed) { Expected = Size, Generation = 2, RequestedBy = "o", RequestedAt = Now, FinishedAt = Now, Removed = Size, Error = Error },
            $$$"""{"status":"FAILED","expected":{{{SizeJson}}},"generation":2,"requestedBy":"o","requestedAt":"2026-03-12T12:00:00+00:00","finishedAt":"2026-03-12T12:00:00+00:00","removed":{{{SizeJson}}},"error":{{{ErrorJson}}}}""");
        yield return Case(
            "project",
            new Project(Key.Project, LifecycleState.Restoring, Now) { LastOperation = Key, Claim = "c" },
            $$$"""{"slug":"été 1","state":"RESTORING","addedAt":"2026-03-12T12:00:00+00:00","lastOperation":{{{KeyJson}}},"claim":"c"}""");
        yield return Case(
            "outcome",
            new OperationOutcome { Error = Error, Total = Size, Copied = Size, Proof = "full", AzCopyJobs = ["j-1"], NothingTouched = true },
            $$$"""{"error":{{{ErrorJson}}},"total":{{{SizeJson}}},"copied":{{{SizeJson}}},"proof":"full","unwitnessed":false,"azCopyJobs":["j-1"],"nothingTouched":true}""");
        yield return Case(
            "audit entry",
            new AuditEntry(Now, "operator", AuditActions.Operation, AuditOutcomes.Refused) { From = "127.0.0.1", Project = "x", Type = OperationType.Restore, Operation = Key.Id, Detail = "d" },
            """{"at":"2026-03-12T12:00:00+00:00","who":"operator","action":"operation","outcome":"refused","from":"127.0.0.1","project":"x","type":"RESTORE","operation":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","detail":"d"}""");
        yield return Case(
            "project pin",
            new ProjectPin("operator", Now) { Until = new DateOnly(2027, 1, 1), Reason = "a referee asks" },
            """{"by":"operator","at":"2026-03-12T12:00:00+00:00","until":"2027-01-01","reason":"a referee asks"}""");
        yield return Case("project pin without an end", new ProjectPin("operator", Now), """{"by":"operator","at":"2026-03-12T12:00:00+00:00"}""");
        yield return Case(
            "night item",
            new NightItem(Key.Project, Key.Id, NightItemStatus.NotStarted) { EligibleAt = new DateOnly(2026, 1, 2), Reason = "r", Size = Size },
            $$$"""{"project":"été 1","operation":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"NOT_STARTED","eligibleAt":"2026-01-02","reason":"r","size":{{{SizeJson}}}}""");
        yield return Case(
            "night",
            new Night(new DateOnly(2026, 3, 12), Now, Now.AddHours(6), NightStatus.Running) { StartedAt = Now, FinishedAt = Now, Limit = 3, Items = [new NightItem(Key.Project, Key.Id, NightItemStatus.Selected)] },
            """{"date":"2026-03-12","opensAt":"2026-03-12T12:00:00+00:00","closesAt":"2026-03-12T18:00:00+00:00","status":"RUNNING","startedAt":"2026-03-12T12:00:00+00:00","finishedAt":"2026-03-12T12:00:00+00:00","limit":3,"items":[{"project":"été 1","operation":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"SELECTED"}]}""");
        yield return Case(
            "night that was missed",
            new Night(new DateOnly(2026, 3, 12), Now, Now.AddHours(6), NightStatus.Missed),
            """{"date":"2026-03-12","opensAt":"2026-03-12T12:00:00+00:00","closesAt":"2026-03-12T18:00:00+00:00","status":"MISSED","limit":0,"items":[]}""");
        yield return Case(
            "back-up",
            new BackupList(Now, [new BackedUpFile("tiering.db", 5_000_000_000, "ab")]),
            """{"createdAt":"2026-03-12T12:00:00+00:00","files":[{"path":"tiering.db","bytes":5000000000,"sha256":"ab"}]}""");
        yield return Case("state of a deletion", new DeletionState(Key, 2), $$$"""{"key":{{{KeyJson}}},"generation":2}""");
        yield return Case(
            "state of a deletion amid its proof",
            new DeletionState(Key, 2) { Proof = new ProofReach("é/1", Size, Size, Now) },
            $$$"""{"key":{{{KeyJson}}},"generation":2,"proof":{"after":"é/1","proved":{{{SizeJson}}},"total":{{{SizeJson}}},"takenAt":"2026-03-12T12:00:00+00:00"}}""");
        yield return Case("step of a proof that failed", new ProofStep(Reached: null, Error), $$$"""{"error":{{{ErrorJson}}}}""");
        yield return Case(
            "transfer job",
            new TransferJob(Key, new Location(LocationKind.Folder, "/hot/p", "/hot"), new Location(LocationKind.Blob, "http://h/a/c/p", "http://h/a/c"))
            {
                Proof = new Proof(ProofMode.Sample, 5), Expected = Size, Witnessed = true, KnownManifests = ["m"], EarlierAzCopyJobs = ["j"],
            },
            $$$"""{"operation":{{{KeyJson}}},"source":{"kind":"FOLDER","address":"/hot/p","root":"/hot"},"destination":{"kind":"BLOB","address":"http://h/a/c/p","root":"http://h/a/c"},"proof":{"mode":"SAMPLE","samplePercent":5},"expected":{{{SizeJson}}},"witnessed":true,"knownManifests":["m"],"earlierAzCopyJobs":["j"]}""");
        yield return Case(
            "transfer progress",
            new TransferProgress(2, TransferPhase.SourceInventory, Now, Now) { Total = Size, Copied = Size, Percent = 12.5, AzCopyJobs = ["j"] },
            $$$"""{"attempt":2,"phase":"SOURCE_INVENTORY","heartbeat":"2026-03-12T12:00:00+00:00","lastChange":"2026-03-12T12:00:00+00:00","total":{{{SizeJson}}},"copied":{{{SizeJson}}},"percent":12.5,"azCopyJobs":["j"]}""");
        yield return Case(
            "transfer verdict",
            new TransferVerdict(1, Now) { Error = Error, Total = Size, Copied = Size, Proof = new Proof(ProofMode.Full), FilesHashed = 7, Unwitnessed = true, TouchedDestination = true, AzCopyJobs = ["j"], Removed = 3 },
            $$$"""{"attempt":1,"finishedAt":"2026-03-12T12:00:00+00:00","error":{{{ErrorJson}}},"total":{{{SizeJson}}},"copied":{{{SizeJson}}},"proof":{"mode":"FULL","samplePercent":100},"filesHashed":7,"filesRechecked":0,"unwitnessed":true,"touchedDestination":true,"azCopyJobs":["j"],"removed":3}""");
        yield return Case(
            "transfer verdict with evidence",
            new TransferVerdict(1, Now) { Total = Size, Copied = Size, Evidence = new TransferEvidence(LocationKind.Share, "s", LocationKind.Blob, "d", "m", 4, 2) { WitnessRoot = "w", AzCopyVersion = "10.32.2" } },
            $$$"""{"attempt":1,"finishedAt":"2026-03-12T12:00:00+00:00","total":{{{SizeJson}}},"copied":{{{SizeJson}}},"filesHashed":0,"filesRechecked":0,"evidence":{"sourceKind":"SHARE","sourceRoot":"s","destinationKind":"BLOB","destinationRoot":"d","manifestRoot":"m","folders":4,"links":2,"witnessRoot":"w","azCopyVersion":"10.32.2"},"unwitnessed":false,"touchedDestination":false,"azCopyJobs":[],"removed":0}""");
    }

    [TestCaseSource(nameof(Records))]
    public void Record_WrittenAndRead_IsExactlyThis(object record, string json)
    {
        JsonSerializer.Serialize(record, record.GetType(), TieringJson.Options).Should().Be(json);
        JsonSerializer.Serialize(JsonSerializer.Deserialize(json, record.GetType(), TieringJson.Options), record.GetType(), TieringJson.Options).Should().Be(json);
    }

    [Test]
    public void Record_FieldOfALaterVersion_IsIgnored() =>
        JsonSerializer.Deserialize<SourceDeletion>("""{"status":"RUNNING","later":{"x":1}}""", TieringJson.Options)!.Status.Should().Be(DeletionStatus.Running);

    [Test]
    public void ClientResult_Succeeded_IsAsTheContractSays()
    {
        LifecycleOperation done = new LifecycleOperation(Key, Now).Succeed(Now.AddTicks(1234560), Size, Size, "full", false);

        ClientResult.Of(done).Should().Be("""{"project_slug":"été 1","operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","type":"COOL","status":"SUCCEEDED","finished_at":"2026-03-12T12:00:00.123456+00:00","bytes_copied":5000000000,"files_copied":7,"bytes_total":5000000000,"files_total":7,"error_message":null,"error_details":null}""");
    }

    [Test]
    public void ClientResult_Failed_HasNullCountsAndNothingTheClientRefuses()
    {
        LifecycleOperation done = new LifecycleOperation(Key, Now).Report(Size, Size, 50, []).Fail(Now, new OperationError("source-changed", "bad\0name\ud800", new Dictionary<string, string> { ["jobId"] = "j-1" }));

        ClientResult.Of(done).Should().Be("""{"project_slug":"été 1","operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","type":"COOL","status":"FAILED","finished_at":"2026-03-12T12:00:00.000000+00:00","bytes_copied":null,"files_copied":null,"bytes_total":null,"files_total":null,"error_message":"bad�name�","error_details":{"type":"SourceChangedError","code":"source-changed","job_id":"j-1"}}""");
    }

    [Test]
    public void ClientResult_Deletion_HasNoStatus()
    {
        ClientResult.Of(Key, new SourceDeletion(DeletionStatus.Succeeded)).Should()
            .Be("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","phase":"FROM_DATA_DELETION","from_data_deletion_status":"SUCCEEDED","error":null}""");
        OperationError refusal = new("deletion-refused", "Cannot delete active storage side HOT", new Dictionary<string, string> { ["title"] = "FromDataDeletionValidationError" });
        ClientResult.Of(Key, new SourceDeletion(DeletionStatus.Failed) { Error = refusal }).Should()
            .Be("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","phase":"FROM_DATA_DELETION","from_data_deletion_status":"FAILED","error":{"title":"FromDataDeletionValidationError","message":"Cannot delete active storage side HOT"}}""");
    }

    private static TestCaseData Case(string name, object record, string json) => new TestCaseData(record, json).SetArgDisplayNames(name);
}
