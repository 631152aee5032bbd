using System.Globalization;
using Tiering.Core;

namespace Tiering.Functions.Euphrosyne;

/// <summary>Where Euphrosyne is, and how it is told of results. What is wrong is told when it is asked for, and by <see cref="Check"/>.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
public sealed class BackendSettings(Func<string, string?> setting)
{
    private const string UrlName = "EUPHROSYNE_BACKEND_URL";
    private const string SecretName = "JWT_SECRET_KEY";

    /// <summary>Whether Euphrosyne keeps the lifecycle state; else Tiering's own catalogue does.</summary>
    public bool IsDropIn => Text(UrlName) is not null;

    /// <summary>The base URL, which may have a path, without slash at its end.</summary>
    /// <exception cref="ConfigurationException">It is not set, or is no address.</exception>
    public string Url
    {
        get
        {
            string text = Text(UrlName) ?? throw new ConfigurationException($"{UrlName} environment variable is not set");
            bool isUsable = Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0;
            return isUsable ? text.TrimEnd('/') : throw new ConfigurationException($"{UrlName} must be an http or https address without query");
        }
    }

    /// <summary>The secret that signs tokens in both directions.</summary>
    /// <exception cref="ConfigurationException">It is not set.</exception>
    public string Secret => setting(SecretName) is { Length: > 0 } secret ? secret : throw new ConfigurationException($"{SecretName} environment variable is not set");

    /// <summary>
    /// TIERING_CALLBACK_DELAY_SECONDS, 1 to 3600, by default 5: how long after the answer to a request its result is told at the earliest. The
    /// client commits its own state only after the answer.
    /// </summary>
    /// <exception cref="ConfigurationException">It is no such number.</exception>
    public TimeSpan CallbackDelay => TimeSpan.FromSeconds(Number("TIERING_CALLBACK_DELAY_SECONDS", 5, 1, 3600));

    /// <summary>TIERING_OUTBOX_DAYS, 0.01 to 90, by default 7: how long a result is tried before it is parked.</summary>
    /// <exception cref="ConfigurationException">It is no such number.</exception>
    public TimeSpan GiveUpAfter => TimeSpan.FromDays(Number("TIERING_OUTBOX_DAYS", 7, 0.01, 90));

    /// <exception cref="ConfigurationException">A setting of drop-in mode is missing or wrong.</exception>
    public void Check()
    {
        if (IsDropIn)
            _ = (Url, Secret, CallbackDelay, GiveUpAfter);
    }

    /// <summary>Checks every value that is set, in drop-in mode or not; what is missing is told when it is asked for.</summary>
    /// <exception cref="ConfigurationException">A value breaks its rule.</exception>
    public void CheckValues() => _ = (IsDropIn ? Url : null, CallbackDelay, GiveUpAfter);

    private double Number(string name, double standard, double least, double most) => Text(name) switch
    {
        null => standard,
        { } text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most => value,
        _ => throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}")),
    };

    private string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;
}
