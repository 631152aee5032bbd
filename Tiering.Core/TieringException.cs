namespace Tiering.Core;

/// <summary>Every failure this system names; anything else thrown, cancellation aside, is a defect.</summary>
/// <param name="code">Stable kebab-case name, part of the HTTP contract.</param>
/// <param name="message">A sentence for an operator; never a secret.</param>
/// <param name="isTransient">Whether the same call may succeed later with nothing changed.</param>
/// <param name="inner">What was caught, or null.</param>
public abstract class TieringException(string code, string message, bool isTransient, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;

    public bool IsTransient { get; } = isTransient;
}
