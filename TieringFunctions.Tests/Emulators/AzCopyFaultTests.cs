using System.Diagnostics;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>What the real AzCopy makes of the faults: the traps that the rest of the product must see through.</summary>
public sealed class AzCopyFaultTests
{
    private StorageLab _lab = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _lab = await StorageLab.StartAsync();
        foreach (string name in (string[])["a.txt", "b.txt", "sub/c.txt", "sub/d.txt", "other/e.txt"])
            _lab.Folder.File($"shares/hot/proj/{name}", name);
    }

    [TearDown]
    public async Task StopAsync() => await _lab.DisposeAsync();

    [TestCase(403)]
    [TestCase(404)]
    public async Task Cool_ListingOfASubfolderRefused_LooksCompletedThoughFilesAreMissing(int status)
    {
        Fault fault = _lab.Faults.Add(new() { Server = "files", Operation = "ListDirectory", Path = "hot/proj/sub", Status = status });

        AzCopyRun run = await _lab.CoolAsync("proj", "p");

        fault.Fired.Should().BePositive();
        (run.Status, run.ExitCode).Should().Be(("Completed", 0));
        (await _lab.Azurite.ListAsync("cool")).Should().BeEquivalentTo("p/a.txt", "p/b.txt", "p/other/e.txt");
    }

    [Test]
    public async Task Cool_ListingThatOmitsEntries_LooksCompletedThoughFilesAreMissing()
    {
        _lab.Faults.Add(new() { Server = "files", Operation = "ListDirectory", OmitEntries = "d.txt" });

        (await _lab.CoolAsync("proj", "p")).Status.Should().Be("Completed");

        (await _lab.Azurite.ListAsync("cool")).Should().HaveCount(4).And.NotContain("p/sub/d.txt");
    }

    [Test]
    public async Task Restore_BlobListingTruncated_LooksCompletedThoughFilesAreMissing()
    {
        await _lab.CoolAsync("proj", "p");
        _lab.Faults.Add(new() { Server = "blobs", Operation = "ListBlobs", TruncateListing = 1 });

        (await _lab.RestoreAsync("p", "back")).Status.Should().Be("Completed");

        FolderContent.Of(Path.Combine(_lab.Hot, "back")).Count.Should().BeLessThan(5);
    }

    [TestCase(500)]
    [TestCase(503)]
    public async Task Cool_ServerBusyForAWhile_IsRetriedToTheEnd(int status)
    {
        Fault front = _lab.Faults.Add(new() { Server = "blobs", Method = "PUT", Path = "cool/p/*", Status = status, Count = 2 });
        Fault share = _lab.Faults.Add(new() { Server = "files", Operation = "GetFile", Status = 503, Count = 1 });

        AzCopyRun run = await _lab.CoolAsync("proj", "p");

        (front.Fired, share.Fired).Should().Be((2, 1));
        run.Status.Should().Be("Completed", run.Tail);
        (await _lab.Azurite.ListAsync("cool")).Should().HaveCount(5);
    }

    [Test]
    public async Task Cool_ServiceThatWantsLess_IsRetriedToTheEnd()
    {
        Fault front = _lab.Faults.Add(new() { Server = "blobs", Method = "PUT", Path = "cool/p/*", Status = 429, Count = 2 });

        AzCopyRun run = await _lab.CoolAsync("proj", "p");

        front.Fired.Should().Be(2);
        run.Status.Should().Be("Completed", run.Tail); // 10.18.1 does not try again
        (await _lab.Azurite.ListAsync("cool")).Should().HaveCount(5);
    }

    [Test]
    public async Task Cool_DestinationRefusesOneFile_CancelsTheJob()
    {
        _lab.Faults.Add(new() { Server = "blobs", Method = "PUT", Path = "cool/p/b.txt", Status = 403 });

        AzCopyRun run = await _lab.CoolAsync("proj", "p");

        run.ExitCode.Should().Be(1);
        run.Status.Should().Be("Cancelled");
    }

    [Test]
    public async Task Cool_SourceThatBreaksOff_LeavesNoHalfBlob()
    {
        FolderContent.WriteLarge(Path.Combine(_lab.Hot, "proj", "large.bin"), 3_000_000, seed: 2);
        Fault fault = _lab.Faults.Add(new() { Server = "files", Operation = "GetFile", Path = "*/large.bin", CutResponseAfterBytes = 100_000, Count = 1 });

        AzCopyRun run = await _lab.CoolAsync("proj", "p");

        fault.Fired.Should().Be(1);
        run.Status.Should().Be("Completed", run.Tail);
        (await _lab.Azurite.GetBlobAsync("cool", "p/large.bin")).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(_lab.Hot, "proj", "large.bin")));
        _lab.Log.Ended.Should().Contain(r => (r.Operation == "PutBlobFromUrl" || r.Operation == "PutBlockFromUrl") && r.Status == 500 && r.Code == "CannotVerifyCopySource");
    }

    [Test]
    public async Task Cool_SourceThatIsShorterThanItSays_StoresTheLie()
    {
        _lab.Faults.Add(new() { Server = "files", Operation = "GetFile", Path = "*/a.txt", ContentLengthDelta = -2 });

        await _lab.CoolAsync("proj", "p", "--check-length=false");

        (await _lab.Azurite.GetBlobAsync("cool", "p/a.txt")).Should().HaveCount(3);
    }

    [Test]
    public async Task Cool_KilledInTheMiddle_EndsItsWritesAndTheLogShowsIt()
    {
        FolderContent.WriteLarge(Path.Combine(_lab.Hot, "proj", "large.bin"), 64_000_000, seed: 3);
        _lab.Faults.Add(new() { Server = "files", Operation = "GetFile", Path = "*/large.bin", BytesPerSecond = 1_000_000 });
        using Process process = AzCopyRun.Start(
            _lab.Folder, "copy", _lab.ShareUrl("proj"), _lab.BlobUrl("p"), "--recursive", "--from-to=FileBlob", "--as-subdir=false", "--output-type=json");
        _ = process.StandardOutput.ReadToEndAsync();
        while (!_lab.Log.Active.Any(r => r.Operation == "PutBlockFromUrl") && !process.HasExited)
            await Task.Delay(10);

        process.Kill();
        await process.WaitForExitAsync();

        RequestRecord cut = await _lab.Log.WaitForAsync(r => r.Operation == "PutBlockFromUrl" && !r.Complete, Eventually.Limit);
        cut.End.Should().BeOnOrAfter(cut.Start);
        cut.Connection.Should().NotBeEmpty();
        cut.Agent.Should().Contain("AzCopy");
        while (_lab.Log.Active.Any())
            await Task.Delay(10);
        _lab.Log.Ended.Should().NotContain(r => r.Operation == "PutBlockList");
    }
}
