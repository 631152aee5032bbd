using Tiering.Core.Catalogue;

namespace Tiering.Tests.DropIn;

public sealed class DeliveryScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeliveryFailure Trouble = new("HTTP 500");
    private static readonly DeliveryFailure Refusal = new("HTTP 404", IsRefusal: true);
    private readonly DeliverySchedule schedule = new(TimeSpan.FromDays(7));

    [Test]
    public void Next_AfterTrouble_GrowsFromASecondToFiveMinutes() =>
        Enumerable.Range(1, 12).Select(attempt => Wait(attempt, Trouble)).Should().Equal(1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300);

    [Test]
    public void Next_AfterARefusal_LeavesTheClientAloneForMinutes() =>
        Enumerable.Range(1, 7).Select(attempt => Wait(attempt, Refusal)).Should().Equal(120, 240, 480, 960, 1800, 1800, 1800);

    [Test]
    public void Next_ClientSaysWhen_IsObeyedWithinAnHourAndNeverHurries()
    {
        Wait(1, Trouble with { RetryAfter = TimeSpan.FromSeconds(90) }).Should().Be(90);
        Wait(1, Refusal with { RetryAfter = TimeSpan.FromSeconds(5) }).Should().Be(120);
        Wait(1, Trouble with { RetryAfter = TimeSpan.FromDays(3) }).Should().Be(3600);
        Wait(3, Trouble with { RetryAfter = TimeSpan.FromSeconds(-10) }).Should().Be(4);
    }

    [Test]
    public void Next_AfterDays_ParksIt()
    {
        schedule.Next(1000, Trouble, Now, Now.AddDays(-7)).Should().BeNull();
        schedule.Next(1000, Trouble, Now, Now.AddDays(-7).AddSeconds(1)).Should().NotBeNull();
    }

    private double Wait(int attempts, DeliveryFailure failure) => (schedule.Next(attempts, failure, Now, Now.AddHours(-1))!.Value - Now).TotalSeconds;
}
