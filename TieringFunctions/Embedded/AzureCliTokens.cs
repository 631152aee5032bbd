using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Identity;

namespace Tiering.Functions.Embedded;

/// <summary>
/// Tokens of whoever is signed in to the Azure CLI: a person after <c>az login</c>, or the service connection of a pipeline. One command lives
/// shorter than its token.
/// Source: https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
/// </summary>
/// <param name="program">The Azure CLI.</param>
internal sealed class AzureCliTokens(string program = "az") : ITokenSource
{
    private readonly ConcurrentDictionary<string, string> held = new(StringComparer.Ordinal);

    public async ValueTask<string> GetAsync(string resource, CancellationToken cancellation) =>
        held.TryGetValue(resource, out string? token) ? token : held[resource] = await AskAsync(resource, cancellation);

    public void Refused(string resource) => held.TryRemove(resource, out _);

    private async Task<string> AskAsync(string resource, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["account", "get-access-token", "--resource", resource, "--output", "json"])
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start) ?? throw new AzureCliException("It did not start.");
            process.StandardInput.Close(); // a question would wait for ever
            Task<string> told = process.StandardError.ReadToEndAsync(cancellation);
            string answer = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? TokenOf(answer) : throw new AzureCliException(SecretRedactor.Excerpt(await told, 300));
        }
        catch (Win32Exception missing)
        {
            throw new AzureCliException("There is no program az.", missing);
        }
    }

    private static string TokenOf(string answer)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("accessToken", out JsonElement token)
                && token.ValueKind == JsonValueKind.String && token.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }
        catch (JsonException)
        {
            // Said below, without the answer: it may hold a token.
        }
        throw new AzureCliException("Its answer holds no token.");
    }
}

/// <param name="why">What it said, without secrets.</param>
/// <param name="inner">What was caught, or null.</param>
internal sealed class AzureCliException(string why, Exception? inner = null)
    : TieringException("azure-cli", $"The Azure CLI gives no token: {why} Sign in with az login.", isTransient: false, inner);
