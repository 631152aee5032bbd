namespace Tiering.Cli.Commands;

/// <summary>The token that the service keeps for the command line: the file <c>token</c> in its state folder.</summary>
public static class TokenFile
{
    /// <summary>The token; null when there is no such file.</summary>
    /// <exception cref="CliException">The file is there and cannot be read.</exception>
    public static string? Read(string dataFolder)
    {
        string path = Path.Combine(dataFolder, "token");
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new CliException(ExitCode.Usage, $"The token file {path} cannot be read: {denied.Message}", denied);
        }
    }
}
