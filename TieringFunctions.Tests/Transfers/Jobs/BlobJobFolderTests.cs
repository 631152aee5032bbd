using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Jobs.Blobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Tests.Contracts;
using Tiering.Tests.EmbeddedHost;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Jobs;

[TestFixture]
public sealed class BlobJobFolderTests : JobFolderContract
{
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(BlobJobFolder.LongestLeaseSeconds);

    private AzuriteServer azurite = null!;
    private BlobFrontEmulator front = null!;
    private HttpClient http = null!;
    private JobContainer container = null!;
    private BlobJobFolders folders = null!;

    protected override IJobFolders Folders => folders;

    [TearDown]
    public void Calm() => front.Faults.Clear();

    [Test]
    public async Task Read_ContainerMissing_IsAnErrorAndNotAnEmptyJob()
    {
        BlobJobFolders elsewhere = new(container with { Address = azurite.UriOf("nowhere").ToString() }, Temp.Folder("elsewhere"), Manifests);

        await FluentActions.Awaiting(() => elsewhere.ReadAsync(NewJob, default)).Should().ThrowAsync<StoreUnavailableException>();
        await FluentActions.Awaiting(() => elsewhere.IsCancelRequestedAsync(NewJob, default)).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task Lease_NotRenewed_IsLostBeforeSomebodyElseCanHaveIt()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        ManualClock clock = new(DateTimeOffset.UtcNow);
        await using IJobLease held = (await Through(job, clock: clock).TryAcquireLeaseAsync(default))!;
        front.Faults.Add(new FaultRule { Path = $"jobs/{job}/*", Hold = true });

        clock.Advance(LongestLease / 4); // then it asks, and gets no answer
        await Eventually.IsTrueAsync(() => front.Log.Active.Any(request => request.Operation == "LeaseBlob"));
        clock.Advance((LongestLease / 2) - TimeSpan.FromMilliseconds(1));
        held.Lost.IsCancellationRequested.Should().BeFalse();
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.IsTrueAsync(() => held.Lost.IsCancellationRequested);

        (await Folders.ReadAsync(job, default)).LeaseHeld.Should().BeTrue("who holds a lease must know that it is lost while nobody else can have it");
        (await Open(job).TryAcquireLeaseAsync(default)).Should().BeNull();
    }

    [Test]
    public async Task Lease_RenewedForLongerThanItLasts_IsKept()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        TimeSpan lease = TimeSpan.FromSeconds(30); // a shorter one is lost when a slow machine renews it late
        await using IJobLease held = (await Through(job, lease).TryAcquireLeaseAsync(default))!;
        DateTimeOffset outlived = DateTimeOffset.UtcNow + lease;

        await Eventually.IsTrueAsync(() => front.Log.Ended.Any(request => request is { Operation: "LeaseBlob", Status: 200 } && request.Start > outlived));

        (await Folders.ReadAsync(job, default)).LeaseHeld.Should().BeTrue();
        held.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    public async Task Write_AfterASuccessorWrote_IsRefusedAndTheLeaseIsLost()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder old = Open(job);
        await using IJobLease held = (await old.TryAcquireLeaseAsync(default))!;
        await old.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 1 }, durable: true, default);
        IJobFolder successor = Open(job);
        await successor.ReadAsync<AgentCheckpoint>(AgentCheckpoint.FileName, default);
        await successor.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 2 }, durable: true, default);

        await FluentActions.Awaiting(() => old.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 3 }, durable: true, default))
            .Should().ThrowAsync<OperationCanceledException>();

        held.Lost.IsCancellationRequested.Should().BeTrue();
        (await Open(job).ReadAsync<AgentCheckpoint>(AgentCheckpoint.FileName, default))!.Removed.Should().Be(2);
    }

    [Test]
    public async Task Write_AnswersLostAfterActing_IsDoneOnceAndTheLeaseKept()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        BlobJobFolder folder = Through(job);
        await using IJobLease held = (await folder.TryAcquireLeaseAsync(default))!;
        for (int removed = 1; removed <= 4; removed++)
        {
            front.Faults.Add(new FaultRule { Method = "PUT", Path = $"jobs/{job}/{AgentCheckpoint.FileName}", CutResponseAfterBytes = removed % 2 == 0 ? 0 : null, Status = removed % 2 == 0 ? null : 500, AfterActing = true, Count = 1 });
            await folder.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = removed }, durable: true, default);
        }

        held.Lost.IsCancellationRequested.Should().BeFalse();
        (await folder.ReadAsync<AgentCheckpoint>(AgentCheckpoint.FileName, default))!.Removed.Should().Be(4);
    }

    [Test]
    public async Task Write_GivenUpWithoutAnAnswer_IsFollowedByTheNext([Values] bool acted)
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        BlobJobFolder folder = Through(job);
        await using IJobLease held = (await folder.TryAcquireLeaseAsync(default))!;
        await folder.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 1 }, durable: true, default);
        Fault down = front.Faults.Add(new FaultRule { Path = $"jobs/{job}/{AgentCheckpoint.FileName}", Status = 503, AfterActing = acted });
        await FluentActions.Awaiting(() => folder.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 2 }, durable: true, default))
            .Should().ThrowAsync<StoreUnavailableException>();
        front.Faults.Remove(down.Id);

        await folder.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { Removed = 3 }, durable: true, default);

        held.Lost.IsCancellationRequested.Should().BeFalse();
        (await folder.ReadAsync<AgentCheckpoint>(AgentCheckpoint.FileName, default))!.Removed.Should().Be(3);
    }

    [Test]
    public async Task Publish_LargerThanABlock_IsFetchedAsItWas()
    {
        string job = NewJob;
        IJobFolder folder = Open(job);
        byte[] content = new byte[(32 << 20) + 12_345];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(folder.LocalPath, JobFiles.Manifest), content);
        await folder.PublishAsync(JobFiles.Manifest, default);

        byte[] back = await File.ReadAllBytesAsync((await Folders.FetchManifestAsync(job, default))!);
        back.AsSpan().SequenceEqual(content).Should().BeTrue();
        await Folders.CloseAsync(job, default);
        Directory.Exists(Temp.At("service", job)).Should().BeFalse();
    }

    protected override IJobFolder Open(string job) => Agent(container, job);

    protected override async Task StartAdapterAsync()
    {
        azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("jobs");
        front = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint });
        http = ProjectStores.CreateClient();
        container = new JobContainer(azurite.UriOf("jobs").ToString(), http, () => new LocationAccess { OwnSas = AzuriteServer.Sas() }, Identity: null);
        folders = new BlobJobFolders(container, Temp.Folder("service"), Manifests);
    }

    protected override async Task StopAdapterAsync()
    {
        http.Dispose();
        await front.DisposeAsync();
        await azurite.DisposeAsync();
    }

    /// <summary>The same, by the way on which things go wrong.</summary>
    private BlobJobFolder Through(string job, TimeSpan? lease = null, TimeProvider? clock = null) =>
        Agent(container with { Address = front.UriOf("jobs").ToString() }, job, lease, clock);

    private BlobJobFolder Agent(JobContainer at, string job, TimeSpan? lease = null, TimeProvider? clock = null) =>
        new(at, job, Temp.Folder("agents", Guid.NewGuid().ToString("N")), lease ?? LongestLease, clock ?? TimeProvider.System);
}
