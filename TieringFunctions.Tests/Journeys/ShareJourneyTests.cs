using System.Globalization;
using System.Text.Json;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The real service with HOT in an emulated file share.</summary>
public sealed class ShareJourneyTests
{
    private const int Files = 40;

    [Test]
    [Category("Long")] // access lives a third of a minute at least, and has to run out
    public async Task CoolDeleteRestore_AccessRunsOutUnderTheJob_IsRenewedAndAllComesBack()
    {
        await using ShareService share = await ShareService.StartAsync(
            Enumerable.Range(0, Files).Select(i => string.Create(CultureInfo.InvariantCulture, $"run {i % 3}/{i}.txt")), ("TIERING_ACCESS_HOURS", "0.006")); // 21.6 s
        ServiceProcess service = share.Service;
        SortedDictionary<string, string> before = FolderContent.Of(share.Project);
        // What the first AzCopy asks for is looked at only when its access has run out.
        share.Faults.Add(new() { Server = "blobs", Operation = "PutBlobFromUrl", DelayMilliseconds = 23_000, Count = Files });

        JsonElement cooled = await service.MoveAsync("demo", "cool");

        cooled.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{cooled}\n{service.Output}".Replace('{', '(').Replace('}', ')'));
        cooled.GetProperty("copied").GetProperty("files").GetInt64().Should().Be(Files);
        share.Log.Ended.Should().Contain(request => request.Status == 403 && request.Operation == "PutBlobFromUrl", "the access did run out");
        // A request counts when it begins: one whose sender was ended may end at any time.
        IReadOnlyList<WriterSpan> writers = WriterSpan.Of(
            share.Log.Ended.Where(request => request.Agent.StartsWith("Tiering-", StringComparison.Ordinal)).Select(request => request with { End = request.Start }),
            request => request.Agent[..16]);
        writers.Should().HaveCountGreaterThan(1);
        WriterSpan.Overlap(writers).Should().BeNull();

        (await service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        (await service.MoveAsync("demo", "restore")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        FolderContent.Of(share.Project).Should().Equal(before);
    }
}
