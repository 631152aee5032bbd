namespace Tiering.Tests.Support;

/// <summary>Where the tools that tests run lie. <c>./test</c> puts them there, and sets LD_LIBRARY_PATH, which child processes inherit.</summary>
public static class Tools
{
    /// <summary>The folder that holds Tiering.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The version of <see cref="NewestAzCopy"/>.</summary>
    public const string NewestVersion = "10.32.2";

    /// <summary>The AzCopy that Tiering brings, whichever the tests run with.</summary>
    public static string NewestAzCopy { get; } = new[]
    {
        Path.Combine(RepositoryRoot, "tools", ".setup", "azcopy"),
        Path.Combine(Modules, "@azure-tools", "azcopy-linux", "dist", "bin", "azcopy_linux_amd64"),
    }.FirstOrDefault(File.Exists) ?? "azcopy";

    /// <summary>The one that tests run with: AZCOPY_PATH when it is set.</summary>
    public static string AzCopy { get; } = Environment.GetEnvironmentVariable("AZCOPY_PATH") is { Length: > 0 } path ? path : NewestAzCopy;

    /// <summary>An AzCopy that does not know the plans of <see cref="AzCopy"/>; null when it is missing.</summary>
    public static string? OtherAzCopy => AzCopy == AzCopyOf("10.18.1") ? NewestAzCopy : AzCopyOf("10.18.1");

    /// <summary>Azurite's program with this service, for <c>node</c>: <c>blob</c> alone, or <c>table</c> among all.</summary>
    public static string Azurite(string service) => Path.Combine([Modules, "azurite", "dist", "src", .. service == "blob" ? (string[])["blob", "main.js"] : ["azurite.js"]]);

    /// <summary>An AzCopy of this version; <c>./test</c> puts the older ones there too. Null when it is missing.</summary>
    public static string? AzCopyOf(string version) => version == NewestVersion ? NewestAzCopy : new[]
    {
        Path.Combine(RepositoryRoot, "tools", ".setup", $"azcopy-{version}"),
        Path.Combine(RepositoryRoot, "tools", "versions", "node_modules", $"azcopy-{version}", "dist", "bin", "azcopy_linux_amd64"),
    }.FirstOrDefault(File.Exists);

    /// <summary>The agent, as it was built beside these tests.</summary>
    public static string Agent { get; } = BuiltBeside("TieringAgent", "tiering-agent.dll");

    /// <summary>The service, as it was built beside these tests.</summary>
    public static string Service { get; } = BuiltBeside("TieringFunctions", "TieringFunctions.dll");

    /// <summary>The AzCopy that plays scripts, as it was built beside these tests.</summary>
    public static string StandIn { get; } = BuiltBeside("TieringFunctions.Tests/StandIn", "azcopy-stand-in.dll");

    private static string Modules => Path.Combine(RepositoryRoot, "tools", "node_modules");

    /// <summary>A program of this solution, in the configuration and framework of these tests.</summary>
    private static string BuiltBeside(string project, string file)
    {
        DirectoryInfo framework = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(RepositoryRoot, project, "bin", framework.Parent!.Name, framework.Name, file);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tiering.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No Tiering.sln above {AppContext.BaseDirectory}.");
    }
}
