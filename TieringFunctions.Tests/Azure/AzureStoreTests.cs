using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Access;
using Tiering.Functions.Azure;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Azure;

[Category("Azure")]
public sealed class TableTokenStoreTests : TokenStoreContract
{
    private string prefix = "";

    [SetUp]
    public void SetUp() => prefix = AzureAccount.NewName();

    protected override ITokenStore Open() => new TableTokenStore(AzureAccount.Tables(prefix, TimeProvider.System));
}

[Category("Azure")]
public sealed class BlobManifestStoreTests : ManifestStoreContract
{
    private string container = "";

    [SetUp]
    public void Choose() => container = AzureAccount.NewName();

    protected override IManifestStore Open() => new BlobManifestStore(AzureAccount.Blobs(container));
}

[Category("Azure")]
public sealed class BlobCertificateStoreTests : CertificateStoreContract
{
    private string container = "";

    [SetUp]
    public void Choose() => container = AzureAccount.NewName();

    protected override ICertificateStore Open() => new BlobCertificateStore(AzureAccount.Blobs(container));
}

[Category("Azure")]
public sealed class TableProjectRegisterTests : ProjectRegisterContract
{
    private string prefix = "";

    protected override (IProjectRegister Register, ICatalogue Catalogue, IAudit Audit) Create()
    {
        prefix = AzureAccount.NewName();
        TableStorage storage = AzureAccount.Tables(prefix, Time);
        return (new TableProjectRegister(storage, LocalZone.Paris), new TableCatalogue(storage, dropIn: false), new TableAudit(storage));
    }

    protected override Task SettleAllAsync(LocalZone zone) => new TableProjectRegister(AzureAccount.Tables(prefix, Time), zone).SettleAllAsync(default);
}

[Category("Azure")]
public sealed class TableNightStoreTests : NightStoreContract
{
    protected override (INightStore Nights, ICatalogue Catalogue, IProjectRegister Register, IAudit Audit) Create()
    {
        TableStorage storage = AzureAccount.Tables(AzureAccount.NewName(), Time);
        return (new TableNightStore(storage), new TableCatalogue(storage, dropIn: false), new TableProjectRegister(storage, LocalZone.Paris), new TableAudit(storage));
    }
}

[Category("Azure")]
public sealed class ResolvedTests
{
    [Test]
    public void Check_SecretThatIsStillAReference_IsRefused([Values("TIERING_TOKEN", "JWT_SECRET_KEY")] string name) =>
        FluentActions.Invoking(() => Resolved.Check(asked => asked == name ? "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)" : null))
            .Should().Throw<Tiering.Core.ConfigurationException>().WithMessage(name + "*Key Vault*");

    [Test]
    public void Check_Secrets_ArePassed() => Resolved.Check(_ => "0123456789abcdef");
}
