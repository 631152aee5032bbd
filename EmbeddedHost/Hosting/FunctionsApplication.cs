namespace Tiering.EmbeddedHost;

/// <summary>Where a program begins.</summary>
public static class FunctionsApplication
{
    /// <param name="args">The command line; it is a source of configuration, <c>--urls</c> included.</param>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}
