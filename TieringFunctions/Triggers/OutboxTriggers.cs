using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>Results that Euphrosyne is owed, and those it has got; one that it did not take can be sent again.</summary>
public sealed class OutboxTriggers(IOutbox outbox, IOperationStarter starter)
{
    [Function("outbox-list")]
    [Query("status", "limit", "continuation")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/outbox")] HttpRequest request,
        CancellationToken cancellation)
    {
        OutboxStatus? status = ApiRequest.QueryEnum<OutboxStatus>(request, "status");
        int limit = ApiRequest.Limit(request);
        long after = ApiRequest.Query(request, "continuation") is { } text ? Sequence("continuation", text) : 0;
        IReadOnlyList<OutboxMessage> messages = await outbox.ListAsync(status, after, limit, cancellation);
        string? next = messages.Count == limit ? messages[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null;
        return ApiAnswers.Ok(new Page<OutboxView>([.. messages.Select(OutboxView.Of)], next));
    }

    [Function("outbox-resend")]
    [Query(Action = AuditActions.ResultResend)]
    public async Task<IResult> ResendAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/outbox/{sequence}/resend")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string sequence,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.ResultResend, Project: null).Note(request);
        await ApiRequest.ReadAsync(request, [], cancellation);
        long number = Sequence("sequence", sequence);
        OutboxMessage message = await outbox.ResendAsync(number, request.Caller(), cancellation) ?? throw new OutboxMessageUnknownException(number);
        await starter.EnsureDeliveryStartedAsync(client, message, CancellationToken.None);
        return ApiAnswers.Accepted(OutboxView.Of(message));
    }

    private static long Sequence(string field, string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw new InvalidFieldException(field, "must be the number of a result");
}

/// <summary>What <c>/api</c> tells of a result.</summary>
public sealed record OutboxView(
    long Sequence,
    ProjectSlug Project,
    OperationType Type,
    Guid Operation,
    bool IsDeletion,
    OutboxStatus Status,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAt,
    string? LastError,
    JsonElement Payload)
{
    public static OutboxView Of(OutboxMessage message) => new(
        message.Sequence,
        message.Operation.Project,
        message.Operation.Type,
        message.Operation.Id,
        message.IsDeletion,
        message.Status,
        message.Attempts,
        message.CreatedAt,
        message.Status == OutboxStatus.Pending ? message.NextAt : null,
        message.LastError,
        JsonSerializer.Deserialize<JsonElement>(message.Payload));
}
