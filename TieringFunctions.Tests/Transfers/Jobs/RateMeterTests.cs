using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Tests.Transfers.Jobs;

public sealed class RateMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private DateTimeOffset now = Start;
    private RateMeter meter = null!;
    private DataSize done;

    [SetUp]
    public void SetUp() => (now, meter, done) = (Start, new RateMeter(), default);

    [Test]
    public void Left_BeforeAnythingWasSeen_IsUnknown()
    {
        meter.Left(new DataSize(1, 100)).Should().BeNull();
        meter.Add(now, new DataSize(5, 5000)); // what an earlier attempt has done is no speed
        Run(seconds: 2, files: 1, bytes: 100);
        meter.BytesPerSecond.Should().BeNull();
    }

    [Test]
    public void Left_OfASteadyCopy_IsWhatRemainsAtItsRate()
    {
        Run(seconds: 60, files: 2, bytes: 1000);

        meter.BytesPerSecond.Should().BeApproximately(1000, 0.001);
        meter.FilesPerSecond.Should().BeApproximately(2, 0.001);
        meter.Left(new DataSize(10, 100_000))!.Value.TotalSeconds.Should().BeApproximately(100, 0.001);
        meter.Left(new DataSize(1000, 100_000))!.Value.TotalSeconds.Should().BeApproximately(500, 0.001); // files take longer here
    }

    [Test]
    public void Left_InsideOneLargeFile_ComesFromItsBytes()
    {
        Run(seconds: 60, files: 0, bytes: 1000);
        meter.Left(new DataSize(1, 5000))!.Value.TotalSeconds.Should().BeApproximately(5, 0.001);
    }

    [Test]
    public void Left_AfterTheSpeedHasChanged_FollowsIt()
    {
        Run(seconds: 300, files: 0, bytes: 10_000);
        Run(seconds: 120, files: 0, bytes: 100);
        meter.BytesPerSecond.Should().BeInRange(100, 350); // a fifth of a tenth of the old speed is left after four times the smoothing
    }

    [Test]
    public void Left_NothingMovesForAMinute_IsUnknown()
    {
        Run(seconds: 60, files: 1, bytes: 1000);
        Run(seconds: 61, files: 0, bytes: 0);
        meter.Left(new DataSize(1, 1)).Should().BeNull();
        Run(seconds: 10, files: 1, bytes: 1000);
        meter.Left(new DataSize(1, 1)).Should().NotBeNull();
    }

    [Test]
    public void Left_FiguresAndClockGoBack_IsNeverNegative()
    {
        Run(seconds: 30, files: 1, bytes: 1000);
        meter.Add(now.AddHours(-1), default);
        meter.Add(now, new DataSize(-3, -7));
        Run(seconds: 10, files: 1, bytes: 1000);
        (meter.Left(new DataSize(5, 500)) ?? TimeSpan.Zero).Should().BeGreaterThanOrEqualTo(TimeSpan.Zero);
        meter.Left(new DataSize(-5, -1)).Should().Be(TimeSpan.Zero);
    }

    [Test]
    public void Restart_ForgetsTheSpeedBefore()
    {
        Run(seconds: 60, files: 1, bytes: 1_000_000);
        meter.Restart();
        meter.Left(new DataSize(1, 100)).Should().BeNull();
        Run(seconds: 11, files: 0, bytes: 10);
        meter.BytesPerSecond.Should().BeApproximately(10, 0.001);
    }

    private void Run(int seconds, long files, long bytes)
    {
        for (int i = 0; i < seconds; i++)
        {
            if (i == 0 || now > Start)
                meter.Add(now, done);
            now = now.AddSeconds(1);
            done += new DataSize(files, bytes);
            meter.Add(now, done);
        }
    }
}
