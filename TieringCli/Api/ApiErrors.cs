using System.Net;

namespace Tiering.Cli.Api;

/// <summary>Nothing that is a Tiering service answers at the address.</summary>
public sealed class ServiceUnreachableException(Uri address, string reason, Exception? inner = null)
    : CliException(Cli.ExitCode.Unreachable, $"No answer from {address.GetLeftPart(UriPartial.Authority)}: {reason} Start the service with ./run --serve, or name another with --url.", inner);

/// <summary>The service answered, and said no.</summary>
/// <param name="status">Its HTTP status.</param>
/// <param name="code">The stable code of the problem; null when the service gave none.</param>
/// <param name="message">Title and detail.</param>
public sealed class RequestRefusedException(HttpStatusCode status, string? code, string message)
    : CliException(Cli.ExitCode.Refused, code is null ? message : $"{message} ({code})")
{
    public HttpStatusCode Status { get; } = status;

    public string? Code { get; } = code;
}
