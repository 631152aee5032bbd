using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Finds what is left of a copy whose plan is of no use any more: what is whole at the destination is not copied again. By inventories of our own, and
/// only where half of a file cannot look like a whole one: a blob comes into being whole, and counts when this operation has written it; a file of a
/// folder counts when its content has the MD5 that the manifest gives. A share shows a file in full length from its first byte on: there all is copied again.
/// </summary>
internal sealed class CopyRest(TransferSession session, ILogger log)
{
    private const int BufferBytes = 1 << 19;
    private const string Tier = "Cool";

    private bool canBeListed = true;

    /// <param name="stretch">What the lost job was to copy.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>What is left of it, with its list on disk; the same stretch when nothing of it is whole, or it cannot be known.</returns>
    public async Task<CopyStretch> FindAsync(CopyStretch stretch, CancellationToken cancellation)
    {
        LocationKind kind = session.Job.Destination.Kind;
        if (kind == LocationKind.Share || await session.FetchAsync(JobFiles.There, cancellation) is not { } there)
            return stretch;
        CopyPart rest = await CopyParts.ListAsync(FilesAsync(stretch, there, cancellation), session.LocalPath, cancellation);
        log.LogInformation("Of {Files} files, {Whole} are whole at the destination already", stretch.Size.Files, stretch.Size.Files - rest.Size.Files);
        return rest.Size == stretch.Size || !canBeListed ? stretch : stretch.Narrowed(rest.Size, Path.Combine(session.LocalPath, rest.List));
    }

    /// <summary>All files of the manifest, each with whether it is left to be copied in this stretch.</summary>
    private async IAsyncEnumerable<(InventoryEntry File, bool IsLeft)> FilesAsync(CopyStretch stretch, string there, [EnumeratorCancellation] CancellationToken cancellation)
    {
        IAsyncEnumerable<InventoryEntry>[] inventories =
            [session.ReadManifest(cancellation), Presence.Of(session.List(session.Destination, cancellation), cancellation), ManifestReader.ReadAsync(there, cancellation)];
        long number = 0;
        await foreach (InventoryEntry?[] at in MergedEntries.OfAsync(inventories, cancellation))
        {
            if (at[0] is not { Kind: EntryKind.File } wanted)
                continue;
            bool isInStretch = number >= stretch.Before.Files && number < stretch.Before.Files + stretch.Size.Files;
            number++;
            bool isLeft = isInStretch && !(at[1] is { Kind: EntryKind.File } now && await IsWholeAsync(wanted, now, at[2], cancellation));
            if (isLeft && !CanBeListed(wanted.Path))
                (canBeListed, isLeft) = (false, false);
            yield return (wanted, isLeft);
        }
    }

    private async ValueTask<bool> IsWholeAsync(InventoryEntry wanted, InventoryEntry now, InventoryEntry? before, CancellationToken cancellation)
    {
        if (now.Size != wanted.Size || (now.Md5 is not null && wanted.Md5 is not null && now.Md5 != wanted.Md5))
            return false;
        return session.Job.Destination.Kind == LocationKind.Blob
            ? now.ETag is not null && now.ETag != before?.ETag && string.Equals(now.Tier, Tier, StringComparison.OrdinalIgnoreCase)
            : wanted.Md5 is not null && await HasContentAsync(now, wanted.Md5, cancellation);
    }

    private async ValueTask<bool> HasContentAsync(InventoryEntry file, string md5, CancellationToken cancellation)
    {
        try
        {
            await using Stream content = await session.Destination.OpenReadAsync(file, cancellation);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            byte[] buffer = new byte[BufferBytes];
            for (int read = await content.ReadAsync(buffer, cancellation); read > 0; read = await content.ReadAsync(buffer, cancellation))
            {
                hash.AppendData(buffer, 0, read);
                session.Alive();
            }
            return Convert.ToBase64String(hash.GetHashAndReset()) == md5;
        }
        catch (EntryChangedException)
        {
            return false;
        }
    }

    // AzCopy reads its list by lines, drops a byte order mark, and takes a line with a brace for an older format.
    private static bool CanBeListed(string path) =>
        !path.AsSpan().ContainsAny('\n', '\r') && path[0] != '\ufeff' && !path.TrimStart().StartsWith('{');
}
