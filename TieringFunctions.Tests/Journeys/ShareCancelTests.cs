using System.Text.Json;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Cancelling a COOL from, and a RESTORE into, an emulated file share in the middle of the copy.</summary>
public sealed class ShareCancelTests
{
    private static readonly string[] Files = ["first.txt", "sub/second.txt", "held.txt", "sub/held.txt"];

    private ShareService share = null!;

    private ServiceProcess Service => share.Service;

    [SetUp]
    public async Task StartAsync() => share = await ShareService.StartAsync(Files);

    [TearDown]
    public async Task StopAsync() => await share.DisposeAsync();

    [Test]
    public async Task RunningCool_Cancelled_EndsAzCopyTakesBackWhatItWroteAndARetryGoesWell()
    {
        share.Faults.Add(new() { Server = "blobs", Method = "PUT", Path = "cool/demo/*held.txt", Hold = true });
        string id = await Service.AskAsync("demo", "cool");
        await Service.WaitAsync(() => Task.FromResult(share.Log.Active), active => active.Count(request => request is { Method: "PUT", Server: "blobs" }) == 2, "the requests that hang");
        await Service.WaitAsync(() => share.Azurite.ListAsync("cool"), blobs => blobs.Count == 2, "the other blobs");

        JsonElement failed = await CancelAsync(id);

        await Service.WaitAsync(() => share.Azurite.ListAsync("cool"), blobs => blobs.Count == 0, "what was written to be taken back");
        share.Faults.Clear();
        Succeeded(await Service.RetryAsync(failed));
        (await share.Azurite.ListAsync("cool")).Should().BeEquivalentTo(Files.Select(file => $"demo/{file}"));
    }

    [Test]
    public async Task RunningRestore_Cancelled_EndsAzCopyTakesBackWhatItWroteAndARetryGoesWell()
    {
        SortedDictionary<string, string> before = FolderContent.Of(share.Project);
        Succeeded(await Service.MoveAsync("demo", "cool"));
        Succeeded(await Service.DeleteSourceAsync("demo"));
        // Made in full length, and never filled.
        share.Faults.Add(new() { Server = "files", Operation = "PutRangeFromUrl", Path = "hot/demo/*held.txt", DelayMilliseconds = 3_600_000 });
        string id = await Service.AskAsync("demo", "restore");
        await Service.WaitAsync(() => Task.FromResult(share.Log.Active), active => active.Count(request => request.Operation == "PutRangeFromUrl") == 2, "the requests that hang");
        await Service.WaitAsync(() => Task.FromResult(Left().Count()), files => files == Files.Length, "all files");

        JsonElement failed = await CancelAsync(id);

        Left().Should().BeEmpty("what was half written was taken back, and what was whole too");
        share.Faults.Clear();
        Succeeded(await Service.RetryAsync(failed));
        FolderContent.Of(share.Project).Should().Equal(before);
    }

    private IEnumerable<string> Left() => Directory.EnumerateFiles(share.Project, "*", SearchOption.AllDirectories);

    private async Task<JsonElement> CancelAsync(string id)
    {
        Service.ProcessesOf("TIERING_JOB").Should().ContainSingle();
        await CancelledAzCopy.WatchAsync(Service, () => Service.SendAsync(HttpMethod.Post, $"/api/operations/{id}/cancel"));

        JsonElement failed = await Service.EndOfAsync(id);
        failed.GetProperty("status").GetString().Should().Be("FAILED");
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be("cancelled", failed.ToString());
        (await Service.StateAsync("demo")).Should().Be("ERROR");
        Service.ProcessesOf("TIERING_JOB").Should().BeEmpty();
        await Service.WaitAsync(() => Task.FromResult(Service.ProcessesOf("TIERING_AGENT_JOB")), left => left.Count == 0, "the end of the agent");
        return failed;
    }

    private void Succeeded(JsonElement operation) =>
        operation.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{operation}\n{Service.Output}".Replace('{', '(').Replace('}', ')'));
}
