using Microsoft.Extensions.Logging.Abstractions;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Emulators.Access;
using Tiering.Emulators.Faults;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Copies from share to blob whose length AzCopy doubts: what is right goes on, what is wrong fails, and both leave evidence.</summary>
public sealed class LengthRecheckTests
{
    private StorageLab lab = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        lab = await StorageLab.StartAsync();
        foreach (string name in (string[])["a b.txt", "ü 100%.txt", "sub/c.txt", "sub/d.txt"])
            lab.Folder.File($"shares/hot/demo/{name}", $"content of {name}");
    }

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task Cool_AzCopyDoubtsLengthsThatAreRight_IsProvedByContentWithTheEvidenceKept()
    {
        Fault doubt = lab.Faults.Add(new() { Server = "blobs", Operation = "GetBlobProperties", Path = "cool/demo/* *", ContentLengthDelta = -2 });

        (TransferVerdict verdict, LengthRecheck? recheck) = await CoolAsync(new Proof(ProofMode.Sizes));

        verdict.Error.Should().BeNull();
        doubt.Fired.Should().BePositive();
        (verdict.FilesHashed, verdict.FilesRechecked).Should().Be((2, 2), "the proof itself reads nothing");
        recheck!.Files.Select(file => file.Path).Should().BeEquivalentTo("a b.txt", "ü 100%.txt");
        recheck.Files.Should().OnlyContain(file => file.Bytes > 10 && file.Md5 != null && file.Reason.Contains("destination length does not match source length"));
    }

    [Test]
    public async Task Cool_LengthIsReallyWrong_FailsWithTheEvidence()
    {
        // What the share gives to the copy is cut, and nothing looks wrong but the length. 10.18.1 asks for ranges, and again and again for one that it does not get.
        lab.Faults.Add(new() { Server = "files", Operation = "GetFile", Path = "*/sub/d.txt", ContentLengthDelta = -2 });

        (TransferVerdict verdict, LengthRecheck? recheck) = await CoolAsync(new Proof(ProofMode.Sizes), Tools.NewestAzCopy);

        verdict.Error!.Code.Should().Be("verification-mismatch");
        verdict.Error.Details!["first"].Should().Contain("sub/d.txt");
        verdict.Error.Details["length_mismatches.first"].Should().StartWith("sub/d.txt: 000 : destination length");
        recheck!.Files.Should().ContainSingle().Which.Md5.Should().BeNull();
    }

    [Test]
    public async Task Cool_AnotherFailureBesideIt_Fails()
    {
        lab.Faults.Add(new() { Server = "blobs", Operation = "GetBlobProperties", Path = "cool/demo/a b.txt", ContentLengthDelta = -2 });
        lab.Faults.Add(new() { Server = "blobs", Method = "PUT", Path = "cool/demo/sub/d.txt", Status = 409 });

        (TransferVerdict verdict, LengthRecheck? recheck) = await CoolAsync(new Proof(ProofMode.Sizes));

        verdict.Error!.Code.Should().Be("azcopy-failed");
        recheck.Should().BeNull();
    }

    [TestCase("2026/11/20 19:43:32 ERR: [P#0-T#3] COPYFAILED: http://h/a/hot/p/a%20b.txt?sv=1&sig=-REDACTED- : 000 : destination length does not match source length. When S2S Length check. X-Ms-Request-Id: ", "http://h/a/hot/p/a%20b.txt", true)]
    [TestCase("2026/11/20 19:43:32 ERR: [P#0-T#3] COPYFAILED: http://h/a/hot/p/c : 409 : 409 The blob is leased. When Put Blob. X-Ms-Request-Id: 1", "http://h/a/hot/p/c", false)]
    [TestCase("2026/11/20 19:43:32 ERR: [P#0-T#3] UPLOADFAILED: /hot/p/c : d : 000 : destination length does not match source length", "/hot/p/c : d", true)]
    public void Parse_LineOfAFailure_IsUnderstood(string line, string source, bool isLength)
    {
        AzCopyFailure failure = AzCopyFailureLog.Parse(line)!;
        (failure.Source, failure.IsLengthMismatch).Should().Be((source, isLength));
    }

    [TestCase("2026/11/20 19:43:32 INFO: [P#0-T#3] COPYSUCCESSFUL: http://h/a")]
    [TestCase("   Dst: http://h/a/c/p/a%20b.txt")]
    [TestCase("")]
    public void Parse_AnyOtherLine_IsNone(string line) => AzCopyFailureLog.Parse(line).Should().BeNull();

    private async Task<(TransferVerdict Verdict, LengthRecheck? Recheck)> CoolAsync(Proof proof, string? azCopy = null)
    {
        StorageSettings storage = new(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["AZURE_STORAGE_FILE_ENDPOINT"] = Endpoint(lab.Files.UriOf("hot", "x"), "/hot/x"),
            ["DATA_BACKEND_COOL"] = "azure_blob",
            ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = Endpoint(lab.Blobs.UriOf("cool", "x"), "/cool/x"),
            ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
            ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
        }.GetValueOrDefault);
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.NewGuid());
        ProjectLocations locations = new(storage);
        (Location source, Location destination) = (locations.For(key.Project, StorageRole.Hot), locations.For(key.Project, StorageRole.Cool));
        using HttpClient http = ProjectStores.CreateClient();
        AccessIssuer access = new(storage, http, identity: null, TimeProvider.System);
        DirectoryJobFolders folders = new(lab.Folder.Folder("jobs"), new FileManifestStore(lab.Folder.Folder("manifests")));
        TransferJob job = new(key, source, destination) { Proof = proof };
        await folders.PrepareAsync(key.InstanceId, new JobInputs(job, await access.ForTransferAsync(source, destination, default), Witness: null, Known: []), default);

        string path = folders.PathOf(key.InstanceId);
        AzCopyOptions options = AzCopyOptions.Read(name => name == "AZCOPY_PATH" ? azCopy ?? Tools.AzCopy : null);
        AzCopyDataCopy copy = new(options, TimeProvider.System, NullLogger.Instance);
        TransferAgent agent = new(new DirectoryJobFolder(path), new ProjectStores(http), copy, new NoOrphans(), storage, TimeProvider.System, NullLogger.Instance);
        (await agent.RunAsync(attempt: 1, default)).Should().Be(AgentEnd.Verdict);
        return (AtomicFile.ReadJson<TransferVerdict>(Path.Combine(path, JobFiles.Verdict))!, AtomicFile.ReadJson<LengthRecheck>(Path.Combine(path, JobFiles.Recheck)));
    }

    private static string Endpoint(Uri uri, string below) => uri.ToString()[..^below.Length];

    private sealed class NoOrphans : IOrphans
    {
        public Task EndAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
