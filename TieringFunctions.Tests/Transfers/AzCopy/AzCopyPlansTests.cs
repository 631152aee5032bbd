using System.Text.Json;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class AzCopyPlansTests
{
    [TestCase(AzCopyPlanState.Completed, AzCopyNextStep.TakeSummary)]
    [TestCase(AzCopyPlanState.Ended, AzCopyNextStep.Resume)]
    [TestCase(AzCopyPlanState.Interrupted, AzCopyNextStep.Resume)]
    [TestCase(AzCopyPlanState.AllDone, AzCopyNextStep.StartAnew)]
    [TestCase(AzCopyPlanState.NoPlan, AzCopyNextStep.StartAnew)]
    [TestCase(AzCopyPlanState.Corrupt, AzCopyNextStep.StartAnew)]
    [TestCase(AzCopyPlanState.Unknown, AzCopyNextStep.StartAnew)]
    public void Decide_OriginalGone_TakesTheStep(AzCopyPlanState plan, AzCopyNextStep step) =>
        AzCopyPlans.Decide(plan, originalLives: false).Should().Be(step);

    [Test]
    public void Decide_OriginalLives_IsRefused([Values] AzCopyPlanState plan) =>
        FluentActions.Invoking(() => AzCopyPlans.Decide(plan, originalLives: true)).Should().Throw<InvalidOperationException>();

    /// <summary>A job that was killed after its last transfer and before its own end: a resume of it has nothing to schedule, and never ends.</summary>
    [TestCase("InProgress", 3, 0, 0, AzCopyPlanState.AllDone)]
    [TestCase("Cancelled", 2, 0, 1, AzCopyPlanState.AllDone)]
    [TestCase("InProgress", 2, 0, 0, AzCopyPlanState.Interrupted)]
    [TestCase("InProgress", 2, 1, 0, AzCopyPlanState.Interrupted)]
    [TestCase("Cancelled", 2, 1, 0, AzCopyPlanState.Ended)]
    [TestCase("Completed", 3, 0, 0, AzCopyPlanState.Completed)]
    public void StateOf_ThreeTransfers_TellsWhetherAResumeHasAnythingToDo(string status, int completed, int failed, int skipped, AzCopyPlanState plan)
    {
        string content = $$"""{"JobStatus":"{{status}}","TotalTransfers":"3","TransfersCompleted":"{{completed}}","TransfersFailed":"{{failed}}","TransfersSkipped":"{{skipped}}"}""";
        AzCopyReport report = new();
        report.Add(JsonSerializer.Serialize(new { MessageType = "GetJobSummary", MessageContent = content })).Should().BeTrue();
        AzCopyPlans.StateOf(report, exitCode: 0).Should().Be(plan);
    }

    [Test]
    public void StateOf_NoAnswerInTime_IsUnknown() => AzCopyPlans.StateOf(new AzCopyReport(), exitCode: null).Should().Be(AzCopyPlanState.Unknown);
}
