namespace Tiering.Tests.Support;

/// <summary>Where the tools that tests run lie. <c>./test</c> puts them there, and sets LD_LIBRARY_PATH, which child processes inherit.</summary>
public static class Tools
{
    /// <summary>The folder that holds Tiering.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>AZCOPY_PATH when it is set, else the one that npm put there.</summary>
    public static string AzCopy { get; } = Environment.GetEnvironmentVariable("AZCOPY_PATH") is { Length: > 0 } path
        ? path
        : Path.Combine(Modules, "@azure-tools", "azcopy-linux", "dist", "bin", "azcopy_linux_amd64");

    /// <summary>Azurite's blob service alone, for <c>node</c>.</summary>
    public static string AzuriteBlob { get; } = Path.Combine(Modules, "azurite", "dist", "src", "blob", "main.js");

    private static string Modules => Path.Combine(RepositoryRoot, "tools", "node_modules");

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
