using Tiering.Core.Lifecycle;
using static Tiering.Core.Lifecycle.LifecycleState;
using static Tiering.Core.Lifecycle.LifecycleTrigger;

namespace Tiering.Tests.Lifecycle;

public sealed class LifecycleTransitionsTests
{
    private static readonly Dictionary<(LifecycleState, LifecycleTrigger), LifecycleState> Legal = new()
    {
        [(Hot, CoolStarted)] = Cooling,
        [(Error, CoolStarted)] = Cooling,
        [(Cool, RestoreStarted)] = Restoring,
        [(Error, RestoreStarted)] = Restoring,
        [(Cooling, Verified)] = Cool,
        [(Restoring, Verified)] = Hot,
        [(Cooling, LifecycleTrigger.Failed)] = Error,
        [(Restoring, LifecycleTrigger.Failed)] = Error,
    };

    [Test]
    public void Next_EveryPair_IsAsTheTableSays([Values] LifecycleState state, [Values] LifecycleTrigger trigger)
    {
        if (Legal.TryGetValue((state, trigger), out LifecycleState next))
            LifecycleTransitions.Next(state, trigger).Should().Be(next);
        else
            FluentActions.Invoking(() => LifecycleTransitions.Next(state, trigger)).Should().Throw<InvalidTransitionException>().Which.Code.Should().Be("invalid-transition");
    }

    [TestCase(OperationType.Cool, OperationType.Cool, true)]
    [TestCase(OperationType.Restore, OperationType.Restore, true)]
    [TestCase(OperationType.Cool, OperationType.Restore, false)]
    [TestCase(OperationType.Restore, OperationType.Cool, false)]
    [TestCase(OperationType.Cool, null, false)]
    public void CheckStart_FromError_AllowsOnlyTheSameType(OperationType type, OperationType? last, bool allowed)
    {
        Action check = () => LifecycleTransitions.CheckStart(Error, type, last);

        if (allowed)
            check.Should().NotThrow();
        else
            check.Should().Throw<RetryTypeException>();
    }

    [Test]
    public void CheckStart_OutsideError_DoesNotLookAtTheLastType([Values] OperationType last)
    {
        LifecycleTransitions.CheckStart(Hot, OperationType.Cool, last).Should().Be(Cooling);
        LifecycleTransitions.CheckStart(Cool, OperationType.Restore, last).Should().Be(Restoring);
    }
}
