using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>RESTOREs of blobs that another program has written, without MD5s.</summary>
public sealed class ForeignBlobsTests : LocalLabFixture
{
    [Test]
    public async Task Restore_FailedHalfWay_ARetryKnowsItsOwnFilesByTheirContent()
    {
        foreach (string name in (string[])["a.txt", "b.txt", "sub/c.txt"])
            await Azurite.PutBlocksAsync("cool", $"foreign/{name}", [1, 2, 3, (byte)name.Length]);
        // Right but for one file that is gone, in a time of its own.
        Lab.Restrict($"if [ \"$1\" = copy ]; then '{Lab.AzCopy}' \"$@\"; code=$?; rm -f '{Lab.Hot("foreign")}/b.txt'; exit $code; fi");
        (await Lab.RunAsync("foreign", OperationType.Restore)).Error!.Code.Should().Be("verification-mismatch");
        foreach (string file in (string[])["a.txt", "sub/c.txt"])
            File.SetLastWriteTimeUtc(Path.Combine(Lab.Hot("foreign"), file), DateTime.UnixEpoch.AddYears(50));
        Lab.TellTheTruth();

        TransferVerdict again = await Lab.RunAsync("foreign", OperationType.Restore);

        again.Error.Should().BeNull(again.Error?.ToString());
        again.Copied!.Value.Files.Should().Be(3);
    }

    [Test]
    public async Task Restore_OverAFileThatSomebodyHasChanged_IsRefused()
    {
        await Azurite.PutBlocksAsync("cool", "changed/a.txt", [1, 2, 3, 4]);
        (await Lab.RunAsync("changed", OperationType.Restore)).Error.Should().BeNull();
        string file = Path.Combine(Lab.Hot("changed"), "a.txt");
        await File.WriteAllBytesAsync(file, [4, 3, 2, 1]);

        (await Lab.RunAsync("changed", OperationType.Restore)).Error!.Code.Should().Be("destination-not-explained");

        (await File.ReadAllBytesAsync(file)).Should().Equal(4, 3, 2, 1);
    }
}
