using System.Globalization;
using System.Numerics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>Reads the parameters of <c>/data</c>, and gathers what is wrong with them, so that a caller is told everything at once.</summary>
public sealed class DataParameters(HttpRequest request)
{
    private readonly List<ParameterError> errors = [];

    /// <summary>The slug of a route value. The server leaves an encoded slash as it came, and has decoded all else once.</summary>
    /// <exception cref="InvalidSlugException">It breaks a rule.</exception>
    public static ProjectSlug Slug(string routeValue) => ProjectSlug.Parse(routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));

    public Guid QueryId(string name) => Query(name) is { } text ? Id("query", name, text) : default;

    public Guid PathId(string name, string text) => Id("path", name, text);

    /// <summary>An integer of 64 bits, not negative.</summary>
    public long QueryCount(string name)
    {
        if (Query(name) is not { } text)
            return 0;
        BigInteger number = 0;
        bool isNumber = !text.Contains('\0', StringComparison.Ordinal) // which the parser overlooks at the end
            && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        if (!isNumber || number > long.MaxValue)
            errors.Add(new ParameterError("int_parsing", ["query", name], "Input should be a valid integer of at most 64 bits, unable to parse string as an integer", text));
        else if (number < 0)
            errors.Add(new ParameterError("greater_than_equal", ["query", name], "Input should be greater than or equal to 0", text));
        else
            return (long)number;
        return 0;
    }

    /// <summary>HOT or COOL, exactly so.</summary>
    public StorageRole PathRole(string name, string text)
    {
        if (text is not ("HOT" or "COOL"))
            errors.Add(new ParameterError("enum", ["path", name], "Input should be 'HOT' or 'COOL'", text));
        return text == "COOL" ? StorageRole.Cool : StorageRole.Hot;
    }

    /// <exception cref="ParameterException">Something that was read is missing or malformed.</exception>
    public void Check()
    {
        if (errors.Count > 0)
            throw new ParameterException(errors);
    }

    private Guid Id(string place, string name, string text)
    {
        Guid? id = OperationId.Parse(text);
        if (id is null)
            errors.Add(new ParameterError("uuid_parsing", [place, name], "Input should be a valid UUID", text));
        return id ?? default;
    }

    private string? Query(string name)
    {
        string? text = null;
        foreach (QueryStringEnumerable.EncodedNameValuePair pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (pair.DecodeName().Span.SequenceEqual(name)) // in these letters' case; the server's own look-up takes any
                text = pair.DecodeValue().ToString(); // repeated, the last one counts
        }
        if (text is null)
            errors.Add(new ParameterError("missing", ["query", name], "Field required", Input: null));
        return text;
    }
}
