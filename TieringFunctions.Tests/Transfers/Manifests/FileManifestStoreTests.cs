using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class FileManifestStoreTests : ManifestStoreContract
{
    [Test]
    public async Task Find_CrashBetweenCopyAndRemoval_GivesTheProvedOne()
    {
        ProjectSlug project = ProjectSlug.Parse("p");
        OperationKey key = new(project, OperationType.Cool, Guid.NewGuid());
        string file = Temp.At("m");
        await using (ManifestWriter writer = ManifestWriter.Create(file, new ManifestHeader(project, key, LocationKind.Folder, DateTimeOffset.UnixEpoch)))
            await writer.CompleteAsync(default);
        KeptManifest kept = await Open().KeepAsync(project, key, file, proved: true, default);
        string folder = Temp.At("manifests", project.Hash);
        File.Copy(Directory.EnumerateFiles(folder).Single(), Path.Combine(folder, kept.Name + ".jsonl.gz"));
        File.WriteAllText(Path.Combine(folder, kept.Name + ".jsonl.gz.1.tmp"), "half");

        (await Open().FindAsync(key, default)).Should().Be(kept);
        (await Open().ExplainingAsync(project, default)).Should().Equal(kept);
    }

    protected override IManifestStore Open() => new FileManifestStore(Temp.At("manifests"));
}
