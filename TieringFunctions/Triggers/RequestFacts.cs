using System.Net;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>What a request asks for, noted before it is looked at more closely, so that a refusal can be audited.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Project">As the caller wrote it.</param>
/// <param name="Type">COOL or RESTORE, where it is known.</param>
/// <param name="Operation">The operation, where it is known.</param>
public sealed record RequestFacts(string Action, string? Project, OperationType? Type = null, Guid? Operation = null)
{
    private static readonly object Key = new();

    public static RequestFacts? Of(HttpContext http) => http.Items.TryGetValue(Key, out object? facts) ? (RequestFacts?)facts : null;

    public void Note(HttpRequest request) => request.HttpContext.Items[Key] = this;
}

public static class HttpRequestExtensions
{
    /// <summary>Who sends the request, as the gate has found out.</summary>
    public static Caller Caller(this HttpRequest request)
    {
        IPAddress? address = request.HttpContext.Connection.RemoteIpAddress;
        string? from = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
        return new Caller(request.HttpContext.User.Identity?.Name ?? "anonymous", from);
    }

    /// <summary>What this caller asks for.</summary>
    public static OperationRequest Asking(this Caller caller, OperationKey key) => new(key, caller.Name) { From = caller.From };
}
