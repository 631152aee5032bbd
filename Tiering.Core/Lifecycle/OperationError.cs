namespace Tiering.Core.Lifecycle;

/// <summary>Why an operation failed.</summary>
/// <param name="Code">Stable kebab-case name.</param>
/// <param name="Message">A sentence for an operator; never a secret and never a path of the server.</param>
/// <param name="Details">Facts by name, where known: job id, AzCopy's state, counts, the first differences.</param>
public sealed record OperationError(string Code, string Message, IReadOnlyDictionary<string, string>? Details = null);
