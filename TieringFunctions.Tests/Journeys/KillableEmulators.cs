using System.Globalization;
using System.Text.Json;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The emulated share and the blob front in a process of their own, which comes back on the same ports.</summary>
internal sealed class KillableEmulators : IAsyncDisposable
{
    private readonly ReservedPort filesPort = new();
    private readonly ReservedPort blobsPort = new();
    private readonly string[] arguments;
    private EmulatorProcess process = null!;

    private KillableEmulators(TempFolder folder, AzuriteServer azurite)
    {
        Log = folder.At("requests.jsonl");
        arguments =
        [
            "all", "--root", folder.Folder("shares"), "--share", $"hot={folder.Folder("data", "hot")}", "--state", folder.Folder("emulators"),
            "--azurite", azurite.Endpoint.ToString(), "--log", Log, "--files-port", Text(filesPort), "--blob-port", Text(blobsPort),
        ];
    }

    public Uri Files => process.Addresses["files"];

    public Uri Blobs => process.Addresses["blobs"];

    /// <summary>Every request that ended, over all lives.</summary>
    public string Log { get; }

    /// <param name="folder">The share <c>hot</c> is its folder <c>data/hot</c>.</param>
    /// <param name="azurite">What the blob front stands before.</param>
    public static async Task<KillableEmulators> StartAsync(TempFolder folder, AzuriteServer azurite)
    {
        KillableEmulators emulators = new(folder, azurite);
        emulators.process = await EmulatorProcess.StartAsync(emulators.arguments);
        return emulators;
    }

    /// <summary>SIGKILL, and a new one.</summary>
    public async Task KillAndRestartAsync()
    {
        await process.DisposeAsync();
        process = await EmulatorProcess.StartAsync(arguments);
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        filesPort.Dispose();
        blobsPort.Dispose();
    }

    private static string Text(ReservedPort port) => port.Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads a request log that was written to a file.</summary>
internal static class RequestLogFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The requests in the order in which they ended; a line that a kill cut off is left out.</summary>
    public static IEnumerable<RequestRecord> Read(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            RequestRecord? request = null;
            try
            {
                request = JsonSerializer.Deserialize<RequestRecord>(line, Json);
            }
            catch (JsonException)
            {
                // cut off, perhaps with the next life's first line behind it
            }
            if (request is not null)
                yield return request;
        }
    }
}
