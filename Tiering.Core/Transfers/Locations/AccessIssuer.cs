using System.Net;
using Tiering.Core.Identity;

namespace Tiering.Core.Transfers.Locations;

/// <summary>
/// Signs what a transfer needs and no more: a service SAS for the container or share of each side. Without an account key it gives no
/// tokens; a managed identity then signs in wherever it works.
/// </summary>
/// <param name="settings">Holds the account key and how long tokens work.</param>
/// <param name="http">As <see cref="Inventories.ProjectStores.CreateClient"/> makes it.</param>
/// <param name="identity">Signs in where there is no account key; null where there always is one.</param>
/// <param name="time">Says when tokens stop working.</param>
public sealed class AccessIssuer(
    StorageSettings settings,
    HttpClient http,
    ITokenSource? identity,
    TimeProvider time) : IAccessIssuer
{
    public ValueTask<TransferAccess> ForTransferAsync(Location source, Location destination, CancellationToken cancellation) => new(new TransferAccess(
        Issue(source, azCopy: "rl", own: "rl"),
        Issue(destination, azCopy: destination.Kind == LocationKind.Blob ? "racwd" : "rcwd", own: "rcwdl"))); // files have no 'a' (append)

    public ValueTask<LocationAccess> ForReadingAsync(Location location, CancellationToken cancellation) => new(Issue(location, azCopy: null, own: "rl"));

    public ValueTask<LocationAccess> ForDeletionAsync(Location location, CancellationToken cancellation) => new(Issue(location, azCopy: null, own: "rdl"));

    public async Task EnsureContainerAsync(Location location, CancellationToken cancellation)
    {
        if (location.Kind != LocationKind.Blob)
            return;
        string? token = settings.Signer()?.ForAccount("b", "c", "c", time.GetUtcNow() + TimeSpan.FromMinutes(15), IsHttps(location));
        LocationAccess access = new() { OwnSas = token };
        Inventories.Remote.StorageRequests requests = new(http, () => access, identity);
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Put, location.Root, "restype=container"),
            "making the container",
            cancellation,
            HttpStatusCode.Conflict);
    }

    private LocationAccess Issue(Location location, string? azCopy, string own)
    {
        if (location.Kind == LocationKind.Folder || settings.Signer() is not { } signer)
            return LocationAccess.None;
        string holder = Uri.UnescapeDataString(location.Root[(location.Root.LastIndexOf('/') + 1)..]);
        DateTimeOffset expires = time.GetUtcNow() + settings.AccessLifetime;
        return new LocationAccess
        {
            AzCopySas = azCopy is null ? null : Sign(azCopy),
            OwnSas = Sign(own),
            ExpiresAt = expires,
        };

        string Sign(string permissions) => location.Kind == LocationKind.Blob
            ? signer.ForContainer(holder, permissions, expires, IsHttps(location))
            : signer.ForShare(holder, permissions, expires, IsHttps(location));
    }

    private static bool IsHttps(Location location) => location.Root.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
}
