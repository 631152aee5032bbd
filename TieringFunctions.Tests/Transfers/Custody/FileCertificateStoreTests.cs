using Tiering.Core.Transfers.Custody;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Transfers.Custody;

public sealed class FileCertificateStoreTests : CertificateStoreContract
{
    protected override ICertificateStore Open() => new FileCertificateStore(Temp.At("manifests"));
}
