using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Cli;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>What goes wrong is told clearly, by the API and by the command line, and leaves the project as it was or in ERROR.</summary>
public sealed class ClearErrorsTests : SharedJourney
{
    [Test]
    public async Task Requests_ThatCannotBe_AreRefusedWithTheReason()
    {
        await ProjectAsync("hot");
        await Service.AddAsync("without data");

        await RefusedAsync(Service, "unknown", "cool", 404, "project-unknown", "There is no project unknown.");
        await RefusedAsync(Service, "without data", "cool", 409, "project-data-missing", "There is no project data");
        await RefusedAsync(Service, "hot", "restore", 409, "invalid-transition", "HOT");
        await RefusedAsync(Service, "hot", "delete-source", 409, "nothing-to-delete", "No operation of hot has succeeded");
    }

    [Test]
    public async Task AzCopyMissing_FailsAndTheProjectIsTriedAgain()
    {
        await using ServiceProcess service = await OtherAsync("no azcopy", ("AZCOPY_PATH", "/nowhere/azcopy"));

        await FailsAsync(service, "azcopy-not-installed", "AZCOPY_PATH");

        JsonElement project = await service.SendAsync(HttpMethod.Get, "/api/projects/demo");
        project.GetProperty("state").GetString().Should().BeOneOf("HOT", "ERROR");
        project.TryGetProperty("claim", out _).Should().BeFalse();
        (await service.RefusalAsync(HttpMethod.Get, "/api/health/ready")).Detail.Should().Contain("AzCopy");
    }

    [Test]
    public async Task RoleNotSetUp_IsRefusedAndNothingIsRecorded()
    {
        await using ServiceProcess service = await OtherAsync("no role", ("AZURE_STORAGE_DATA_CONTAINER_COOL", ""));

        await RefusedAsync(service, "demo", "cool", 503, "configuration", "AZURE_STORAGE_DATA_CONTAINER_COOL");

        (await service.SendAsync(HttpMethod.Get, "/api/operations")).GetProperty("items").GetArrayLength().Should().Be(0);
        (await service.StateAsync("demo")).Should().Be("HOT");
    }

    [Test]
    public async Task HotDiskFull_RestoreFailsBeforeAByteMovesAndSucceedsWithRoom()
    {
        string project = await ProjectAsync("full", bigBytes: 6_000_000);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await SucceedAsync("full", "cool");
        await Service.DeleteSourceAsync("full");
        Directory.CreateDirectory(project);
        JsonElement failed;
        await using (await SmallDisk.MountAsync(project, "4m"))
        {
            failed = Failed(await Service.MoveAsync("full", "restore"), "disk-full", "The destination has room for");
            Directory.EnumerateFileSystemEntries(project).Should().BeEmpty();
            (await Service.StateAsync("full")).Should().Be("COOL");
        }
        Succeeded(await Service.RetryAsync(failed));
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    [Category("Long")]
    public async Task StorageGone_BeforeAndDuringACopy_FailsWithinMinutesAndSucceedsWhenItIsBack()
    {
        await using AzuriteServer azurite = await AzuriteServer.StartAsync(Temp.Folder("azurite"));
        await using ServiceProcess service = await OtherAsync("gone", azurite);
        File.WriteAllBytes(Path.Combine(service.Hot, "demo", "big.bin"), new byte[200_000_000]);
        await azurite.StopAsync();

        await FailsAsync(service, "store-unavailable", "The storage did not answer");
        (await service.StateAsync("demo")).Should().Be("HOT", "nothing was begun");

        await azurite.RestartAsync();
        string id = await service.AskAsync("demo", "cool");
        await service.PhaseAsync(id, TransferPhase.Copy);
        await azurite.StopAsync();
        JsonElement failed = Failed(await service.EndOfAsync(id), "store-unavailable", "The storage did not answer");
        (await service.StateAsync("demo")).Should().Be("ERROR");
        service.ProcessesOf("TIERING_JOB").Should().BeEmpty();

        await azurite.RestartAsync();
        (await service.RetryAsync(failed)).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
    }

    private Task<ServiceProcess> OtherAsync(string name, params (string Name, string Value)[] settings) => OtherAsync(name, Azurite, settings);

    /// <summary>Another service, with the project <c>demo</c>.</summary>
    private async Task<ServiceProcess> OtherAsync(string name, AzuriteServer azurite, params (string Name, string Value)[] settings)
    {
        Dictionary<string, string> extra = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
        ServiceProcess service = await ServiceProcess.StartAsync(Temp.Folder(name), azurite, extra);
        Directory.CreateDirectory(Path.Combine(service.Hot, "demo"));
        await File.WriteAllTextAsync(Path.Combine(service.Hot, "demo", "a.txt"), "a");
        await service.AddAsync("demo");
        return service;
    }

    private static async Task RefusedAsync(ServiceProcess service, string slug, string what, int status, string code, string words)
    {
        (int found, string problem, string detail) = await service.RefusalAsync(HttpMethod.Post, $"/api/projects/{Uri.EscapeDataString(slug)}/{what}");
        (found, problem).Should().Be((status, code), detail);
        detail.Should().Contain(words);
        (int exit, string text) = await CommandAsync(service, what, slug);
        exit.Should().NotBe(0);
        text.Should().Contain(words).And.Contain(code);
    }

    private static async Task FailsAsync(ServiceProcess service, string code, string words)
    {
        (int exit, string text) = await CommandAsync(service, "cool", "demo", "--wait");
        exit.Should().NotBe(0);
        text.Should().Contain(code).And.Contain(words);
        JsonElement last = (await service.SendAsync(HttpMethod.Get, "/api/operations?limit=1")).GetProperty("items")[0];
        Failed(last, code, words);
    }

    private static async Task<(int Exit, string Text)> CommandAsync(ServiceProcess service, params string[] arguments)
    {
        CommandLine command = new(service.Http.BaseAddress!, service.Http.DefaultRequestHeaders.Authorization!.Parameter);
        int exit = await command.RunAsync(arguments);
        return (exit, (command.Output + command.Error).Replace("\n", " ", StringComparison.Ordinal));
    }
}
