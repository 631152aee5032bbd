using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.Jobs;

/// <summary>The exact bytes of what lies in a job folder: an agent of another version may have written it, or may read it.</summary>
public sealed class StoredJobTypesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private static readonly OperationKey Key = new(ProjectSlug.Parse("été 1"), OperationType.Restore, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));

    private static IEnumerable<TestCaseData> Records()
    {
        yield return Case(
            "checkpoint, empty",
            new AgentCheckpoint(),
            """{"sourceInventoried":false,"destinationTouched":false,"destinationCleared":false,"copied":false,"removed":0,"azCopyJobs":[]}""");
        yield return Case(
            "checkpoint",
            new AgentCheckpoint
            {
                SourceInventoried = true, SourceRoot = "s", WitnessRoot = "w", DestinationTouched = true, DestinationCleared = true, Copied = true, Removed = 3, AzCopyVersion = "10.32.2", AzCopyJobs = ["j"],
            },
            """{"sourceInventoried":true,"sourceRoot":"s","witnessRoot":"w","destinationTouched":true,"destinationCleared":true,"copied":true,"removed":3,"azCopyVersion":"10.32.2","azCopyJobs":["j"]}""");
        yield return Case(
            "checkpoint, in the rest of a part",
            new AgentCheckpoint { FilesPerJob = 2, PartsDone = 1, JobsOfPartsDone = 3, Rest = new DataSize(4, 5), BlockMiB = 0.5 },
            """{"sourceInventoried":false,"destinationTouched":false,"destinationCleared":false,"copied":false,"removed":0,"filesPerJob":2,"partsDone":1,"jobsOfPartsDone":3,"rest":{"files":4,"bytes":5},"blockMiB":0.5,"azCopyJobs":[]}""");
        yield return Case(
            "recheck",
            new LengthRecheck("j", [new RecheckedFile("a b/é", "000 : destination length") { Bytes = 5_000_000_000, Md5 = "1B2M2Y8AsgTpgAmY7PhCfg==" }, new RecheckedFile("c", "r")]),
            """{"azCopyJob":"j","files":[{"path":"a b/é","reason":"000 : destination length","bytes":5000000000,"md5":"1B2M2Y8AsgTpgAmY7PhCfg=="},{"path":"c","reason":"r"}]}""");
        yield return Case(
            "access",
            new TransferAccess(LocationAccess.None, new LocationAccess { AzCopySas = "a&b=c", OwnSas = "o", ExpiresAt = Now }),
            """{"source":{},"destination":{"azCopySas":"a&b=c","ownSas":"o","expiresAt":"2026-03-12T12:00:00+00:00"},"expiresAt":"2026-03-12T12:00:00+00:00"}""");
        yield return Case(
            "agent",
            new AgentRecord(2, 4711, "machine", Now),
            """{"attempt":2,"processId":4711,"machine":"machine","startedAt":"2026-03-12T12:00:00+00:00"}""");
        yield return Case(
            "job with a certified witness",
            new TransferJob(Key, new Location(LocationKind.Blob, "http://h/a/c/p", "http://h/a/c"), new Location(LocationKind.Share, "http://h/a/s/p", "http://h/a/s")) { Witnessed = true, CertifiedRoot = "w" },
            """{"operation":{"project":"été 1","type":"RESTORE","id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"},"source":{"kind":"BLOB","address":"http://h/a/c/p","root":"http://h/a/c"},"destination":{"kind":"SHARE","address":"http://h/a/s/p","root":"http://h/a/s"},"witnessed":true,"certifiedRoot":"w","knownManifests":[],"earlierAzCopyJobs":[]}""");
        yield return Case(
            "progress at the start",
            new TransferProgress(1, TransferPhase.Starting, Now, Now),
            """{"attempt":1,"phase":"STARTING","heartbeat":"2026-03-12T12:00:00+00:00","lastChange":"2026-03-12T12:00:00+00:00","copied":{"files":0,"bytes":0},"percent":0,"azCopyJobs":[]}""");
        yield return Case(
            "verdict with rechecked files",
            new TransferVerdict(3, Now) { Proof = new Proof(ProofMode.Sizes), FilesHashed = 2, FilesRechecked = 2 },
            """{"attempt":3,"finishedAt":"2026-03-12T12:00:00+00:00","proof":{"mode":"SIZES","samplePercent":100},"filesHashed":2,"filesRechecked":2,"unwitnessed":false,"touchedDestination":false,"azCopyJobs":[],"removed":0}""");
    }

    [TestCaseSource(nameof(Records))]
    public void Record_WrittenAndRead_IsExactlyThis(object record, string json)
    {
        JsonSerializer.Serialize(record, record.GetType(), TieringJson.Options).Should().Be(json);
        JsonSerializer.Serialize(JsonSerializer.Deserialize(json, record.GetType(), TieringJson.Options), record.GetType(), TieringJson.Options).Should().Be(json);
    }

    [Test]
    public void Checkpoint_FromBeforeRootsWereKept_IsRead()
    {
        AgentCheckpoint old = JsonSerializer.Deserialize<AgentCheckpoint>("""{"sourceInventoried":true,"destinationTouched":true,"azCopyJobs":["j"]}""", TieringJson.Options)!;
        (old.SourceInventoried, old.DestinationTouched, old.Copied, old.SourceRoot).Should().Be((true, true, false, null));
    }

    private static TestCaseData Case(string name, object record, string json) => new TestCaseData(record, json).SetArgDisplayNames(name);
}
