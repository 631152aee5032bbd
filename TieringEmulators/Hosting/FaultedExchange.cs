using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Faults;

namespace Tiering.Emulators.Hosting;

/// <summary>One request carried out under the rule that met it, or in peace.</summary>
internal sealed class FaultedExchange(HttpContext http, MeteredStream output, Fault? fault)
{
    private readonly FaultRule? rule = fault?.Rule;

    public async Task RunAsync(Func<Task> serve)
    {
        if (rule is null)
        {
            await serve();
            return;
        }
        if (rule.Hold)
            await fault!.HoldAsync(http.RequestAborted);
        if (rule.DelayMilliseconds > 0)
            await Task.Delay(rule.DelayMilliseconds, http.RequestAborted);
        if (rule.CutRequestAfterBytes == 0)
            Cut();
        if (rule.Status is not null && !rule.AfterActing)
            throw Denied(rule.Status.Value);
        if (rule.ContentLengthDelta != 0)
        {
            http.Response.OnStarting(LieAboutLength);
            output.Start = http.Response.StartAsync;
        }
        if (rule.OmitEntries is not null || rule.TruncateListing is not null)
            await ServeListingAsync(serve);
        else if (rule.Status is not null || rule.CutResponseAfterBytes == 0)
            await ServeBufferedAsync(serve);
        else
            await serve();
        if (rule.Status is { } status)
            throw Denied(status);
        if (output.Count >= rule.CutResponseAfterBytes)
            Cut();
    }

    private async Task ServeListingAsync(Func<Task> serve)
    {
        byte[] body = await ServeBufferedAsync(serve);
        if (http.Response.StatusCode == StatusCodes.Status200OK && body.AsSpan().IndexOf("<EnumerationResults"u8) >= 0)
            body = ListingFault.Apply(rule!, body);
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Carries the request out without letting a byte of the answer go.</summary>
    private async Task<byte[]> ServeBufferedAsync(Func<Task> serve)
    {
        using MemoryStream buffer = new();
        http.Response.Body = buffer;
        try
        {
            await serve();
        }
        finally
        {
            http.Response.Body = output;
        }
        return buffer.ToArray();
    }

    private Task LieAboutLength()
    {
        if (http.Response.ContentLength is { } length)
        {
            long told = Math.Max(0, length + rule!.ContentLengthDelta);
            http.Response.ContentLength = told;
            output.DropAfterBytes = told;
        }
        return Task.CompletedTask;
    }

    private StorageException Denied(int status)
    {
        if (rule!.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new StorageException(status, rule.Code ?? UsualCode(status), "A fault rule refuses this request.");
    }

    private void Cut()
    {
        http.Abort();
        throw new ConnectionCutException();
    }

    private static string UsualCode(int status) => status switch
    {
        400 => "InvalidInput",
        401 => "NoAuthenticationInformation",
        403 => "AuthorizationPermissionMismatch",
        404 => "ResourceNotFound",
        409 => "ResourceAlreadyExists",
        412 => "ConditionNotMet",
        416 => "InvalidRange",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServerBusy",
        504 => "OperationTimedOut",
        _ => "InjectedFault",
    };
}
