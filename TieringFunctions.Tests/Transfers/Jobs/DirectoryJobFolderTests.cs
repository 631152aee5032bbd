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
}
