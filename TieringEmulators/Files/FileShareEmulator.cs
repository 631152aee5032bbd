using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Access;
using Tiering.Emulators.Copying;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>
/// Azure Files over HTTP on local folders: what lies in them is what the share holds, also when it was put there by other means. What a
/// folder cannot keep (SMB attributes, metadata, ETags) is kept beside it and outlives a kill.
/// </summary>
public sealed class FileShareEmulator : StorageEmulator
{
    private readonly FileShareOptions _options;
    private readonly FileSasCheck _access;
    private readonly HttpClient _client;
    private readonly ConcurrentDictionary<string, ShareFolder> _shares = new(StringComparer.Ordinal);

    private FileShareEmulator(FileShareOptions options)
        : base(options)
    {
        _options = options;
        _access = new FileSasCheck(options.Account, options.Tokens, options.Time);
        _client = CopySource.NewClient(options.Certificate);
    }

    private protected override string Name => "files";

    /// <exception cref="ArgumentException">A folder does not exist or a share's name is not valid.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FileShareEmulator> StartAsync(FileShareOptions options)
    {
        if (!Directory.Exists(options.Root))
            throw new ArgumentException($"Root must be a folder that exists: {options.Root}", nameof(options));
        foreach ((string share, string folder) in options.Shares)
        {
            if (!Directory.Exists(folder))
                throw new ArgumentException($"The folder of share '{share}' must exist: {folder}", nameof(options));
            try
            {
                ShareNames.CheckShare(share);
            }
            catch (StorageException exception)
            {
                throw new ArgumentException($"Share '{share}': {exception.Message}", nameof(options), exception);
            }
        }
        FileShareEmulator emulator = new(options);
        await emulator.ListenAsync(options.Port, options.Certificate);
        return emulator;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client.Dispose();
    }

    private protected override string OperationOf(HttpRequest request, StorageTarget target) => FileOperations.Of(request, target).ToString();

    private protected override async Task ServeAsync(HttpContext http, StorageTarget target, string operation)
    {
        FileOperation known = FileOperations.Of(http.Request, target);
        if (known == FileOperation.Unsupported)
            throw StorageException.NotEmulated($"{http.Request.Method} with restype '{target.Query("restype")}' and comp '{target.Query("comp")}'");
        _access.Demand(http.Request, target, FileOperations.Demand(known));
        ShareNames.CheckShare(target.Container);
        if (known == FileOperation.CreateShare)
        {
            CreateShare(http, target.Container);
            return;
        }
        ShareFolder share = _shares.GetOrAdd(target.Container, Open);
        if (!Directory.Exists(FolderOf(target.Container)))
            throw StorageException.ShareNotFound();
        FileExchange exchange = new(http, target, share, ShareNames.Split(target.Path), _options.Time.GetUtcNow());
        await RunAsync(known, exchange);
    }

    private Task RunAsync(FileOperation operation, FileExchange exchange) => operation switch
    {
        FileOperation.GetShareProperties => DirectoryOperations.GetShareProperties(exchange),
        FileOperation.CreateDirectory => DirectoryOperations.Create(exchange),
        FileOperation.GetDirectoryProperties => DirectoryOperations.GetProperties(exchange),
        FileOperation.SetDirectoryProperties => DirectoryOperations.SetProperties(exchange),
        FileOperation.SetDirectoryMetadata => DirectoryOperations.SetMetadata(exchange),
        FileOperation.ListDirectory => DirectoryListing.WriteAsync(exchange),
        FileOperation.DeleteDirectory => DirectoryOperations.Delete(exchange),
        FileOperation.CreateFile => WholeFileOperations.Create(exchange),
        FileOperation.GetFile => WholeFileOperations.GetAsync(exchange),
        FileOperation.GetFileProperties => WholeFileOperations.GetProperties(exchange),
        FileOperation.SetFileProperties => WholeFileOperations.SetProperties(exchange),
        FileOperation.SetFileMetadata => WholeFileOperations.SetMetadata(exchange),
        FileOperation.DeleteFile => WholeFileOperations.Delete(exchange),
        FileOperation.PutRange => RangeOperations.PutAsync(exchange),
        FileOperation.PutRangeFromUrl => RangeOperations.PutFromUrlAsync(exchange, _client),
        FileOperation.ClearRange => RangeOperations.ClearAsync(exchange),
        FileOperation.ListRanges => RangeOperations.ListAsync(exchange),
        _ => throw StorageException.NotEmulated(operation.ToString()),
    };

    private void CreateShare(HttpContext http, string name)
    {
        string folder = FolderOf(name);
        if (Directory.Exists(folder))
            throw new StorageException(409, "ShareAlreadyExists", "The specified share already exists.");
        Directory.CreateDirectory(folder);
        FileExchange.WriteVersion(http.Response, _shares.GetOrAdd(name, Open).Root);
        http.Response.StatusCode = StatusCodes.Status201Created;
    }

    private ShareFolder Open(string name) =>
        new(FolderOf(name), new RecordStore(Path.Combine(_options.StateFolder ?? Path.Combine(_options.Root, ".emulator"), name)), _options.Time);

    private string FolderOf(string name) => Path.GetFullPath(_options.Shares.GetValueOrDefault(name) ?? Path.Combine(_options.Root, name));
}
