using Microsoft.AspNetCore.Http;
using Tiering.Core;

namespace Tiering.Functions.Triggers;

/// <summary>Problem details of <c>/api</c>. Source: RFC 9457.</summary>
/// <param name="Type">A URN that names the kind of problem.</param>
/// <param name="Title">The kind of problem, for people.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What went wrong this time.</param>
/// <param name="Code">Stable kebab-case name.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code)
{
    /// <summary>The field that is wrong; null when it is no field.</summary>
    public string? Field { get; init; }
}

public static class Problems
{
    public static IResult Of(int status, Exception failure)
    {
        (string code, string detail) = failure switch
        {
            TieringException known => (known.Code, known.Message),
            BadHttpRequestException => ("bad-request", "The request could not be read."),
            _ => ("internal", "The service has met a defect; its log says more."),
        };
        Problem problem = new($"urn:tiering:problem:{code}", TitleOf(status), status, detail, code)
        {
            Field = (failure as Core.Catalogue.InvalidFieldException)?.Field,
        };
        return TypedResults.Json(problem, TieringJson.Options, "application/problem+json", status);
    }

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid",
        StatusCodes.Status401Unauthorized => "A token is needed",
        StatusCodes.Status403Forbidden => "Not allowed",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "Method not allowed",
        StatusCodes.Status409Conflict => "Not possible now",
        StatusCodes.Status503ServiceUnavailable => "Not available",
        StatusCodes.Status500InternalServerError => "Internal error",
        _ => "Refused",
    };
}
