using Tiering.Core.Catalogue;
using Tiering.Functions.Azure;
using Tiering.Tests.Contracts;

namespace Tiering.Tests.Azure;

[Category("Azure")]
public sealed class TableCatalogueTests : CatalogueContract
{
    private string prefix = "";

    protected override (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) Create(bool dropIn)
    {
        prefix = AzureAccount.NewName();
        return CreateAnother(dropIn);
    }

    protected override (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) CreateAnother(bool dropIn)
    {
        TableStorage storage = AzureAccount.Tables(prefix, Time);
        return (new TableCatalogue(storage, dropIn), new TableAudit(storage), new TableOutbox(storage));
    }
}
