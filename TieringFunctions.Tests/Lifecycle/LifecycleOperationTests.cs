using FsCheck;
using FsCheck.Fluent;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Lifecycle;

public sealed class LifecycleOperationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private static readonly DataSize Size = new(7, 1024);
    private static readonly OperationError Lost = new("azcopy-failed", "AzCopy job failed");

    private static LifecycleOperation New => new(new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Empty), Now);

    [Test]
    public void Succeed_CountsAgree_IsComplete()
    {
        LifecycleOperation done = New.Start(Now).Succeed(Now.AddMinutes(1), Size, Size, "full", unwitnessed: false);

        done.Should().BeEquivalentTo(new { Status = OperationStatus.Succeeded, Total = Size, Copied = Size, Percent = 100.0, Proof = "full", StartedAt = Now, FinishedAt = Now.AddMinutes(1) });
        done.Error.Should().BeNull();
    }

    [Test]
    public void Succeed_EmptySource_IsASuccessOfZero() =>
        New.Start(Now).Succeed(Now, default, default, "full", false).Status.Should().Be(OperationStatus.Succeeded);

    [TestCase(6, 1024)]
    [TestCase(8, 1024)]
    [TestCase(7, 1023)]
    public void Succeed_CountsDiffer_IsAFailureThatNamesBoth(long files, long bytes)
    {
        LifecycleOperation done = New.Start(Now).Succeed(Now, Size, new DataSize(files, bytes), "full", false);

        done.Status.Should().Be(OperationStatus.Failed);
        done.Error.Should().Be(new OperationError("verification-mismatch", $"The destination holds {files} files, {bytes} bytes, the source 7 files, 1024 bytes."));
    }

    [Test]
    public void Succeed_CallerExpectedSomethingElse_IsAFailure()
    {
        LifecycleOperation done = (New with { Expected = new DataSize(8, 1024) }).Start(Now).Succeed(Now, Size, Size, "full", false);

        done.Error!.Code.Should().Be("expectation-mismatch");
    }

    [Test]
    public void Succeed_SourceWasCountedDifferentlyBefore_IsAFailure()
    {
        LifecycleOperation done = New.Start(Now).Report(new DataSize(6, 1000), default, 0, []).Succeed(Now, Size, Size, "full", false);

        done.Error!.Code.Should().Be("source-changed");
        done.Total.Should().Be(new DataSize(6, 1000));
    }

    [Test]
    public void Ended_AnyChange_IsRefused()
    {
        foreach (LifecycleOperation ended in new[] { New.Fail(Now, Lost), New.Succeed(Now, Size, Size, "full", false) })
        {
            foreach (Action change in new Action[] { () => ended.Start(Now), () => ended.Fail(Now, Lost), () => ended.Report(Size, Size, 1, []), () => ended.Succeed(Now, Size, Size, "full", false) })
                change.Should().Throw<OperationTerminalException>();
        }
    }

    [Test]
    public void Start_Repeated_KeepsTheFirstTime() => New.Start(Now).Start(Now.AddHours(1)).StartedAt.Should().Be(Now);

    [Test]
    public void Times_ClockSetBack_KeepTheirOrder()
    {
        LifecycleOperation done = New.Start(Now.AddHours(-1)).Fail(Now.AddHours(-2), Lost);

        done.StartedAt.Should().Be(Now);
        done.FinishedAt.Should().Be(Now);
    }

    [Test]
    public void Report_NotANumber_IsIgnored() => New.Start(Now).Report(null, default, 40, []).Report(null, default, double.NaN, []).Percent.Should().Be(40);

    [FsCheck.NUnit.Property]
    public bool Report_AnySequence_NeverGoesBack((long Files, long Bytes, double Percent)[] reports)
    {
        LifecycleOperation operation = New.Start(Now);
        foreach ((long files, long bytes, double percent) in reports)
        {
            LifecycleOperation next = operation.Report(new DataSize(files, bytes), new DataSize(files, bytes), percent, []);
            if (next.Copied.Files < operation.Copied.Files || next.Copied.Bytes < operation.Copied.Bytes
                || !(next.Percent >= operation.Percent && next.Percent <= 100) || (operation.Total is { } total && next.Total != total))
                return false;
            operation = next;
        }
        return true;
    }
}
