using System.CommandLine;
using System.CommandLine.Parsing;
using Tiering.Cli.Api;

namespace Tiering.Cli.Commands;

/// <summary>The options by which every command finds its service.</summary>
public sealed class ConnectionOptions
{
    public const string DefaultDataFolder = ".tiering";
    private const string DefaultAddress = "http://127.0.0.1:7071";

    private readonly Terminal _terminal;
    private readonly Option<Uri> _url;
    private readonly Option<string> _data;
    private readonly Option<bool> _json = new("--json") { Description = "Print the service's own JSON.", Recursive = true };

    public ConnectionOptions(Terminal terminal)
    {
        _terminal = terminal;
        _url = new Option<Uri>("--url")
        {
            Description = $"The service's address. [default: TIERING_URL, else {DefaultAddress}]",
            HelpName = "URL",
            Recursive = true,
            CustomParser = ParseAddress,
        };
        _data = new Option<string>("--data")
        {
            Description = $"The service's state folder, for its token. [default: TIERING_DATA, else {DefaultDataFolder}]",
            HelpName = "DIR",
            Recursive = true,
        };
    }

    public void AddTo(Command root)
    {
        root.Options.Add(_url);
        root.Options.Add(_data);
        root.Options.Add(_json);
    }

    public bool WantsJson(ParseResult command) => command.GetValue(_json);

    /// <summary>A client of the service that the command line, or else the environment, names.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="patience">How long an answer may take; null for the usual.</param>
    public TieringApi Connect(ParseResult command, TimeSpan? patience = null)
    {
        Uri address = command.GetValue(_url) ?? AddressFromEnvironment();
        string data = command.GetValue(_data) ?? _terminal.Variable("TIERING_DATA") ?? DefaultDataFolder;
        return new TieringApi(address, _terminal.Variable("TIERING_TOKEN") ?? TokenFile.Read(data), patience);
    }

    private Uri AddressFromEnvironment()
    {
        string text = _terminal.Variable("TIERING_URL") ?? DefaultAddress;
        return Address(text) ?? throw new CliException(ExitCode.Usage, $"TIERING_URL must be an http or https address, not '{text}'.");
    }

    private static Uri? ParseAddress(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        Uri? address = Address(text);
        if (address is null)
            result.AddError($"--url must be an http or https address, not '{text}'.");
        return address;
    }

    private static Uri? Address(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address : null;
}
