using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Tiering.Functions.Azure;
using Tiering.Tests.Support;

namespace Tiering.Tests.Azure;

/// <summary>The storage account of these tests: Azurite's tables and blobs, one for all. Each caller gets tables and containers of its own.</summary>
[SetUpFixture]
public sealed class AzureAccount
{
    private static AzuriteServer tables = null!;
    private static AzuriteServer blobs = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => (tables, blobs) = (await AzuriteServer.StartTablesAsync(), await AzuriteServer.StartAsync());

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await tables.DisposeAsync();
        await blobs.DisposeAsync();
    }

    /// <summary>A prefix, or a container's name, that nobody has.</summary>
    public static string NewName() => "t" + Guid.NewGuid().ToString("N");

    /// <param name="prefix">The tables; the same prefix gives another worker the same tables.</param>
    /// <param name="time">The worker's clock.</param>
    /// <param name="transport">What its requests go through; null for nothing in between.</param>
    public static TableStorage Tables(string prefix, TimeProvider time, HttpPipelineTransport? transport = null)
    {
        TableClientOptions options = new();
        if (transport is not null)
        {
            options.Transport = transport;
            options.Retry.MaxRetries = 0;
        }
        return new TableStorage(Service(options), time, prefix);
    }

    public static TableServiceClient Service(TableClientOptions? options = null) =>
        new(tables.Endpoint, new TableSharedKeyCredential(AzuriteServer.Account, AzuriteServer.Key), options ?? new TableClientOptions());

    public static BlobFolder Blobs(string container) =>
        new(new BlobContainerClient(blobs.UriOf(container), new global::Azure.Storage.StorageSharedKeyCredential(AzuriteServer.Account, AzuriteServer.Key)));
}
