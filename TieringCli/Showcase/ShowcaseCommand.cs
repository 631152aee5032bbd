using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>The command behind <c>./run</c>.</summary>
public sealed class ShowcaseCommand(Terminal terminal)
{
    public const string Name = "showcase";

    private const int DefaultPort = 7071;

    private readonly Option<string> _root = new("--root") { Hidden = true, Required = true };
    private readonly Option<bool> _once = new("--once") { Description = "End after the showcase; exit code 0 only if what came back is identical." };
    private readonly Option<bool> _serve = new("--serve") { Description = "No sample project: only the service, and the emulator that its settings ask for." };
    private readonly Option<bool> _json = new("--json") { Description = "Print the result as one JSON object, and everything else to the error stream." };
    private readonly Option<int> _port = new("--port") { Description = "The service's port.", HelpName = "N", DefaultValueFactory = _ => DefaultPort };
    private readonly Option<string?> _data = new("--data") { Description = "The state folder. [default: .tiering]", HelpName = "DIR" };
    private readonly Option<GivenProject?> _project = new("--project") { Description = "Move a copy of this folder instead of the sample.", HelpName = "NAME=FOLDER", CustomParser = ParseProject };
    private readonly Option<string> _hot = new("--hot") { Description = "What holds the hot data: a folder, or an emulated Azure file share.", HelpName = "folder|share", DefaultValueFactory = _ => "folder" };
    private readonly Option<Uri?> _dropIn = new("--drop-in") { Description = "Serve Euphrosyne at this base URL (needs JWT_SECRET_KEY).", HelpName = "URL", CustomParser = ParseUrl };

    public Command Create()
    {
        _port.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() is < 1 or > 65535)
                result.AddError("--port must be 1 to 65535.");
        });
        _hot.Validators.Add(result =>
        {
            string? kind = result.GetValueOrDefault<string>();
            if (kind is not ("folder" or "share"))
                result.AddError($"--hot must be folder or share, not '{kind}'.");
        });
        Command command = new("./run", "Shows a project going cool and coming back, by the real programs, and stays up until Ctrl-C.")
        {
            _root, _once, _serve, _port, _data, _project, _json, _hot, _dropIn, new HelpOption(),
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_once) && (result.GetValue(_serve) || result.GetResult(_dropIn) is not null))
                result.AddError("--once ends after the showcase, and --serve and --drop-in have none: give one of them.");
        });
        command.SetAction((parsed, cancellation) => new ShowcaseRun(Read(parsed), terminal).RunAsync(cancellation));
        return command;
    }

    private ShowcaseOptions Read(ParseResult parsed)
    {
        string root = Path.GetFullPath(parsed.GetValue(_root)!);
        string data = Path.GetFullPath(parsed.GetValue(_data) ?? Path.Combine(root, ".tiering"));
        Uri? dropIn = parsed.GetValue(_dropIn);
        return new ShowcaseOptions(root, data, parsed.GetValue(_port))
        {
            Once = parsed.GetValue(_once),
            Serve = parsed.GetValue(_serve) || dropIn is not null,
            Json = parsed.GetValue(_json),
            Project = parsed.GetValue(_project),
            DropIn = dropIn,
            Hot = parsed.GetValue(_hot) == "share" ? LocationKind.Share : LocationKind.Folder,
        };
    }

    private static GivenProject? ParseProject(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (text.Split('=', 2) is not [{ } slug, { Length: > 0 } folder])
            result.AddError($"--project must be NAME=FOLDER, not '{text}'.");
        else if (ProjectSlug.Refusal(slug) is { } refusal)
            result.AddError($"--project, NAME: {refusal}.");
        else if (!Directory.Exists(folder))
            result.AddError($"--project, FOLDER: there is no folder {folder}.");
        else
            return new GivenProject(slug, Path.GetFullPath(folder));
        return null;
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            return url;
        result.AddError($"--drop-in must be an http or https address, not '{text}'.");
        return null;
    }
}
