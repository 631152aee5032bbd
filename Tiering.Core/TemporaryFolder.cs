namespace Tiering.Core;

/// <summary>
/// A folder of its own in this machine's temporary place, for the owner alone, until it is disposed. One whose process was killed is removed when any
/// process of the same user makes the next.
/// </summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "tiering-work-";
    private const string Mark = ".held";
    private const int MaxTries = 10;

    private readonly FileStream held;

    private TemporaryFolder(string root, FileStream held) => (Root, this.held) = (root, held);

    public string Root { get; }

    /// <exception cref="IOException">There is no room, or no right to write.</exception>
    public static TemporaryFolder Create()
    {
        Sweep(Path.GetTempPath());
        for (int tries = 1; ; tries++)
        {
            string root = Directory.CreateTempSubdirectory(Prefix).FullName;
            try
            {
                // The kernel drops the lock with the process.
                return new TemporaryFolder(root, new FileStream(Path.Combine(root, Mark), FileMode.CreateNew, FileAccess.Write, FileShare.None));
            }
            catch (IOException) when (tries < MaxTries)
            {
                // Another process swept it before it was locked.
            }
        }
    }

    public string At(string name) => Path.Combine(Root, name);

    public void Dispose()
    {
        held.Dispose();
        Remove(Root);
    }

    /// <summary>Removes the folders that nobody holds any more.</summary>
    internal static void Sweep(string place)
    {
        foreach (string root in Directory.EnumerateDirectories(place, Prefix + "*"))
        {
            try
            {
                using FileStream mark = new(Path.Combine(root, Mark), FileMode.Open, FileAccess.Write, FileShare.None);
                Remove(root);
            }
            catch (Exception notOurs) when (notOurs is IOException or UnauthorizedAccessException)
            {
                // It is in use, or somebody else's, or only just being made.
            }
        }
    }

    private static void Remove(string root)
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process swept it.
        }
    }
}
