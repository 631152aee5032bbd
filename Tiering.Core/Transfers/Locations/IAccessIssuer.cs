namespace Tiering.Core.Transfers.Locations;

/// <summary>Makes what opens a location: tokens signed with the account key, or nothing where a managed identity signs in.</summary>
public interface IAccessIssuer
{
    /// <summary>For one transfer: the source reads and lists, the destination reads, lists, writes and removes.</summary>
    /// <exception cref="ConfigurationException">The account key is missing or wrong.</exception>
    ValueTask<TransferAccess> ForTransferAsync(Location source, Location destination, CancellationToken cancellation);

    /// <summary>For counting: reads and lists.</summary>
    ValueTask<LocationAccess> ForReadingAsync(Location location, CancellationToken cancellation);

    /// <summary>For source deletion: lists and removes.</summary>
    ValueTask<LocationAccess> ForDeletionAsync(Location location, CancellationToken cancellation);

    /// <summary>Makes the container of the location when it is missing; shares and folders are never made.</summary>
    Task EnsureContainerAsync(Location location, CancellationToken cancellation);
}
