using System.Globalization;
using System.Text.Json;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The emulated share and the blob front in a process of their own, which comes back on the same ports.</summary>
internal sealed class KillableEmulators : IAsyncDisposable
{
    private readonly string[] arguments;
    private EmulatorProcess process;

    private KillableEmulators(EmulatorProcess process, string[] arguments, string log) => (this.process, this.arguments, Log) = (process, arguments, log);

    public Uri Files => process.Addresses["files"];

    public Uri Blobs => process.Addresses["blobs"];

    /// <summary>Every request that ended, over all lives.</summary>
    public string Log { get; }

    /// <param name="folder">The share <c>hot</c> is its folder <c>data/hot</c>.</param>
    /// <param name="azurite">What the blob front stands before.</param>
    public static async Task<KillableEmulators> StartAsync(TempFolder folder, AzuriteServer azurite)
    {
        string log = folder.At("requests.jsonl");
        string[] first =
        [
            "all", "--root", folder.Folder("shares"), "--share", $"hot={folder.Folder("data", "hot")}", "--state", folder.Folder("emulators"),
            "--azurite", azurite.Endpoint.ToString(), "--log", log,
        ];
        EmulatorProcess started = await EmulatorProcess.StartAsync(first);
        string[] again = [.. first, "--files-port", Port(started.Addresses["files"]), "--blob-port", Port(started.Addresses["blobs"])];
        return new KillableEmulators(started, again, log);
    }

    /// <summary>SIGKILL, and a new one.</summary>
    public async Task KillAndRestartAsync()
    {
        await process.DisposeAsync();
        process = await EmulatorProcess.StartAsync(arguments);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private static string Port(Uri address) => address.Port.ToString(CultureInfo.InvariantCulture);
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
