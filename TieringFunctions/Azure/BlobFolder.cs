using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Tiering.Core;

namespace Tiering.Functions.Azure;

/// <summary>
/// The blobs of one container, which is made when it is first used. Every failure of the service comes out as <see cref="BlobsUnavailableException"/>.
/// </summary>
public sealed class BlobFolder(BlobContainerClient container)
{
    private Task? made;

    /// <summary>The names of the blobs right below a folder, without the folder.</summary>
    internal Task<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation) => AskAsync<IReadOnlyList<string>>(
        async () =>
        {
            List<string> names = [];
            await foreach (BlobItem blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder + "/", cancellation))
                names.Add(blob.Name[(folder.Length + 1)..]);
            return names;
        },
        cancellation);

    /// <summary>Puts a blob in its place, whole or not at all.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="replace">Whether it may take the place of another one.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>False when there is one that may not be replaced.</returns>
    internal async Task<bool> PutAsync(string name, Stream content, bool replace, CancellationToken cancellation)
    {
        BlobUploadOptions options = new() { Conditions = replace ? null : new BlobRequestConditions { IfNoneMatch = ETag.All } };
        try
        {
            await AskAsync(() => container.GetBlobClient(name).UploadAsync(content, options, cancellation), cancellation);
            return true;
        }
        catch (BlobsUnavailableException taken) when (!replace && taken.InnerException is RequestFailedException { Status: 409 or 412 })
        {
            return false;
        }
    }

    /// <summary>Writes a blob's content into a stream; false when there is no such blob.</summary>
    internal async Task<bool> TryReadAsync(string name, Stream target, CancellationToken cancellation)
    {
        try
        {
            await AskAsync(() => container.GetBlobClient(name).DownloadToAsync(target, cancellation), cancellation);
            return true;
        }
        catch (BlobsUnavailableException missing) when (missing.InnerException is RequestFailedException { Status: 404 })
        {
            return false;
        }
    }

    internal Task RemoveAsync(string name, CancellationToken cancellation) =>
        AskAsync(() => container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: null, cancellation), cancellation);

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            await MadeAsync(cancellation);
            return await ask();
        }
        catch (RequestFailedException failure)
        {
            throw new BlobsUnavailableException(FormattableString.Invariant($"the service answered {failure.Status} {failure.ErrorCode}"), failure);
        }
        catch (AggregateException failure)
        {
            throw new BlobsUnavailableException("the service did not answer, several times", failure);
        }
        catch (AuthenticationFailedException failure)
        {
            throw new BlobsUnavailableException("the service could not be signed in to", failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new BlobsUnavailableException("the service did not answer in time", failure);
        }
    }

    private Task MadeAsync(CancellationToken cancellation) =>
        made is { IsCompletedSuccessfully: true } known ? known : made = container.CreateIfNotExistsAsync(cancellationToken: cancellation);
}

/// <param name="reason">What stands in the way.</param>
/// <param name="inner">What was caught.</param>
public sealed class BlobsUnavailableException(string reason, Exception inner)
    : TieringException("blobs-unavailable", $"Manifests and certificates could not be read or written: {reason}.", isTransient: true, inner);
