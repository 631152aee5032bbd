using System.Security.Cryptography;

namespace Tiering.Core.Backups;

/// <summary>What a back-up consists of: the file <c>backup.json</c>, written last, so that a folder without it is no back-up.</summary>
/// <param name="CreatedAt">When it was complete.</param>
/// <param name="Files">Every other file.</param>
public sealed record BackupList(DateTimeOffset CreatedAt, IReadOnlyList<BackedUpFile> Files)
{
    public const string FileName = "backup.json";

    /// <summary>Reads the list of a back-up and checks every file against it.</summary>
    /// <exception cref="BackupException">It is not complete, or a file is not what it was.</exception>
    public static BackupList Verify(string folder)
    {
        BackupList list;
        try
        {
            list = AtomicFile.ReadJson<BackupList>(Path.Combine(folder, FileName)) ?? throw new BackupException($"it has no {FileName}, so it was never completed");
        }
        catch (System.Text.Json.JsonException)
        {
            throw new BackupException($"its {FileName} cannot be read");
        }
        foreach (BackedUpFile file in list.Files)
        {
            if (Path.IsPathRooted(file.Path) || file.Path.Split('/').Contains("..", StringComparer.Ordinal))
                throw new BackupException($"{file.Path} lies outside of it");
            FileInfo found = new(Path.Combine(folder, file.Path));
            if (!found.Exists || found.Length != file.Bytes)
                throw new BackupException($"{file.Path} is missing, or has another size");
            using FileStream stream = found.OpenRead();
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256)
                throw new BackupException($"{file.Path} was altered");
        }
        return list;
    }

    /// <summary>Checks a back-up and puts it into a state folder that has no databases yet.</summary>
    /// <exception cref="BackupException">It is damaged, or the folder is in use.</exception>
    public static BackupList Restore(string folder, string data)
    {
        BackupList list = Verify(folder);
        if (list.Files.FirstOrDefault(file => File.Exists(Path.Combine(data, file.Path))) is { } there)
            throw new BackupException($"{Path.Combine(data, there.Path)} is there already; restore into a fresh state folder");
        // The catalogue last: a service that finds it finds all the rest.
        foreach (BackedUpFile file in list.Files.OrderBy(file => file.Path == "tiering.db"))
        {
            string target = Path.Combine(data, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string draft = target + ".tmp";
            using (FileStream from = new(Path.Combine(folder, file.Path), FileMode.Open, FileAccess.Read))
            using (FileStream to = new(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
            {
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
            }
            File.Move(draft, target);
            for (string path = file.Path; path.Length > 0; path = Path.GetDirectoryName(path)!)
                AtomicFile.SyncFolder(Path.GetDirectoryName(Path.Combine(data, path))!); // the folders that were made for it, too
        }
        return list;
    }
}

/// <param name="Path">Below the back-up's folder, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">In lower-case hexadecimal digits.</param>
public sealed record BackedUpFile(string Path, long Bytes, string Sha256);

public sealed class BackupException(string reason) : TieringException("backup-unusable", $"The back-up cannot be used: {reason}.", isTransient: false);
