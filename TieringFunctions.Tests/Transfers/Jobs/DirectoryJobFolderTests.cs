using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Transfers.Jobs;

[TestFixture]
public sealed class DirectoryJobFolderTests : JobFolderContract
{
    private DirectoryJobFolders folders = null!;

    protected override IJobFolders Folders => folders;

    protected override IJobFolder Open(string job) => new DirectoryJobFolder(folders.PathOf(job));

    protected override Task StartAdapterAsync()
    {
        folders = new DirectoryJobFolders(Temp.Folder("jobs"), Manifests);
        return Task.CompletedTask;
    }

    [Test]
    public async Task FindAzCopyJobs_TellsThoseThatHaveOnlyAPlan([Values] bool elsewhere)
    {
        string plans = elsewhere ? Temp.Folder("work", "job", "plans") : Temp.Folder("jobs", "job", "azcopy", "plans");
        const string known = "11111111-2222-3333-4444-555555555555", unknown = "66666666-7777-8888-9999-000000000000";
        foreach (string name in (string[])[$"{known}--00000.steV20", $"{known}--00001.steV20", $"{unknown}--00000.steV18", "no-job--00000.steV20"])
            await File.WriteAllTextAsync(Path.Combine(plans, name), "");
        DirectoryJobFolders all = new(Temp.Folder("jobs"), Manifests, elsewhere ? Temp.Folder("work") : null);
        await all.RequestCancelAsync("job", default);
        await Open("job").WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { AzCopyJobs = [known] }, durable: true, default);

        (await all.FindAzCopyJobsAsync("job", default)).Should().BeEquivalentTo(unknown, known);
    }

    [Test]
    public async Task Close_AfterAKillInTheWritingOfTheAccess_LeavesNothingOfIt()
    {
        await folders.RequestCancelAsync("closed", default);
        foreach (string name in (string[])[JobFiles.Access, $"{JobFiles.Access}.12.3.tmp"])
            await File.WriteAllTextAsync(Path.Combine(folders.PathOf("closed"), name), "sig=");

        await folders.CloseAsync("closed", default);

        Directory.GetFiles(folders.PathOf("closed")).Select(Path.GetFileName).Should().Equal(JobFiles.Cancel);
    }
}
