using System.Globalization;
using System.Text.RegularExpressions;

namespace Tiering.Core.Transfers.Jobs.Containers;

/// <summary>Which job of Azure Container Apps runs the agents, and how patient its host is.</summary>
/// <param name="Job">Its resource id: <c>/subscriptions/…/resourceGroups/…/providers/Microsoft.App/jobs/NAME</c>.</param>
/// <param name="Endpoint">Azure Resource Manager.</param>
public sealed partial record ContainerJobSettings(string Job, Uri Endpoint)
{
    /// <summary>How long an API that does not answer, or asks for patience, is asked again before the call fails.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long executions may take to end once they were told to.</summary>
    public TimeSpan EndLimit { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Between two looks at executions that are ending.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one request may take: <c>TIERING_MANAGEMENT_TIMEOUT_SECONDS</c>, 1 to 300, default 60.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static ContainerJobSettings Read(Func<string, string?> setting)
    {
        string job = setting("TIERING_CONTAINER_JOB")?.Trim() is { Length: > 0 } given ? given : throw new ConfigurationException("TIERING_CONTAINER_JOB environment variable is not set");
        if (!ResourceId().IsMatch(job))
            throw new ConfigurationException("TIERING_CONTAINER_JOB must be a resource id: /subscriptions/ID/resourceGroups/NAME/providers/Microsoft.App/jobs/NAME");
        string endpoint = setting("AZURE_RESOURCE_MANAGER_ENDPOINT")?.Trim() is { Length: > 0 } other ? other : "https://management.azure.com";
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo != "")
            throw new ConfigurationException("AZURE_RESOURCE_MANAGER_ENDPOINT must be an http or https address without path and query");
        return new ContainerJobSettings(job, uri) { AnswerLimit = TimeSpan.FromSeconds(Seconds(setting, "TIERING_MANAGEMENT_TIMEOUT_SECONDS", 60, 1, 300)) };
    }

    private static int Seconds(Func<string, string?> setting, string name, int standard, int least, int most) => setting(name)?.Trim() switch
    {
        null or "" => standard,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most => value,
        _ => throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {least} to {most}")),
    };

    [GeneratedRegex(@"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.App/jobs/[-\w\.()]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ResourceId();
}
