using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Contracts;

/// <summary>What every <see cref="IManifestStore"/> must do; one subclass per adapter supplies the store.</summary>
public abstract class ManifestStoreContract
{
    private static readonly ProjectSlug Project = ProjectSlug.Parse("p");

    protected TempFolder Temp { get; private set; } = null!;

    /// <summary>Opens the store; a second call opens the same one, as after a restart.</summary>
    protected abstract IManifestStore Open();

    [SetUp]
    public void SetUp() => Temp = new TempFolder();

    [TearDown]
    public void TearDown() => Temp.Dispose();

    [Test]
    public async Task Latest_NothingProved_IsNull()
    {
        await KeepAsync(OperationType.Cool, proved: false);
        (await Open().LatestAsync(Project, OperationType.Cool, default)).Should().BeNull();
    }

    [Test]
    public async Task Latest_SeveralProved_IsTheNewestOfItsType()
    {
        await KeepAsync(OperationType.Cool, proved: true);
        OperationKey second = await KeepAsync(OperationType.Cool, proved: true);
        await KeepAsync(OperationType.Restore, proved: true);
        await KeepAsync(OperationType.Cool, proved: false);
        (await Open().LatestAsync(Project, OperationType.Cool, default))!.OperationId.Should().Be(second.Id);
    }

    [Test]
    public async Task Latest_Baseline_CountsAsACool()
    {
        await KeepAsync(OperationType.Cool, proved: true);
        string file = await WriteAsync(null, "baseline");
        await Open().KeepAsync(Project, null, file, proved: true, default);
        KeptManifest latest = (await Open().LatestAsync(Project, OperationType.Cool, default))!;
        latest.OperationId.Should().BeNull();
        latest.Proved.Should().BeTrue();
    }

    [Test]
    public async Task Keep_ProvedAfterwards_ReplacesAndKeepsItsPlaceAndName()
    {
        OperationKey first = await KeepAsync(OperationType.Cool, proved: false);
        KeptManifest before = (await Open().FindAsync(first, default))!;
        await KeepAsync(OperationType.Cool, proved: true);
        await Open().KeepAsync(Project, first, await WriteAsync(first, "again"), proved: true, default);

        KeptManifest after = (await Open().FindAsync(first, default))!;
        after.Should().Be(before with { Proved = true });
        await Open().CopyToAsync(before, Temp.At("copy"), default);
        (await ManifestReader.ReadAsync(Temp.At("copy"), default).ListAsync()).Single().Path.Should().Be("again");
        (await Open().ExplainingAsync(Project, default)).Should().HaveCount(1);
    }

    [Test]
    public async Task Keep_RepeatedFromBeforeTheProof_ChangesNothing()
    {
        OperationKey key = await KeepAsync(OperationType.Cool, proved: true);
        (await Open().KeepAsync(Project, key, await WriteAsync(key, "older"), proved: false, default)).Proved.Should().BeTrue();
    }

    [Test]
    public async Task Explaining_ProvedAndLater_AreTheNewestProvedAndAllAfterIt()
    {
        await KeepAsync(OperationType.Cool, proved: true);
        OperationKey restored = await KeepAsync(OperationType.Restore, proved: true);
        OperationKey failed = await KeepAsync(OperationType.Cool, proved: false);
        OperationKey running = await KeepAsync(OperationType.Cool, proved: false);
        (await Open().ExplainingAsync(Project, default)).Select(manifest => manifest.OperationId).Should().Equal(restored.Id, failed.Id, running.Id);
    }

    [Test]
    public async Task Explaining_NothingProved_AreAll()
    {
        await KeepAsync(OperationType.Cool, proved: false);
        await KeepAsync(OperationType.Cool, proved: false);
        (await Open().ExplainingAsync(Project, default)).Should().HaveCount(2);
        (await Open().ExplainingAsync(ProjectSlug.Parse("other"), default)).Should().BeEmpty();
    }

    [Test]
    public async Task Draft_IsReplacedFetchedAndDropped_AndIsNoManifest()
    {
        OperationKey key = new(Project, OperationType.Restore, Guid.NewGuid());
        (await Open().FetchDraftAsync(key, Temp.At("none"), default)).Should().BeFalse();
        await Open().DropDraftAsync(key, default);
        await Open().KeepDraftAsync(key, await WriteAsync(key, "first"), default);
        await Open().KeepDraftAsync(key, await WriteAsync(key, "second"), default);

        (await Open().FetchDraftAsync(key, Temp.At("draft"), default)).Should().BeTrue();
        (await ManifestReader.ReadAsync(Temp.At("draft"), default).ListAsync()).Single().Path.Should().Be("second");
        (await Open().FetchDraftAsync(key with { Type = OperationType.Cool }, Temp.At("none"), default)).Should().BeFalse();
        File.Exists(Temp.At("none")).Should().BeFalse();
        (await Open().FindAsync(key, default)).Should().BeNull();
        (await Open().ExplainingAsync(Project, default)).Should().BeEmpty();
        string other = await WriteAsync(null, "a");
        await FluentActions.Awaiting(() => Open().KeepDraftAsync(key, other, default))
            .Should().ThrowAsync<ManifestCorruptException>();
        await Open().DropDraftAsync(key, default);
        (await Open().FetchDraftAsync(key, Temp.At("none"), default)).Should().BeFalse();
    }

    [Test]
    public async Task Keep_OfAnotherProjectOrDamaged_IsRefused()
    {
        OperationKey key = new(Project, OperationType.Cool, Guid.NewGuid());
        string file = await WriteAsync(key, "a");
        await FluentActions.Awaiting(() => Open().KeepAsync(ProjectSlug.Parse("q"), key with { Project = ProjectSlug.Parse("q") }, file, true, default))
            .Should().ThrowAsync<ManifestCorruptException>();
        byte[] bytes = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, bytes[..^20]);
        await FluentActions.Awaiting(() => Open().KeepAsync(Project, key, file, true, default)).Should().ThrowAsync<ManifestCorruptException>();
        (await Open().FindAsync(key, default)).Should().BeNull();
    }

    private async Task<OperationKey> KeepAsync(OperationType type, bool proved)
    {
        OperationKey key = new(Project, type, Guid.NewGuid());
        KeptManifest kept = await Open().KeepAsync(Project, key, await WriteAsync(key, "a"), proved, default);
        kept.Proved.Should().Be(proved);
        return key;
    }

    private async Task<string> WriteAsync(OperationKey? operation, string path)
    {
        string file = Temp.At($"{Guid.NewGuid():N}.jsonl.gz");
        await using ManifestWriter writer = ManifestWriter.Create(file, new ManifestHeader(Project, operation, LocationKind.Folder, DateTimeOffset.UnixEpoch));
        await writer.WriteAsync(Entries.FileAt(path), default);
        await writer.CompleteAsync(default);
        return file;
    }
}
