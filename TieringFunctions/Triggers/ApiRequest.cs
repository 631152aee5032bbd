using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Functions.Triggers;

/// <summary>Reads what callers of <c>/api</c> send; whatever is wrong is told with the name of the field and the rule.</summary>
public sealed class ApiRequest
{
    private const int MaxBodyBytes = 64 * 1024;
    private readonly HttpRequest request;

    private ApiRequest(HttpRequest request, JsonFields fields) => (this.request, Fields) = (request, fields);

    public JsonFields Fields { get; }

    /// <summary>Reads the body, a JSON object with no other fields than these; none is the same as an empty one.</summary>
    /// <exception cref="InvalidFieldException">It is something else.</exception>
    public static async Task<ApiRequest> ReadAsync(HttpRequest request, string[] known, CancellationToken cancellation)
    {
        byte[] body = await BodyAsync(request, cancellation);
        return new ApiRequest(request, body.Length == 0 ? new JsonFields([], known) : JsonFields.Parse(body, "body", known));
    }

    /// <summary>The operation's id, from the header <c>Idempotency-Key</c> or the field <c>operationId</c>; null when neither is there.</summary>
    public Guid? OperationId()
    {
        Guid? header = request.Headers["Idempotency-Key"] is [string text] ? Id("Idempotency-Key", text) : null;
        Guid? field = Text("operationId") is { } given ? Id("operationId", given) : null;
        if (header is not null && field is not null && header != field)
            throw new InvalidFieldException("operationId", "must be the Idempotency-Key, when both are given");
        return header ?? field;
    }

    /// <summary>A text; null when the field is not there, or null.</summary>
    public string? Text(string name) => Fields.Text(name);

    /// <summary>Whether a parameter of the query is <c>true</c>; false when it is not there.</summary>
    public static bool QueryFlag(HttpRequest request, string name) => Query(request, name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new InvalidFieldException(name, "must be true or false"),
    };

    /// <summary>How contents are to be compared, in its one spelling; null when the field is not there.</summary>
    public string? Proof() => Text("proof") is not { } text
        ? null
        : StorageSettings.ParseProof(text)?.ToString() ?? throw new InvalidFieldException("proof", "must be 'sizes', 'sample:N%' with N from 1 to 100, or 'full'");

    public static Guid Id(string field, string text) => Triggers.OperationId.Parse(text) ?? throw new InvalidFieldException(field, "must be a UUID");

    public static string? Query(HttpRequest request, string name) => request.Query[name] switch
    {
        [] => null,
        [{ Length: > 0 } text] => text,
        _ => throw new InvalidFieldException(name, "must be given once, and not empty"),
    };

    public static int Limit(HttpRequest request) => Query(request, "limit") switch
    {
        null => 100,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= 1000 => limit,
        _ => throw new InvalidFieldException("limit", "must be between 1 and 1000"),
    };

    /// <summary>A slug of the query; null when there is none.</summary>
    public static ProjectSlug? QuerySlug(HttpRequest request, string name) => Query(request, name) is not { } text
        ? null
        : ProjectSlug.Refusal(text) is null ? ProjectSlug.Parse(text) : throw new InvalidFieldException(name, "must be a project's slug");

    /// <summary>An enum in upper case, as in JSON; null when there is none.</summary>
    public static T? QueryEnum<T>(HttpRequest request, string name)
        where T : struct, Enum => Query(request, name) is { } text ? EnumOf<T>(name, text) : null;

    public static T EnumOf<T>(string field, string text)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString().ToUpperInvariant(), text, StringComparison.Ordinal))
                return value;
        }
        throw new InvalidFieldException(field, $"must be one of {string.Join(", ", Enum.GetNames<T>()).ToUpperInvariant()}");
    }

    public static DateTimeOffset? QueryTime(HttpRequest request, string name) => Query(request, name) switch
    {
        null => null,
        { } text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) => time,
        _ => throw new InvalidFieldException(name, "must be a time as in 2026-03-12T12:00:00Z"),
    };

    private static async Task<byte[]> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBodyBytes)
                throw new InvalidFieldException("body", $"must not be larger than {MaxBodyBytes / 1024} KiB");
        }
        return body.ToArray();
    }
}
