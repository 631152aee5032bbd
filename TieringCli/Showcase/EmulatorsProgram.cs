using System.Globalization;
using System.Text;

namespace Tiering.Cli.Showcase;

/// <summary>
/// The emulated file share over the folder of the hot data, and the front to Azurite that copies from it, on ports that stay the same as
/// long as they are free: jobs under way know them.
/// </summary>
/// <param name="options">Where things lie.</param>
/// <param name="say">Tells the user.</param>
public sealed class EmulatorsProgram(ShowcaseOptions options, Action<string> say)
{
    /// <summary>The share that holds the hot data.</summary>
    public const string Share = "hot";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly string _folder = Path.Combine(options.Data, "emulators");
    private readonly string _portFile = Path.Combine(options.Data, "emulators.ports");
    private (int Files, int Blobs) _ports;

    public ChildProgram Program { get; } = new("emulators", options.Data, "tiering-emulators");

    public Uri FileEndpoint => AddressOf(_ports.Files);

    public Uri BlobEndpoint => AddressOf(_ports.Blobs);

    /// <summary>Starts them; they answer when this returns. Those that an earlier run left behind are ended: they may serve another Azurite.</summary>
    /// <exception cref="CliException">They do not start.</exception>
    public async Task StartAsync(Uri azurite, CancellationToken cancellation)
    {
        if (Program.TryAdopt())
            await StopAsync();
        Directory.CreateDirectory(_folder);
        _ports = ChoosePorts();
        string program = Path.Combine(options.Root, "TieringEmulators", "bin", "Release", "net10.0", "tiering-emulators");
        Program.Start(
            program,
            [
                "all", "--root", _folder, "--share", $"{Share}={options.HotFolder}", "--azurite", azurite.ToString(),
                "--files-port", Text(_ports.Files), "--blob-port", Text(_ports.Blobs),
            ],
            new Dictionary<string, string?>());
        await Ports.WaitUntilAnswersAsync("The emulated file share", Program, _ports.Files, cancellation);
        await Ports.WaitUntilAnswersAsync("The front to Azurite", Program, _ports.Blobs, cancellation);
    }

    public Task StopAsync() => Program.StopAsync(Grace);

    private (int Files, int Blobs) ChoosePorts()
    {
        (int Files, int Blobs)? known = ReadPorts();
        if (known is { } used && Ports.IsFree(used.Files) && Ports.IsFree(used.Blobs))
            return used;
        (int files, int blobs) = (Ports.FindFree(), Ports.FindFree());
        while (files == blobs)
            blobs = Ports.FindFree();
        if (known is not null)
            say($"A port where the emulators were before is taken by another program: the share is at {files} now, the blobs at {blobs}.");
        Core.AtomicFile.Write(_portFile, Encoding.UTF8.GetBytes($"{Text(files)} {Text(blobs)}"));
        return (files, blobs);
    }

    private (int Files, int Blobs)? ReadPorts() =>
        File.Exists(_portFile)
        && File.ReadAllText(_portFile).Split(' ') is [{ } files, { } blobs]
        && int.TryParse(files, CultureInfo.InvariantCulture, out int first)
        && int.TryParse(blobs, CultureInfo.InvariantCulture, out int second)
            ? (first, second)
            : null;

    private static Uri AddressOf(int port) => new($"http://127.0.0.1:{Text(port)}/{AzuriteProgram.Account}");

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
