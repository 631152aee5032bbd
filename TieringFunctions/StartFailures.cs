using Tiering.Core;

namespace Tiering.Functions;

/// <summary>What keeps the service from starting and can be put right by whoever starts it.</summary>
public static class StartFailures
{
    /// <summary>The exit code of a service that ended for its settings.</summary>
    public const int ExitCode = 2;

    /// <summary>The setting that is missing or wrong, however deep the hosts have wrapped it; null when the failure is another.</summary>
    public static ConfigurationException? WrongSettingIn(Exception failure) => failure switch
    {
        ConfigurationException wrong => wrong,
        AggregateException several => several.InnerExceptions.Select(WrongSettingIn).FirstOrDefault(wrong => wrong is not null),
        { InnerException: { } inner } => WrongSettingIn(inner),
        _ => null,
    };

    /// <summary>One line that names setting and rule.</summary>
    public static string Tell(ConfigurationException wrong) =>
        SecretRedactor.Redact($"{wrong.Code}: {wrong.Message.ReplaceLineEndings(" ")}");
}
