using System.Reflection;
using Microsoft.AspNetCore.Http;
using Tiering.Core;

namespace Tiering.Functions.Triggers;

/// <summary>Whether the service lives, and whether it can do its work. Open to all, so neither tells a path or a name.</summary>
public sealed class HealthTriggers(IEnumerable<IReadinessCheck> checks)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Of this build, so that a deployment knows when the new one answers: MSBuild's <c>InformationalVersion</c>, less the commit behind it.</summary>
    private static readonly string Version =
        typeof(HealthTriggers).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [Function("health-live")]
    public static IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/health/live")] HttpRequest request) =>
        ApiAnswers.Ok(new { Status = "live", Version });

    [Function("health-ready")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/health/ready")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation)
    {
        string?[] lacks = await Task.WhenAll(checks.Select(check => LackAsync(check, client, cancellation)));
        List<string> told = [.. lacks.OfType<string>()];
        return told.Count == 0
            ? ApiAnswers.Ok(new { Status = "ready", Checks = checks.Select(check => check.Name).ToArray() })
            : throw new NotReadyException(told);
    }

    private static async Task<string?> LackAsync(IReadinessCheck check, DurableTaskClient client, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        try
        {
            return await check.FindLackAsync(client, late.Token).WaitAsync(Patience, cancellation) is { } lack ? $"{check.Name}: {lack}." : null;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return failure switch
            {
                TieringException known => $"{check.Name}: {known.Message}",
                TimeoutException or OperationCanceledException => $"{check.Name}: no answer within {Patience.TotalSeconds:0} s.",
                _ => $"{check.Name}: {failure.GetType().Name}.",
            };
        }
    }
}
