using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>A project in a folder of this machine. Never leaves it, whatever links lie in it or are put there meanwhile.</summary>
public sealed class FolderStore : IProjectStore
{
    private readonly string parent;
    private readonly string name;

    public FolderStore(Location location)
    {
        if (location.Kind != LocationKind.Folder || !Path.IsPathFullyQualified(location.Root))
            throw new ArgumentException("The location is no folder.", nameof(location));
        if (location.Below.Split('/').Any(part => part is "" or "." or ".."))
            throw new ArgumentException("The location is not written in its shortest form.", nameof(location));
        Location = location;
        int slash = location.Address.LastIndexOf('/');
        (parent, name) = (location.Address[..slash], location.Address[(slash + 1)..]);
    }

    public Location Location { get; }

    public Task CheckReachableAsync(CancellationToken cancellation)
    {
        CheckRoot();
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<InventoryEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield(); // a walk works long without waiting for anything
        using FolderWalk walk = new(Open());
        while (walk.Next() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    public Task<Stream> OpenReadAsync(InventoryEntry entry, CancellationToken cancellation)
    {
        using FolderChain chain = new(Open());
        SafeFileHandle? file = chain.Parent(entry.Path, loosen: false, out byte[] last) is { } folder ? Posix.OpenFile(folder, last) : null;
        if (file is null)
        {
            throw Posix.LastError is Posix.NotFound
                ? new EntryChangedException(entry.Path, "is gone")
                : FolderErrors.Of(Posix.LastError, $"reading the file {entry.Path}");
        }
        try
        {
            if (!Posix.Stat(file, out FileStatus status))
                throw FolderErrors.Of(Posix.LastError, $"looking at {entry.Path}");
            if (!status.IsFile)
                throw new EntryChangedException(entry.Path, "is no file any more");
            if ((long)status.Size != entry.Size)
                throw new EntryChangedException(entry.Path, $"has {status.Size} bytes, not {entry.Size}");
            return Task.FromResult<Stream>(new FileStream(file, FileAccess.Read, bufferSize: 0));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public Task DeleteAsync(IReadOnlyList<InventoryEntry> entries, CancellationToken cancellation)
    {
        FolderHandle project;
        try
        {
            project = Open(loosen: true);
        }
        catch (ProjectDataMissingException)
        {
            return Task.CompletedTask; // all of it is gone already
        }
        using FolderChain chain = new(project);
        foreach (InventoryEntry entry in entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (chain.Parent(entry.Path, loosen: true, out byte[] last) is { } folder)
                Delete(folder, last, entry);
        }
        return Task.CompletedTask;
    }

    public Task PutBackAsync(IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation)
    {
        CheckRoot();
        return FolderFidelity.ApplyAsync(Location.Address, manifest, cancellation);
    }

    public Task CreateRootAsync(CancellationToken cancellation)
    {
        CheckRoot();
        Directory.CreateDirectory(parent); // the prefix
        using FolderHandle folder = Posix.OpenFolder(parent) ?? throw FolderErrors.Of(Posix.LastError, "opening the folder of all projects");
        if (!Posix.MakeFolder(folder, Posix.Name(name)))
        {
            if (Posix.LastError != Posix.Exists)
                throw FolderErrors.Of(Posix.LastError, "making the project's folder");
            Open().Dispose(); // a link or a file in its place is refused here
            return Task.CompletedTask;
        }
        if (!Posix.SetMode(folder, Posix.Name(name), 0x1ed)) // rwxr-xr-x, whatever the process masks
            throw FolderErrors.Of(Posix.LastError, "making the project's folder");
        return Task.CompletedTask;
    }

    public Task<InventoryEntry?> DescribeRootAsync(CancellationToken cancellation) =>
        Task.FromResult(Directory.Exists(Location.Address) ? FolderRoot.Describe(Location.Address) : null);

    public Task PutBackRootAsync(InventoryEntry kept, CancellationToken cancellation)
    {
        CheckRoot();
        FolderRoot.Apply(Location.Address, kept);
        return Task.CompletedTask;
    }

    public Task SyncAsync(CancellationToken cancellation)
    {
        using FolderHandle folder = Open();
        if (!Posix.SyncFileSystem(folder))
            throw FolderErrors.Of(Posix.LastError, "writing the project to its disk");
        return Task.CompletedTask;
    }

    public Task DeleteRootAsync(CancellationToken cancellation)
    {
        CheckRoot();
        using FolderHandle? folder = Posix.OpenFolder(parent);
        if (folder is null && Posix.LastError == Posix.NotFound)
            return Task.CompletedTask;
        if (folder is null)
            throw FolderErrors.Of(Posix.LastError, "opening the folder of all projects");
        if (Posix.Rmdir(folder, Posix.Name(name)) || Posix.LastError == Posix.NotFound)
            return Task.CompletedTask;
        throw Posix.LastError == Posix.NotEmpty
            ? new StoreRefusedException("the project's folder is not empty")
            : FolderErrors.Of(Posix.LastError, "removing the project's folder");
    }

    /// <summary>Opens the project's folder, which must be one and not a link.</summary>
    /// <param name="loosen">Whether its owner gets the permission to list, enter and write it.</param>
    internal FolderHandle Open(bool loosen = false)
    {
        CheckRoot();
        using FolderHandle? all = Posix.OpenFolder(parent);
        if (all is not null && loosen)
            FolderChain.Loosen(all, Posix.Name(name), "of the project");
        if (all is not null && Posix.OpenFolder(all, Posix.Name(name)) is { } folder)
            return folder;
        throw Posix.LastError switch
        {
            Posix.NotFound => new ProjectDataMissingException(Location),
            Posix.NotAFolder or Posix.TooManyLinks => new StoreRefusedException("the project's folder is a link or a file"),
            int error => FolderErrors.Of(error, "opening the project's folder"),
        };
    }

    // A share that is not mounted must not look like a project without data.
    private void CheckRoot()
    {
        using FolderHandle root = Posix.OpenFolder(Location.Root) ?? throw (Posix.LastError is Posix.AccessDenied or Posix.NotPermitted
            ? FolderErrors.Of(Posix.LastError, "opening the folder of all projects")
            : new StoreUnavailableException("the folder of all projects is not there"));
    }

    private static void Delete(FolderHandle folder, byte[] last, InventoryEntry entry)
    {
        if (entry.Kind == EntryKind.Other)
            throw new StoreRefusedException($"removing {entry.Path}: {entry.Refusal}");
        if (entry.Kind != EntryKind.Folder && Posix.Stat(folder, last, out FileStatus status) && !IsSame(status, entry))
            throw new EntryChangedException(entry.Path, "has changed since it was listed, and was not removed");
        if (entry.Kind == EntryKind.Folder ? Posix.Rmdir(folder, last) : Posix.Unlink(folder, last))
            return;
        switch (Posix.LastError)
        {
            case Posix.NotFound:
            case Posix.NotEmpty when entry.Kind == EntryKind.Folder: // the next inventory shows what is in it
                return;
            case Posix.IsAFolder:
            case Posix.NotAFolder:
                throw new EntryChangedException(entry.Path, "is no longer what it was");
            case int error:
                throw FolderErrors.Of(error, $"removing {entry.Path}");
        }
    }

    private static bool IsSame(FileStatus status, InventoryEntry entry) =>
        (entry.Kind == EntryKind.File ? status.IsFile && (long)status.Size == entry.Size : status.IsLink)
        && PosixTime.Of(status.ModifiedSeconds, status.ModifiedNanoseconds) == entry.Modified
        && PosixTime.Rest(status.ModifiedNanoseconds) == entry.ModifiedNanoseconds;
}
