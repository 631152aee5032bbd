using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Plans that are lost, damaged or not there yet, with the real AzCopy: the copy is started anew and comes out right.</summary>
public sealed class PlanMishapTests : SurvivalFixture
{
    [Test]
    public async Task MachineLost_PlanLost_StartsAnew()
    {
        OperationKey key = await LoseAgentAsync("lost");
        Directory.Delete(Plans(key), recursive: true);

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
    }

    [Test]
    public async Task JobsShowBeforeThePlanExists_StartsAnew()
    {
        Lab.WriteProject("scanning");
        Lab.Lie("[copy 1]\ninit\ndie"); // killed in its scan; what is asked of its plan, the real AzCopy answers

        TransferVerdict verdict = await Lab.RunAsync("scanning", OperationType.Cool);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
    }

    [TestCase(100)]
    [TestCase(0)]
    public async Task PlanCutShort_StartsAnew(int bytes)
    {
        OperationKey key = await LoseAgentAsync($"corrupt{bytes}");
        foreach (string plan in Directory.GetFiles(Plans(key), "*.steV*"))
        {
            await using FileStream file = File.OpenWrite(plan);
            file.SetLength(bytes);
        }

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("StartAnew"));
    }

    [Test]
    public async Task PlanScribbledOver_NeverEndsInAFalseSuccess()
    {
        OperationKey key = await LoseAgentAsync("scribbled");
        Random random = new(3);
        foreach (string plan in Directory.GetFiles(Plans(key), "*.steV*"))
        {
            byte[] content = await File.ReadAllBytesAsync(plan);
            random.NextBytes(content.AsSpan(content.Length / 2));
            await File.WriteAllBytesAsync(plan, content);
        }

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2).WaitAsync(Limit);

        TestContext.Out.WriteLine(verdict.Error?.ToString() ?? "proved");
        if (verdict.Error is null)
            verdict.Copied.Should().Be(verdict.Total);
        else
            (await Lab.RunAsync("scribbled", OperationType.Cool)).Error.Should().BeNull();
    }
}
