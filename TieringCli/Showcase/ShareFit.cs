using System.Globalization;
using Tiering.Core;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>Whether a folder of the user's can be put into a file share at all: links, case twins and many names cannot.</summary>
public static class ShareFit
{
    private const int Shown = 50;

    /// <exception cref="CliException">It cannot; the message lists what is in the way.</exception>
    public static async Task CheckAsync(GivenProject project, CancellationToken cancellation)
    {
        string given = Directory.ResolveLinkTarget(project.Folder, returnFinalTarget: true)?.FullName ?? project.Folder;
        given = Path.TrimEndingDirectorySeparator(given);
        if (given == "/")
            return; // it holds the state folder too, and is refused for that
        string root = Path.GetDirectoryName(given)!;
        NameRules share = new(PlaceOf(project, LocationKind.Share));
        NameRules blobs = new(PlaceOf(project, LocationKind.Blob), LocationKind.Share);
        Differences refused = new();
        try
        {
            await foreach (InventoryEntry entry in new FolderStore(new Location(LocationKind.Folder, $"{root}/{Path.GetFileName(given)}", root)).ListAsync(cancellation))
                _ = share.Check(entry, refused) && blobs.Check(entry, refused);
        }
        catch (TieringException unreadable)
        {
            throw new CliException(ExitCode.Usage, $"{project.Folder} cannot be read whole: {unreadable.Message}", unreadable);
        }
        if (!refused.Any)
            return;
        IEnumerable<string> lines = refused.First.Take(Shown).Select(difference => $"\n  {difference}");
        string more = refused.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $"\n  and {refused.Count - Shown} more") : "";
        throw new CliException(ExitCode.Usage, $"{project.Folder} holds what a file share cannot hold. Nothing was started; --hot folder takes it.{string.Concat(lines)}{more}");
    }

    private static Location PlaceOf(GivenProject project, LocationKind kind) => new(kind, $"http://127.0.0.1/hot/{Uri.EscapeDataString(project.Slug)}", "http://127.0.0.1/hot");
}
