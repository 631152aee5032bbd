using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Health;

/// <summary>
/// Tells the log of each end that needs a person, when it is recorded; once more when the machine dies in that moment. An alert is made of
/// these lines (infra/modules/alerts.bicep), so their first words are part of what others rely on.
/// </summary>
internal static class FailureLog
{
    public static void OperationFailed(this ILogger log, OperationKey operation, string code) =>
        log.LogWarning("Operation ended FAILED: {Operation} {Code}", operation, code);

    public static void DeletionFailed(this ILogger log, OperationKey operation, string code) =>
        log.LogWarning("Source deletion ended FAILED: {Operation} {Code}", operation, code);
}
