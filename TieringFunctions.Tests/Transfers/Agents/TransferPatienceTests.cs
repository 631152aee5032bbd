using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>How long an attempt waits for a storage that does not answer, and when it leaves that to the next.</summary>
public sealed class TransferPatienceTests : LocalLabFixture
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);

    [Test]
    public async Task StorageGoneAgain_AfterSomethingCameThrough_IsANewTrouble()
    {
        Lab.WriteProject("demo");
        OperationKey key = await Lab.PrepareAsync("demo", OperationType.Cool);
        SteppedClock clock = new();
        TransferSession session = await TransferSession.OpenAsync(new DirectoryJobFolder(Lab.JobOf(key)), attempt: 1, new ProjectStores(ProjectStores.CreateClient()), clock, default);
        IDataCopy copy = Substitute.For<IDataCopy>();
        copy.Downloads.Returns(new AzCopyOptions().Downloads);
        int calls = 0;
        copy.CopyAsync(session, default).ReturnsForAnyArgs(_ =>
        {
            int call = ++calls;
            session.Report(now => now with { Copied = new DataSize(Math.Min(call, 2), 0) }); // from the second call on, nothing comes through
            clock.Advance(Outage);
            return Task.FromException(new StoreUnavailableException($"call {call}"));
        });

        TransferVerdict verdict = await new TransferRun(session, copy, new StorageSettings(_ => null), clock).RunAsync(default);

        verdict.Error!.Code.Should().Be("store-unavailable");
        calls.Should().Be(4, "the first trouble ends with the second file, and the second one is too long at the fourth call");
    }

    [Test]
    public async Task JobFolderDoesNotAnswerAtTheOpening_LeavesItToTheNextAttempt()
    {
        IJobFolder folder = Substitute.For<IJobFolder>();
        folder.TryAcquireLeaseAsync(default).ReturnsForAnyArgs(Substitute.For<IJobLease>());
        folder.ReadAsync<TransferJob>(JobFiles.Job, default).ThrowsAsyncForAnyArgs(new StoreUnavailableException("reading job.json"));
        folder.ReadAsync<AgentRecord>(JobFiles.Agent, default).ReturnsForAnyArgs((AgentRecord?)null);
        folder.ReadAsync<TransferVerdict>(JobFiles.Verdict, default).ReturnsForAnyArgs((TransferVerdict?)null);
        TransferAgent agent = new(
            folder, new ProjectStores(ProjectStores.CreateClient()), Substitute.For<IDataCopy>(), Substitute.For<IOrphans>(), new StorageSettings(_ => null), TimeProvider.System, NullLogger.Instance);

        await FluentActions.Awaiting(() => agent.RunAsync(attempt: 2, default)).Should().ThrowAsync<StoreUnavailableException>();

        await folder.DidNotReceiveWithAnyArgs().WriteAsync<TransferVerdict>(default!, default!, default, default);
    }

    /// <summary>A clock that stands still until the test moves it, and lets nobody wait.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);

        public void Advance(TimeSpan by) => ticks += by.Ticks;
    }
}
