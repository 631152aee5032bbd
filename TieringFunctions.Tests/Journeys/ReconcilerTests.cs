using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Functions.Activities;
using Tiering.Functions.Orchestrations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReconcilerTests
{
    private static readonly OperationKey Key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"));

    private readonly ICatalogue catalogue = Substitute.For<ICatalogue>();
    private readonly IOutbox outbox = Substitute.For<IOutbox>();
    private readonly IOperationStarter starter = Substitute.For<IOperationStarter>();
    private readonly IJobFolders folders = Substitute.For<IJobFolders>();
    private readonly IJobHost host = Substitute.For<IJobHost>();
    private readonly CapturedLog<FinishOperation> told = new();
    private readonly DurableTaskClient client = Substitute.For<DurableTaskClient>("test");

    [SetUp]
    public void SetUp()
    {
        outbox.ListPendingAsync(Key, default).ReturnsForAnyArgs([]);
        outbox.ListDueAsync(default, 0, default).ReturnsForAnyArgs([]);
        folders.ConcludeAsync(Key.InstanceId, null!, default).ReturnsForAnyArgs(call => call.Arg<TransferVerdict>());
        folders.FindAzCopyJobsAsync(Key.InstanceId, default).ReturnsForAnyArgs(["an-azcopy-job"]);
        folders.ReadAsync(Key.InstanceId, default).ReturnsForAnyArgs(new JobView(null, null, LeaseHeld: false, Attempt: 1, AccessExpiresAt: null));
    }

    [Test]
    public async Task Run_AcceptedAndNeverStarted_IsStarted()
    {
        Unfinished(new LifecycleOperation(Key, DateTimeOffset.UnixEpoch));
        Instance(null);
        await RunAsync();
        await starter.Received(1).EnsureStartedAsync(client, Key, Arg.Any<CancellationToken>());
    }

    [Test]
    public async Task Run_RunningWithALiveInstance_IsLeftAlone([Values(OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended)] OrchestrationRuntimeStatus status)
    {
        Unfinished(new LifecycleOperation(Key, DateTimeOffset.UnixEpoch).Start(DateTimeOffset.UnixEpoch));
        Instance(status);
        await RunAsync();
        await catalogue.DidNotReceiveWithAnyArgs().FinishAsync(Key, null!, default);
    }

    [Test]
    public async Task Run_TerminatedOutside_StopsTheJobAndFails()
    {
        Unfinished(new LifecycleOperation(Key, DateTimeOffset.UnixEpoch).Start(DateTimeOffset.UnixEpoch));
        Instance(OrchestrationRuntimeStatus.Terminated);
        await RunAsync();
        await host.Received(1).StopAsync(Key.InstanceId, Arg.Any<CancellationToken>());
        await catalogue.Received(1).FinishAsync(
            Key, Arg.Is<OperationOutcome>(outcome => outcome.Error!.Code == "orchestration-terminated" && !outcome.NothingTouched && outcome.AzCopyJobs.Single() == "an-azcopy-job"), Arg.Any<CancellationToken>());
        Received.InOrder(() =>
        {
            _ = host.StopAsync(Key.InstanceId, Arg.Any<CancellationToken>());
            _ = folders.ConcludeAsync(Key.InstanceId, Arg.Is<TransferVerdict>(verdict => verdict.Error!.Code == "orchestration-terminated"), Arg.Any<CancellationToken>()); // a late agent does nothing
            _ = catalogue.FinishAsync(Key, Arg.Any<OperationOutcome>(), Arg.Any<CancellationToken>());
        });
    }

    [Test]
    public async Task Run_FailedByItself_FailsWithItsReason()
    {
        Unfinished(new LifecycleOperation(Key, DateTimeOffset.UnixEpoch).Start(DateTimeOffset.UnixEpoch));
        Instance(OrchestrationRuntimeStatus.Failed); // as Azure Storage tells it: the reason is the output
        await RunAsync();
        await catalogue.Received(1).FinishAsync(
            Key, Arg.Is<OperationOutcome>(outcome => outcome.Error!.Code == "orchestration-failed" && outcome.Error.Message.Contains("It broke.")), Arg.Any<CancellationToken>());
    }

    [Test]
    public async Task Run_PurgedWhileRunning_Fails()
    {
        Unfinished(new LifecycleOperation(Key, DateTimeOffset.UnixEpoch).Start(DateTimeOffset.UnixEpoch));
        Instance(null);
        await RunAsync();
        await catalogue.Received(1).FinishAsync(Key, Arg.Is<OperationOutcome>(outcome => outcome.Error!.Code == "orchestration-purged"), Arg.Any<CancellationToken>());
        told.Lines.Should().Equal([$"Warning Operation ended FAILED: {Key} orchestration-purged"], "alerts are made of it");
    }

    private void Unfinished(LifecycleOperation operation)
    {
        catalogue.ListUnfinishedAsync(default).ReturnsForAnyArgs([new UnfinishedWork(Key, Deletion: null, operation.Status)]);
        catalogue.FindOperationAsync(Key, default).ReturnsForAnyArgs(operation);
    }

    private void Instance(OrchestrationRuntimeStatus? status) => client.GetInstanceAsync(Key.InstanceId, true, Arg.Any<CancellationToken>()).Returns(
        status is { } known ? new OrchestrationMetadata(nameof(TransferOrchestration), Key.InstanceId) { RuntimeStatus = known, SerializedOutput = "It broke." } : null);

    private Task RunAsync()
    {
        IManifestStore manifests = Substitute.For<IManifestStore>();
        CertificateAuthority authority = new(Substitute.For<ICertificateSigner>(), Substitute.For<ICertificateStore>(), manifests);
        DeliveryStarter deliveries = new(outbox, starter, TimeProvider.System);
        FinishOperation finish = new(catalogue, folders, host, manifests, authority, deliveries, TimeProvider.System, told);
        FinishSourceDeletion finishDeletion = new(catalogue, manifests, deliveries, NullLogger<FinishSourceDeletion>.Instance);
        return new Reconciler(catalogue, starter, finish, finishDeletion, deliveries, NullLogger<Reconciler>.Instance).RunAsync(client, default);
    }
}
