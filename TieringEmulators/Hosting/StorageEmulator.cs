using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Requests;

namespace Tiering.Emulators.Hosting;

/// <summary>What the storage emulators share: reading the target, faults, the request log, and errors as the service words them.</summary>
public abstract class StorageEmulator : EmulatorServer
{
    private readonly EmulatorOptions _options;

    private protected StorageEmulator(EmulatorOptions options)
    {
        _options = options;
        Faults = options.Faults ?? new FaultSet();
        Log = options.Log ?? new RequestLog();
    }

    /// <summary>The account's address: <c>http://127.0.0.1:PORT/ACCOUNT</c>.</summary>
    public Uri Endpoint => new(Root, _options.Account.Name);

    /// <summary>What goes wrong on purpose.</summary>
    public FaultSet Faults { get; }

    /// <summary>What was asked, and what was answered.</summary>
    public RequestLog Log { get; }

    /// <summary><c>files</c> or <c>blobs</c>: the emulator's name in logs and rules.</summary>
    private protected abstract string Name { get; }

    /// <summary>The address of a share or container, or of what lies in it; the path is escaped here.</summary>
    /// <param name="container">Share or container.</param>
    /// <param name="path">Path within it, separated by '/'.</param>
    public Uri UriOf(string container, string path = "") =>
        new($"{Endpoint}/{container}{(path.Length == 0 ? "" : "/")}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    private protected abstract string OperationOf(HttpRequest request, StorageTarget target);

    private protected abstract Task ServeAsync(HttpContext http, StorageTarget target, string operation);

    private protected sealed override async Task HandleAsync(HttpContext http)
    {
        DateTimeOffset start = _options.Time.GetUtcNow();
        StorageTarget? target = null;
        StorageException? refused = null;
        string operation = "Unknown";
        try
        {
            target = StorageTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            operation = OperationOf(http.Request, target);
        }
        catch (StorageException exception)
        {
            refused = exception;
        }
        Fault? fault = Faults.Draw(Name, http.Request.Method, operation, target?.Display ?? "");
        RequestRecord record = Describe(http, start, target, operation) with { Fault = fault?.Id };
        Log.Begin(record);

        SetCommonHeaders(http);
        MeteredStream input = new(http.Request.Body)
        {
            BytesPerSecond = fault?.Rule.BytesPerSecond, CutAfterBytes = fault?.Rule.CutRequestAfterBytes, Cut = http.Abort,
        };
        MeteredStream output = new(http.Response.Body)
        {
            BytesPerSecond = fault?.Rule.BytesPerSecond, CutAfterBytes = fault?.Rule.CutResponseAfterBytes, Cut = http.Abort,
            WholeLength = () => http.Response.ContentLength,
        };
        http.Request.Body = input;
        http.Response.Body = output;
        bool complete = false;
        try
        {
            if (refused is not null)
                throw refused;
            FaultedExchange exchange = new(http, output, fault);
            await exchange.RunAsync(() => ServeAsync(http, target!, operation));
            complete = true;
        }
        catch (StorageException exception)
        {
            complete = await TryAnswerAsync(http, exception);
        }
        catch (Exception exception) when (exception is ConnectionCutException || http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (Exception exception)
        {
            // Whatever it is, the client is told, as by a service: an emulator has no log of its own.
            complete = await TryAnswerAsync(http, new StorageException(500, "InternalError", $"The server encountered an internal error: {exception.Message}"));
        }
        finally
        {
            Log.EndRequest(record with
            {
                End = _options.Time.GetUtcNow(),
                Status = http.Response.HasStarted || complete ? http.Response.StatusCode : null,
                Code = http.Response.Headers["x-ms-error-code"] is [{ } code] ? code : null,
                Complete = complete,
                BytesIn = input.Count,
                BytesOut = output.Count,
            });
        }
        if (complete)
            await output.ReleaseAsync(http.RequestAborted);
    }

    private static async Task<bool> TryAnswerAsync(HttpContext http, StorageException exception)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return false;
        }
        try
        {
            await ErrorBody.WriteAsync(http, exception);
            return true;
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private RequestRecord Describe(HttpContext http, DateTimeOffset start, StorageTarget? target, string operation) =>
        new(Log.NextId(), Name, http.Request.Method, operation, target?.Display ?? "", start)
        {
            Query = StorageTarget.Redact(target?.RawQuery ?? ""),
            Range = HeaderOf(http, "x-ms-range") ?? HeaderOf(http, "Range"),
            Connection = http.Connection.Id,
            ClientPort = http.Connection.RemotePort,
            Agent = http.Request.Headers.UserAgent.ToString(),
        };

    private static string? HeaderOf(HttpContext http, string name) => http.Request.Headers[name] is [{ } value] ? value : null;

    private void SetCommonHeaders(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        headers["x-ms-version"] = HeaderOf(http, "x-ms-version") ?? "2021-12-02";
        headers.Date = _options.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (HeaderOf(http, "x-ms-client-request-id") is { } clientId)
            headers["x-ms-client-request-id"] = clientId;
    }
}
