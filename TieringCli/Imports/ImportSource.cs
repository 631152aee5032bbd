using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tiering.Cli.Imports;

/// <param name="Place">Where it comes from, for people: <c>line 7</c>.</param>
/// <param name="Json">The project, as the service takes it.</param>
public sealed record ImportLine(string Place, string Json);

/// <summary>Reads what is to be imported, line by line: memory does not grow with it.</summary>
public static class ImportSource
{
    private static readonly string[] Columns = ["slug", "state", "createdAt", "run", "start", "end", "embargo"];

    /// <param name="path">A folder whose sub-folders are projects, a file of JSON Lines, or a CSV file with a header.</param>
    /// <param name="state">For a folder: where the data lies; null for HOT.</param>
    /// <exception cref="CliException">It cannot be read as any of these.</exception>
    public static IEnumerable<ImportLine> Read(string path, string? state)
    {
        if (Directory.Exists(path))
            return Folder(path, state);
        if (!File.Exists(path))
            throw new CliException(ExitCode.Usage, $"There is neither a file nor a folder {path}.");
        return path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Csv(path) : JsonLines(path);
    }

    /// <summary>A project for each sub-folder, created when its folder was.</summary>
    private static IEnumerable<ImportLine> Folder(string path, string? state)
    {
        foreach (DirectoryInfo folder in new DirectoryInfo(path).EnumerateDirectories().Where(folder => folder.LinkTarget is null).OrderBy(folder => folder.Name, StringComparer.Ordinal))
        {
            DateTime made = folder.CreationTimeUtc < folder.LastWriteTimeUtc ? folder.CreationTimeUtc : folder.LastWriteTimeUtc;
            yield return new ImportLine("folder", new JsonObject
            {
                ["slug"] = folder.Name,
                ["state"] = state ?? "HOT",
                ["createdAt"] = made.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            }.ToJsonString());
        }
    }

    private static IEnumerable<ImportLine> JsonLines(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                yield return new ImportLine($"line {number}", line);
        }
    }

    /// <summary>One run a line at most; lines of one project that follow each other become one project with several runs.</summary>
    private static IEnumerable<ImportLine> Csv(string path)
    {
        string[]? header = null;
        int number = 0;
        (int Line, JsonObject Project)? open = null;
        foreach (string text in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(text))
                continue;
            IReadOnlyList<string> cells = Cells(text, $"{path}, line {number}");
            if (header is null)
            {
                header = [.. cells.Select(cell => cell.Trim('\uFEFF', ' '))];
                if (!header.Contains("slug", StringComparer.Ordinal) || header.FirstOrDefault(name => !Columns.Contains(name, StringComparer.Ordinal)) is not null)
                    throw new CliException(ExitCode.Usage, $"{path}: the first line must name the columns: slug, and any of {string.Join(", ", Columns[1..])}.");
                if (header.Distinct(StringComparer.Ordinal).Count() != header.Length)
                    throw new CliException(ExitCode.Usage, $"{path}: the first line must name no column twice.");
                continue;
            }
            if (cells.Count > header.Length)
                throw new CliException(ExitCode.Usage, $"{path}, line {number}: there are {cells.Count} cells and {header.Length} columns.");
            Dictionary<string, string> row = header.Zip(cells).Where(pair => pair.Second.Length > 0).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
            if (open is { } before && row.TryGetValue("slug", out string? slug) && before.Project["slug"]?.GetValue<string>() == slug)
            {
                if (Columns[1..3].FirstOrDefault(name => row.TryGetValue(name, out string? value) && before.Project[name]?.GetValue<string>() != value) is { } different)
                    throw new CliException(ExitCode.Usage, $"{path}, line {number}: the {different} of {slug} is not what line {before.Line} says.");
                AddRun(before.Project, row);
                continue;
            }
            if (open is { } done)
                yield return Line(done);
            JsonObject project = [];
            foreach (string name in Columns[..3].Where(row.ContainsKey))
                project[name] = row[name];
            AddRun(project, row);
            open = (number, project);
        }
        if (open is { } last)
            yield return Line(last);
    }

    private static ImportLine Line((int Number, JsonObject Project) line) => new($"line {line.Number}", line.Project.ToJsonString());

    private static void AddRun(JsonObject project, Dictionary<string, string> row)
    {
        if (!Columns[3..].Any(row.ContainsKey))
            return;
        JsonObject run = new() { ["id"] = row.GetValueOrDefault("run") };
        foreach (string name in Columns[4..].Where(row.ContainsKey))
            run[name] = row[name];
        if (project["runs"] is not JsonArray runs)
            project["runs"] = runs = [];
        runs.Add((JsonNode)run);
    }

    /// <summary>Cells between commas; one in double quotes may hold commas, and quotes doubled. Source: RFC 4180, without line breaks in cells.</summary>
    internal static IReadOnlyList<string> Cells(string line, string place)
    {
        List<string> cells = [];
        int at = 0;
        while (true)
        {
            System.Text.StringBuilder cell = new();
            if (at < line.Length && line[at] == '"')
            {
                at++;
                while (true)
                {
                    if (at >= line.Length)
                        throw new CliException(ExitCode.Usage, $"{place}: a quote is not closed.");
                    if (line[at] != '"')
                        cell.Append(line[at++]);
                    else if (at + 1 < line.Length && line[at + 1] == '"')
                    {
                        cell.Append('"');
                        at += 2;
                    }
                    else
                        break;
                }
                at++;
                if (at < line.Length && line[at] != ',')
                    throw new CliException(ExitCode.Usage, $"{place}: something follows a closing quote.");
            }
            else
            {
                while (at < line.Length && line[at] != ',')
                    cell.Append(line[at++]);
            }
            cells.Add(cell.ToString());
            if (at >= line.Length)
                return cells;
            at++;
        }
    }
}
