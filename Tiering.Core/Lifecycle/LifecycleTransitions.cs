using static Tiering.Core.Lifecycle.LifecycleState;
using static Tiering.Core.Lifecycle.LifecycleTrigger;

namespace Tiering.Core.Lifecycle;

/// <summary>The one place that knows which moves are legal. No clock, storage or logging.</summary>
public static class LifecycleTransitions
{
    /// <exception cref="InvalidTransitionException">The trigger is not legal in this state.</exception>
    public static LifecycleState Next(LifecycleState state, LifecycleTrigger trigger) => (state, trigger) switch
    {
        (Hot or Error, CoolStarted) => Cooling, // from Error only as a retry of the same type: CheckStart looks at the last operation
        (Cooling, Verified) => Cool,
        (Cool or Error, RestoreStarted) => Restoring,
        (Restoring, Verified) => Hot,
        (Cooling or Restoring, Failed) => Error,
        _ => throw new InvalidTransitionException(state, trigger),
    };

    /// <summary>Whether an operation of <paramref name="type"/> may start now.</summary>
    /// <param name="state">The project's state.</param>
    /// <param name="type">What is asked for.</param>
    /// <param name="lastType">The type of the project's latest operation; null when it has none.</param>
    /// <exception cref="InvalidTransitionException">The state does not allow it.</exception>
    /// <exception cref="RetryTypeException">The project is in ERROR after an operation of the other type.</exception>
    public static LifecycleState CheckStart(LifecycleState state, OperationType type, OperationType? lastType)
    {
        LifecycleState next = Next(state, type == OperationType.Cool ? CoolStarted : RestoreStarted);
        if (state == Error && lastType != type)
            throw new RetryTypeException(type, lastType);
        return next;
    }

    /// <summary>Why an operation of <paramref name="type"/> may not start now; null when it may.</summary>
    public static TieringException? FindRefusal(LifecycleState state, OperationType type, OperationType? lastType)
    {
        try
        {
            CheckStart(state, type, lastType);
            return null;
        }
        catch (Exception refusal) when (refusal is InvalidTransitionException or RetryTypeException)
        {
            return (TieringException)refusal;
        }
    }
}

public sealed class InvalidTransitionException(LifecycleState state, LifecycleTrigger trigger)
    : TieringException("invalid-transition", $"A project that is {Upper(state)} does not allow {Words(trigger)}.", isTransient: false)
{
    private static string Upper(LifecycleState state) => state.ToString().ToUpperInvariant();

    private static string Words(LifecycleTrigger trigger) => trigger switch
    {
        LifecycleTrigger.CoolStarted => "a COOL",
        LifecycleTrigger.RestoreStarted => "a RESTORE",
        _ => $"an operation to end ({trigger})",
    };
}

public sealed class RetryTypeException(OperationType type, OperationType? lastType)
    : TieringException(
        "retry-type",
        $"A project in ERROR can only repeat its last operation, which was {lastType?.ToString().ToUpperInvariant() ?? "none"}, not {type.ToString().ToUpperInvariant()}.",
        isTransient: false);
