using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class AzCopyPlansTests
{
    [TestCase(AzCopyPlanState.Completed, AzCopyNextStep.TakeSummary)]
    [TestCase(AzCopyPlanState.Ended, AzCopyNextStep.Resume)]
    [TestCase(AzCopyPlanState.Interrupted, AzCopyNextStep.Resume)]
    [TestCase(AzCopyPlanState.NoPlan, AzCopyNextStep.StartAnew)]
    [TestCase(AzCopyPlanState.Corrupt, AzCopyNextStep.StartAnew)]
    [TestCase(AzCopyPlanState.Unknown, AzCopyNextStep.StartAnew)]
    public void Decide_OriginalGone_TakesTheStep(AzCopyPlanState plan, AzCopyNextStep step) =>
        AzCopyPlans.Decide(plan, originalLives: false).Should().Be(step);

    [Test]
    public void Decide_OriginalLives_IsRefused([Values] AzCopyPlanState plan) =>
        FluentActions.Invoking(() => AzCopyPlans.Decide(plan, originalLives: true)).Should().Throw<InvalidOperationException>();

    [Test]
    public void StateOf_NoAnswerInTime_IsUnknown() => AzCopyPlans.StateOf(new AzCopyReport(), exitCode: null).Should().Be(AzCopyPlanState.Unknown);
}
