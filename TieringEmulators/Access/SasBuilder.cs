using System.Globalization;

namespace Tiering.Emulators.Access;

/// <summary>Signs shared access signatures, for tests and demonstrations. Every field can be set to something wrong.</summary>
public sealed class SasBuilder(StorageAccount account)
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal)
    {
        ["sv"] = "2021-12-02",
        ["spr"] = "https,http",
        ["se"] = Time(DateTimeOffset.UtcNow + TimeSpan.FromDays(1)),
    };

    /// <summary>Sets a field by its name in the query, such as <c>sp</c>; null removes it.</summary>
    public SasBuilder With(string field, string? value)
    {
        if (value is null)
            _fields.Remove(field);
        else
            _fields[field] = value;
        return this;
    }

    /// <summary>From when it holds.</summary>
    public SasBuilder From(DateTimeOffset start) => With("st", Time(start));

    /// <summary>Until when it holds; without this, a day from now.</summary>
    public SasBuilder Until(DateTimeOffset expiry) => With("se", Time(expiry));

    /// <summary>A SAS of the account, for blobs and files and every type of resource unless fields say else. Without leading '?'.</summary>
    /// <param name="permissions">Letters: r read, w write, d delete, l list, a add, c create, u update, p process.</param>
    public string ForAccount(string permissions)
    {
        _fields["sp"] = permissions;
        _fields.TryAdd("ss", "bf");
        _fields.TryAdd("srt", "sco");
        SasToken token = new(_fields.GetValueOrDefault);
        return Finish(token.AccountStringToSign(account.Name));
    }

    /// <summary>A SAS of one share, or of one file in it. Without leading '?'.</summary>
    /// <param name="permissions">Letters: r read, c create, w write, d delete, l list (share only).</param>
    /// <param name="share">The share.</param>
    /// <param name="file">Path of the file; null for the whole share.</param>
    public string ForShare(string permissions, string share, string? file = null)
    {
        _fields["sp"] = permissions;
        _fields.TryAdd("sr", file is null ? "s" : "f");
        SasToken token = new(_fields.GetValueOrDefault);
        return Finish(token.FileStringToSign(account.Name, file is null ? share : $"{share}/{file}"));
    }

    private string Finish(string stringToSign) => string.Join(
        '&', _fields.Append(new("sig", account.Sign(stringToSign))).Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
