using System.Globalization;

namespace Tiering.Cli.Showcase;

/// <summary>Azurite's blob service with its data below the state folder, on a port that stays the same as long as it is free.</summary>
/// <param name="options">Where things lie.</param>
/// <param name="say">Tells the user.</param>
public sealed class AzuriteProgram(ShowcaseOptions options, Action<string> say)
{
    public const string Account = "devstoreaccount1";

    /// <summary>Published by Azurite for everyone; it protects nothing.</summary>
    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20); // it writes its tables when it ends

    private readonly string _folder = Path.Combine(options.Data, "azurite");
    private readonly string _portFile = Path.Combine(options.Data, "azurite.port");

    public ChildProgram Program { get; } = new("azurite", options.Data, Path.Combine(options.Data, "azurite"));

    private int Port { get; set; }

    public Uri Endpoint => new($"http://127.0.0.1:{Port}/{Account}");

    /// <summary>Starts it, or takes over the one that is running; it answers when this returns.</summary>
    /// <exception cref="CliException">It does not start.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        int? known = ReadPort();
        if (!Program.TryAdopt())
            Launch(known is { } used && Ports.IsFree(used) ? used : ChoosePort(known));
        else
            Port = known ?? throw new CliException(ExitCode.Failed, $"{_portFile} is missing while Azurite is running; end it and try again.");
        await Ports.WaitUntilAnswersAsync("Azurite", Program, Port, cancellation);
    }

    public Task StopAsync() => Program.StopAsync(Grace);

    private int ChoosePort(int? taken)
    {
        int port = Ports.FindFree();
        if (taken is { } old)
            say($"Port {old}, where Azurite was before, is taken by another program: it listens at {port} now.");
        Core.AtomicFile.Write(_portFile, System.Text.Encoding.UTF8.GetBytes(port.ToString(CultureInfo.InvariantCulture)));
        return port;
    }

    private int? ReadPort() =>
        File.Exists(_portFile) && int.TryParse(File.ReadAllText(_portFile), CultureInfo.InvariantCulture, out int port) ? port : null;

    private void Launch(int port)
    {
        Port = port;
        Directory.CreateDirectory(_folder);
        string script = Path.Combine(options.Root, "tools", "node_modules", "azurite", "dist", "src", "blob", "main.js");
        Program.Start(
            "node",
            [script, "--blobHost", "127.0.0.1", "--blobPort", port.ToString(CultureInfo.InvariantCulture), "--location", _folder, "--skipApiVersionCheck", "--silent", "--disableTelemetry"],
            new Dictionary<string, string?>());
    }
}
