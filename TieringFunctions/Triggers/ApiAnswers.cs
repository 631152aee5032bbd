using Microsoft.AspNetCore.Http;
using Tiering.Core;

namespace Tiering.Functions.Triggers;

/// <summary>The answers of <c>/api</c>: Tiering's own JSON.</summary>
public static class ApiAnswers
{
    public static IResult Ok<T>(T body) => Json(body, StatusCodes.Status200OK);

    public static IResult Accepted<T>(T body) => Json(body, StatusCodes.Status202Accepted);

    public static IResult Json<T>(T body, int status) => TypedResults.Json(body, TieringJson.Options, "application/json", status);
}
