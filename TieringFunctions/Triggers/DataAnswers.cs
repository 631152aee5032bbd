using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>The bodies of <c>/data</c>. Source: euphrosyne-contract.md, chapters 4 and 6.</summary>
public static class DataAnswers
{
    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper) },
    };

    public static IResult Accepted(OperationKey key) => Json(
        new { ProjectSlug = key.Project.Value, OperationId = key.Id, key.Type, Status = "ACCEPTED" }, StatusCodes.Status202Accepted);

    public static IResult DeletionAccepted(OperationKey key) => Json(
        new { ProjectSlug = key.Project.Value, OperationId = key.Id, StorageRole = key.SourceRole, Phase = "FROM_DATA_DELETION", Status = "ACCEPTED" },
        StatusCodes.Status202Accepted);

    public static IResult Show(LifecycleOperation operation)
    {
        OperationKey key = operation.Key;
        DataSize total = operation.Total ?? default;
        return Json(
            new
            {
                OperationId = key.Id,
                ProjectSlug = key.Project.Value,
                key.Type,
                operation.Status,
                BytesTotal = total.Bytes,
                FilesTotal = total.Files,
                BytesCopied = operation.Copied.Bytes,
                FilesCopied = operation.Copied.Files,
                ProgressPercent = Percent(operation.Percent),
                ErrorDetails = operation.Status == OperationStatus.Failed ? DetailsOf(operation) : null,
            },
            StatusCodes.Status200OK);
    }

    /// <summary>What the client itself answers when it is asked for a project's lifecycle: nulls are written.</summary>
    public static IResult Lifecycle(LifecycleState state, OperationKey? last)
    {
        JsonObject body = new()
        {
            ["lifecycle_state"] = state.ToString().ToUpperInvariant(),
            ["last_operation_id"] = last?.Id.ToString("D"),
            ["last_operation_type"] = last?.Type.ToString().ToUpperInvariant(),
        };
        return TypedResults.Text(body.ToJsonString(), "application/json");
    }

    public static IResult Refusal(int status, Exception failure) => failure is ParameterException parameters
        ? Json(new { Detail = parameters.Errors }, status)
        : Json(new { Detail = TextOf(failure) }, status);

    /// <summary>With a decimal point, always: the client's language tells 50 from 50.0.</summary>
    private static JsonNode Percent(double percent) =>
        JsonNode.Parse(percent.ToString(percent == Math.Floor(percent) ? "0.0" : "R", CultureInfo.InvariantCulture))!;

    private static string TextOf(Exception failure) => failure switch
    {
        OperationUnknownException => "Operation not found",
        PathUnknownException => "Not Found",
        MethodUnknownException => "Method Not Allowed",
        TieringException known => ServerPaths.Hide(known.Message),
        BadHttpRequestException => "Bad Request",
        _ => "Internal Server Error",
    };

    private static JsonObject DetailsOf(LifecycleOperation failed) =>
        new() { ["message"] = ClientResult.Message(failed.Error!), ["raw"] = ClientResult.Details(failed) };

    private static JsonHttpResult<T> Json<T>(T body, int status) => TypedResults.Json(body, Snake, "application/json", status);
}
