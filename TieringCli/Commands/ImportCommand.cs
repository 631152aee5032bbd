using System.CommandLine;
using System.Text;
using System.Text.Json;
using Tiering.Cli.Api;
using Tiering.Cli.Imports;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering project import FILE|FOLDER</c>: says what it would do, and does it with <c>--yes</c>.</summary>
public sealed class ImportCommand(Terminal terminal, ConnectionOptions connection)
{
    private const int LinesInOneRequest = 2000;

    public Command Create()
    {
        Argument<string> source = new("FILE|FOLDER") { Description = "A CSV or JSON Lines file, or a folder whose sub-folders are the projects." };
        Option<string?> state = new("--state") { Description = "For a folder: where the data lies now, HOT or COOL. [default: HOT]" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "HOT", "COOL");
        Option<bool> yes = new("--yes") { Description = "Do it; without, it is only said what would be done." };
        Command command = new("import", "Registers many projects. Repeating it is safe: what is known already is left as it is.") { source, state, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            return await ImportAsync(api, ImportSource.Read(parsed.GetValue(source)!, parsed.GetValue(state)?.ToUpperInvariant()), !parsed.GetValue(yes), connection.WantsJson(parsed), cancellation);
        });
        return command;
    }

    private async Task<int> ImportAsync(TieringApi api, IEnumerable<ImportLine> lines, bool dryRun, bool json, CancellationToken cancellation)
    {
        Dictionary<string, long> sums = new(StringComparer.Ordinal) { ["NEW"] = 0, ["SAME"] = 0, ["CHANGED"] = 0, ["REFUSED"] = 0 };
        foreach (ImportLine[] chunk in lines.Chunk(LinesInOneRequest))
        {
            StringBuilder body = new();
            foreach (ImportLine line in chunk)
                body.Append(line.Json).Append('\n');
            string answer = await api.SendLinesAsync($"{ApiPaths.Projects}/import?dryRun={(dryRun ? "true" : "false")}", body.ToString(), cancellation);
            foreach ((JsonElement result, ImportLine line) in Results(api, answer).Zip(chunk))
                Show(result, line, sums, json);
        }
        string summary = $"{sums["NEW"]} new, {sums["SAME"]} the same, {sums["CHANGED"]} changed, {sums["REFUSED"]} refused";
        (json ? terminal.ErrorWriter : terminal.OutputWriter).WriteLine(dryRun ? $"Would be: {summary}. Nothing was changed; --yes does it." : $"{summary}.");
        return sums["REFUSED"] == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>A result for each line that was sent; the sums, which come last, count this request alone.</summary>
    private static List<JsonElement> Results(TieringApi api, string answer)
    {
        try
        {
            return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => JsonSerializer.Deserialize<JsonElement>(text)).Where(line => line.TryGetProperty("result", out _))];
        }
        catch (Exception unknown) when (unknown is JsonException or InvalidOperationException)
        {
            throw new ServiceUnreachableException(api.Address, "what answers there is not Tiering, or another version.", unknown);
        }
    }

    private void Show(JsonElement result, ImportLine line, Dictionary<string, long> sums, bool json)
    {
        string what = result.GetProperty("result").GetString()!;
        sums[what] = sums.GetValueOrDefault(what) + 1;
        if (json)
            terminal.OutputWriter.WriteLine(result.GetRawText());
        else if (what != "SAME")
            terminal.OutputWriter.WriteLine(Terminal.Printable($"{what.ToLowerInvariant(),-8} {line.Place}{(result.TryGetProperty("slug", out JsonElement slug) ? $" {slug.GetString()}" : "")}{(result.TryGetProperty("reason", out JsonElement reason) ? $": {reason.GetString()}" : "")}"));
    }
}
