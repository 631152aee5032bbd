using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tiering.Emulators.Files;

/// <summary>
/// Keeps one small file per record, replaced by renaming: after a kill at any instant the old or the new record is there, whole. (It is
/// not flushed to the disk: an emulator outlives its own death, not the machine's.)
/// </summary>
internal sealed class RecordStore(string folder)
{
    private long _lastTemporary;

    public EntryRecord? Load(string path)
    {
        try
        {
            EntryRecord? record = JsonSerializer.Deserialize<EntryRecord>(File.ReadAllBytes(FileOf(path)));
            return record?.Path == path ? record : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Save(EntryRecord record)
    {
        string file = FileOf(record.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string temporary = $"{file}.{Environment.ProcessId}-{Interlocked.Increment(ref _lastTemporary)}";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(record));
        File.Move(temporary, file, overwrite: true);
    }

    public void Delete(string path)
    {
        string file = FileOf(path);
        if (File.Exists(file))
            File.Delete(file);
    }

    private string FileOf(string path)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        return Path.Combine(folder, name[..2], name);
    }
}
