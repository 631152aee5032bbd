using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>COOL in a container under a retention policy: what works, what is refused, and that what is refused harms nothing (infra/README.md).</summary>
public sealed class ImmutableCoolTests
{
    private TempFolder temp = null!;
    private AzuriteServer azurite = null!;
    private BlobFrontOptions options = null!;
    private BlobFrontEmulator front = null!;
    private ServiceProcess service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        temp = new TempFolder();
        azurite = await AzuriteServer.StartAsync();
        options = new() { Azurite = azurite.Endpoint };
        front = await BlobFrontEmulator.StartAsync(options);
        service = await ServiceProcess.StartAsync(
            temp.Folder("data"), azurite, new Dictionary<string, string>(StringComparer.Ordinal) { ["AZURE_STORAGE_BLOB_ENDPOINT"] = front.Endpoint.ToString() });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await service.DisposeAsync();
        await front.DisposeAsync();
        await azurite.DisposeAsync();
        temp.Dispose();
    }

    [SetUp]
    public void SetUp()
    {
        options.ImmutableContainers.Add("cool");
        options.RetentionIsOver = false;
    }

    [Test]
    public async Task CoolDeleteHotRestore_Work()
    {
        string project = await ProjectAsync("once");
        IReadOnlyList<string> before = FolderListing.Of(project);

        Status(await service.MoveAsync("once", "cool")).Should().Be("SUCCEEDED", service.Output);
        Status(await service.DeleteSourceAsync("once")).Should().Be("SUCCEEDED", service.Output);
        Status(await service.MoveAsync("once", "restore")).Should().Be("SUCCEEDED", service.Output);

        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task DeletingTheCoolCopyAfterRestore_IsRefusedAndRemovesNothing()
    {
        await ProjectAsync("kept");
        await service.MoveAsync("kept", "cool");
        await service.MoveAsync("kept", "restore");
        IReadOnlyList<string> before = await ListAsync("kept");

        JsonElement deletion = await service.DeleteSourceAsync("kept");

        Status(deletion).Should().Be("FAILED", service.Output);
        deletion.ToString().Should().Contain("BlobImmutableDueToPolicy");
        (await ListAsync("kept")).Should().Equal(before);
    }

    [TestCase("same")]
    [TestCase("changed")]
    [TestCase("removed")]
    public async Task CoolAgain_IsRefusedAndKeepsBothSides(string how)
    {
        string project = await ProjectAsync(how);
        await service.MoveAsync(how, "cool");
        await service.MoveAsync(how, "restore");
        if (how == "changed")
            await File.WriteAllTextAsync(Path.Combine(project, "notes.txt"), "other notes");
        if (how == "removed")
            File.Delete(Path.Combine(project, "notes.txt"));
        IReadOnlyList<string> hot = FolderListing.Of(project), cool = await ListAsync(how);

        JsonElement again = await service.MoveAsync(how, "cool");

        Status(again).Should().Be("FAILED", again.ToString());
        FolderListing.Of(project).Should().Equal(hot);
        (await ListAsync(how)).Should().Equal(cool);
        (await azurite.GetBlobAsync("cool", $"{how}/notes.txt")).Should().Equal("notes"u8.ToArray());
        if (how != "changed")
            return;

        options.RetentionIsOver = true;
        again = await service.RetryAsync(again);
        Status(again).Should().Be("FAILED", "after the days a blob can be removed, and still not be replaced");
        options.ImmutableContainers.Clear();
        Status(await service.RetryAsync(again)).Should().Be("SUCCEEDED", service.Output);
    }

    [Test]
    public async Task DeletingTheCoolCopyAfterTheDays_Works_AndTheChangedProjectCanBeCooledAgain()
    {
        string project = await ProjectAsync("later");
        await service.MoveAsync("later", "cool");
        await service.MoveAsync("later", "restore");
        options.RetentionIsOver = true;

        Status(await service.DeleteSourceAsync("later")).Should().Be("SUCCEEDED", service.Output);
        await File.WriteAllTextAsync(Path.Combine(project, "notes.txt"), "other notes");
        Status(await service.MoveAsync("later", "cool")).Should().Be("SUCCEEDED", service.Output);

        (await azurite.GetBlobAsync("cool", "later/notes.txt")).Should().Equal("other notes"u8.ToArray());
    }

    private async Task<string> ProjectAsync(string slug)
    {
        string project = Directory.CreateDirectory(Path.Combine(service.Hot, slug)).FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "notes.txt"), "notes");
        await File.WriteAllTextAsync(Path.Combine(project, "more.txt"), "more");
        await service.AddAsync(slug);
        return project;
    }

    private async Task<IReadOnlyList<string>> ListAsync(string slug) => [.. (await azurite.ListAsync("cool")).Where(name => name.StartsWith(slug + "/", StringComparison.Ordinal))];

    private static string Status(JsonElement operation) => operation.GetProperty("status").GetString()!;
}
