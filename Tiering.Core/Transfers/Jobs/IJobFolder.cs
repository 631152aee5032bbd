namespace Tiering.Core.Transfers.Jobs;

/// <summary>The agent's side of one job folder: a directory here, a blob container with a lease on Azure.</summary>
public interface IJobFolder
{
    /// <summary>A folder on the agent's own disk for AzCopy's plans and logs, and for files under work.</summary>
    string LocalPath { get; }

    /// <summary>How often an agent tells that it lives and looks for what the service has to say.</summary>
    TimeSpan Beat { get; }

    /// <summary>Takes the lease if no other agent holds it; null when one does. It ends with the agent, however that ends.</summary>
    Task<IJobLease?> TryAcquireLeaseAsync(CancellationToken cancellation);

    /// <summary>Reads a small file as JSON; null when there is none.</summary>
    Task<T?> ReadAsync<T>(string name, CancellationToken cancellation)
        where T : class;

    /// <summary>Replaces a small file, atomically.</summary>
    /// <param name="name">One of <see cref="JobFiles"/>.</param>
    /// <param name="value">What is written as JSON.</param>
    /// <param name="durable">Whether it must be on disk when this returns.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task WriteAsync<T>(string name, T value, bool durable, CancellationToken cancellation);

    /// <summary>Brings a file of the folder onto the local disk and returns its path; null when there is none.</summary>
    Task<string?> FetchAsync(string name, CancellationToken cancellation);

    /// <summary>Makes the complete and synced file <see cref="LocalPath"/>/<paramref name="name"/> part of the folder.</summary>
    Task PublishAsync(string name, CancellationToken cancellation);

    /// <summary>Whether somebody asked to end the transfer.</summary>
    Task<bool> IsCancelRequestedAsync(CancellationToken cancellation);
}

/// <summary>The right of one agent to work on a job. Disposing gives it back.</summary>
public interface IJobLease : IAsyncDisposable
{
    /// <summary>Signalled when the lease is lost: AzCopy must be ended at once.</summary>
    CancellationToken Lost { get; }
}
