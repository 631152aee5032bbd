using System.Text.RegularExpressions;

namespace Tiering.Core;

/// <summary>
/// Takes secrets out of text that others will see: SAS signatures, account keys, bearer tokens, authorization headers and JSON Web
/// Tokens. What it leaves is for people; redacting twice changes nothing.
/// </summary>
public static partial class SecretRedactor
{
    public const string Mark = "REDACTED";

    /// <summary>The text without secrets; empty for null.</summary>
    public static string Redact(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        text = PrivateKey().Replace(text, Mark);
        text = Authorization().Replace(text, $"${{name}}{Mark}");
        text = NamedSecret().Replace(text, $"${{name}}{Mark}");
        text = Bearer().Replace(text, $"${{name}}{Mark}");
        text = JsonWebToken().Replace(text, Mark);
        return AccountKey().Replace(text, Mark);
    }

    /// <summary>The text without secrets, and at most about <paramref name="maxChars"/> characters of it: the beginning and the end.</summary>
    public static string Excerpt(string? text, int maxChars = 2000)
    {
        // Cut only after redaction: a cut secret would no longer be known as one.
        string redacted = Redact(text).Trim();
        if (redacted.Length <= maxChars)
            return redacted;
        int half = maxChars / 2;
        return $"{redacted[..half]} […] {redacted[^half..]}";
    }

    // A SAS signature, also inside an escaped query (sig%3D…), with a connection string's and a form's names for keys.
    // No word boundary before the name: an ampersand may stand there as \u0026, a question mark as %3F. %3D is an escaped equals sign.
    [GeneratedRegex(
        """(?<name>(sig|AccountKey|SharedAccessKey|client_secret|access_token|refresh_token|id_token|password)["']?(\s*[=:]\s*|%3D)["']?)[^\s&"'<>;,\\]+""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NamedSecret();

    // To the end of the text where the last line of the key was cut off.
    [GeneratedRegex("""-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\z)""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PrivateKey();

    [GeneratedRegex("""(?<name>\bAuthorization["']?\s*[=:]\s*["'\[]*)[^\r\n"'\]]+""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Authorization();

    [GeneratedRegex("""(?<name>\b(Bearer|SharedKey|SharedKeyLite)\s+)[A-Za-z0-9+/=._~:-]{8,}""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Bearer();

    [GeneratedRegex("""\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex JsonWebToken();

    // 64 random bytes in base64: what a storage account's key looks like wherever it stands.
    [GeneratedRegex("""(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex AccountKey();
}
