using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Contracts;

/// <summary>What every <see cref="ICertificateStore"/> must do; one subclass per adapter supplies the store.</summary>
public abstract class CertificateStoreContract
{
    private static readonly ProjectSlug Project = ProjectSlug.Parse("été 1");

    protected TempFolder Temp { get; private set; } = null!;

    /// <summary>Opens the store; a second call opens the same one, as after a restart.</summary>
    protected abstract ICertificateStore Open();

    [SetUp]
    public void SetUp() => Temp = new TempFolder();

    [TearDown]
    public void TearDown() => Temp.Dispose();

    [Test]
    public async Task Find_NothingKept_IsNull() => (await Open().FindAsync(Key(OperationType.Cool), default)).Should().BeNull();

    [Test]
    public async Task Keep_Certificate_IsFoundByItsOperationAlone()
    {
        OperationKey key = Key(OperationType.Cool);
        byte[] file = [1, 2, 0, 255, 10];
        await Open().KeepAsync(Manifest(1, key), file, default);

        (await Open().FindAsync(key, default)).Should().Equal(file);
        (await Open().FindAsync(key with { Type = OperationType.Restore }, default)).Should().BeNull();
        (await Open().FindAsync(key with { Project = ProjectSlug.Parse("other") }, default)).Should().BeNull();
        (await Open().FindAsync(key with { Id = Guid.NewGuid() }, default)).Should().BeNull();
    }

    [Test]
    public async Task Keep_Again_LeavesTheFirst()
    {
        OperationKey key = Key(OperationType.Restore);
        await Open().KeepAsync(Manifest(7, key), (byte[])[1], default);
        await Open().KeepAsync(Manifest(7, key), (byte[])[2, 3], default);

        (await Open().FindAsync(key, default)).Should().Equal(1);
    }

    [Test]
    public async Task Keep_FromManyAtOnce_KeepsOneOfThemWhole()
    {
        OperationKey key = Key(OperationType.Cool);
        byte[][] files = [.. Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)i, 1000).ToArray())];

        await Task.WhenAll(files.Select(file => Task.Run(() => Open().KeepAsync(Manifest(1, key), file, default))));

        byte[] kept = (await Open().FindAsync(key, default))!;
        files.Should().Contain(file => file.SequenceEqual(kept));
    }

    private static OperationKey Key(OperationType type) => new(Project, type, Guid.NewGuid());

    private static KeptManifest Manifest(int number, OperationKey key) => new(
        key.Project, FormattableString.Invariant($"{number:D8}-{(key.Type == OperationType.Cool ? "cool" : "restore")}-{key.Id:D}"), key.Type, key.Id, Proved: true);
}
