using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>What tests of mishaps in a copy share: files large enough to be met by one, and the ways into the copy.</summary>
public abstract class SurvivalFixture : LocalLabFixture
{
    protected const int LargeBytes = 24_000_000;

    protected static TimeSpan Limit => Eventually.Limit;

    /// <summary>Two small files and three large ones.</summary>
    protected string WriteLarge(string slug)
    {
        Lab.Temp.File($"hot/{slug}/small.txt", "small");
        Lab.Temp.File($"hot/{slug}/sub/deep.txt", "deep");
        byte[] content = new byte[LargeBytes / 3];
        for (int i = 0; i < 3; i++)
        {
            new Random(i).NextBytes(content);
            File.WriteAllBytes(Path.Combine(Lab.Hot(slug), $"large{i}.bin"), content);
        }
        return Lab.Hot(slug);
    }

    /// <summary>A copy of the large files cannot end while they are held.</summary>
    protected async Task<HeldRequests> HoldLargeAsync() => (await Lab.FrontAsync()).HoldWrites("cool/*/large*");

    /// <summary>A job whose agent and AzCopy died in the copy.</summary>
    protected async Task<OperationKey> LoseAgentAsync(string slug)
    {
        WriteLarge(slug);
        using HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync(slug, OperationType.Cool);
        using CancellationTokenSource death = new();
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key, attempt: 1, death.Token);
        await UntilCopyingAsync(key, held);
        await death.CancelAsync();
        await FluentActions.Awaiting(() => attempt).Should().ThrowAsync<OperationCanceledException>();
        AzCopyOrphans.Find(Lab.JobOf(key)).Should().BeEmpty();
        return key;
    }

    /// <summary>Waits until AzCopy copies: it asks for what is held once its plan is whole.</summary>
    protected async Task UntilCopyingAsync(OperationKey key, HeldRequests held)
    {
        await held.ArriveAsync();
        await Eventually.IsTrueAsync(async () =>
            AzCopyOrphans.Find(Lab.JobOf(key)).Count > 0 && (await Lab.ReadAsync(key)).Progress?.AzCopyJobs.Count > 0);
    }

    protected string Plans(OperationKey key) => Path.Combine(Lab.JobOf(key), "azcopy", "plans");

    protected string Logs(OperationKey key) => Path.Combine(Lab.JobOf(key), "azcopy", "logs");
}
