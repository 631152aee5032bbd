using Microsoft.Win32.SafeHandles;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>A job folder that is a directory; the lease is an exclusive lock of one of its files, which the kernel drops when the agent ends.</summary>
/// <param name="path">The job's directory, which exists.</param>
public sealed class DirectoryJobFolder(string path) : IJobFolder
{
    public string LocalPath => path;

    public TimeSpan Beat => TimeSpan.FromSeconds(2);

    public Task<IJobLease?> TryAcquireLeaseAsync(CancellationToken cancellation)
    {
        try
        {
            SafeFileHandle file = File.OpenHandle(Name(JobFiles.Lease), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return Task.FromResult<IJobLease?>(new FileLease(file));
        }
        catch (IOException held) when (held is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return Task.FromResult<IJobLease?>(null);
        }
    }

    /// <summary>Whether an agent holds the lease of the job in this directory. Never keeps one from taking it for more than an instant.</summary>
    public static bool IsLeaseHeld(string path)
    {
        try
        {
            using SafeFileHandle probe = File.OpenHandle(Path.Combine(path, JobFiles.Lease), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public Task<T?> ReadAsync<T>(string name, CancellationToken cancellation)
        where T : class => Task.FromResult(AtomicFile.ReadJson<T>(Name(name)));

    public Task WriteAsync<T>(string name, T value, bool durable, CancellationToken cancellation)
    {
        AtomicFile.WriteJson(Name(name), value, durable);
        return Task.CompletedTask;
    }

    public Task<string?> FetchAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(File.Exists(Name(name)) ? Name(name) : null);

    public Task PublishAsync(string name, CancellationToken cancellation) => Task.CompletedTask; // it lies in the folder already

    public Task<bool> IsCancelRequestedAsync(CancellationToken cancellation) => Task.FromResult(File.Exists(Name(JobFiles.Cancel)));

    private string Name(string name) => Path.Combine(path, name);

    private sealed class FileLease(SafeFileHandle file) : IJobLease
    {
        public CancellationToken Lost => CancellationToken.None; // a lock of this kernel is lost only with its process

        public ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
