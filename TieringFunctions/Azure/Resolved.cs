using Tiering.Core;

namespace Tiering.Functions.Azure;

/// <summary>
/// Settings that are references to Key Vault. While one cannot be resolved, because the secret is not there yet or may not be read, the
/// platform gives the program the reference itself: a text that anybody could guess, and that must open nothing.
/// Source: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
/// </summary>
internal static class Resolved
{
    private const string Reference = "@Microsoft.KeyVault(";

    private static readonly string[] Secrets = ["TIERING_TOKEN", "JWT_SECRET_KEY", "TIERING_SIGNING_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "TIERING_STATE_CONNECTION"];

    /// <exception cref="ConfigurationException">A secret is still a reference.</exception>
    public static void Check(Func<string, string?> setting)
    {
        if (Secrets.FirstOrDefault(name => setting(name)?.TrimStart().StartsWith(Reference, StringComparison.OrdinalIgnoreCase) == true) is { } unresolved)
            throw new ConfigurationException($"{unresolved} is a reference to Key Vault that could not be resolved: put the secret there, let the app's identity read it, and have the app's references refreshed (a restart alone does not)");
    }
}
