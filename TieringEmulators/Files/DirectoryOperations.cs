using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>What can be done with a share and with directories, listing aside.</summary>
internal static class DirectoryOperations
{
    private const string QuotaGigabytes = "102400";

    public static Task GetShareProperties(FileExchange exchange)
    {
        FileExchange.WriteVersion(exchange.Response, exchange.Share.Root);
        IHeaderDictionary headers = exchange.Response.Headers;
        headers["x-ms-share-quota"] = QuotaGigabytes;
        headers["x-ms-access-tier"] = "TransactionOptimized";
        headers["x-ms-enabled-protocols"] = "SMB";
        headers["x-ms-lease-status"] = "unlocked";
        headers["x-ms-lease-state"] = "available";
        exchange.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task Create(FileExchange exchange)
    {
        EntryChange change = EntryChange.Creation(exchange.Request, folder: true, exchange.Now);
        return exchange.Answer(StatusCodes.Status201Created, exchange.Share.CreateFolder(exchange.Names, change));
    }

    public static Task GetProperties(FileExchange exchange)
    {
        ShareEntry folder = exchange.Share.Folder(exchange.Names);
        exchange.WriteMetadata(folder);
        exchange.Response.Headers["x-ms-server-encrypted"] = "true";
        return exchange.Answer(StatusCodes.Status200OK, folder);
    }

    public static Task SetProperties(FileExchange exchange) =>
        Update(exchange, EntryChange.Properties(exchange.Request, folder: true, exchange.Now));

    public static Task SetMetadata(FileExchange exchange) => Update(exchange, EntryChange.Metadata(exchange.Request));

    public static Task Delete(FileExchange exchange)
    {
        ShareEntry entry = exchange.Share.Find(exchange.Names) ?? throw StorageException.ResourceNotFound();
        if (!entry.IsFolder)
            throw StorageException.ResourceTypeMismatch();
        exchange.Share.Delete(entry);
        exchange.Response.StatusCode = StatusCodes.Status202Accepted;
        exchange.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static Task Update(FileExchange exchange, EntryChange change) =>
        exchange.Answer(StatusCodes.Status200OK, exchange.Share.Update(exchange.Share.Folder(exchange.Names), change));
}
