using Tiering.Emulators.Euphrosyne;

namespace Tiering.Tests.DropIn;

/// <summary>A client that commits our acceptance later than the delay: a result that overtook the commit would be lost on it.</summary>
public sealed class SlowCommitTests : DropInJourney
{
    protected override TimeSpan CommitDelay => TimeSpan.FromSeconds(6);

    [Test]
    public async Task Callback_ClientCommitsLate_DoesNotOvertakeIt()
    {
        HotProject("late", files: 1);

        ClientOperation cooled = await MoveAsync("late", "COOL");

        cooled.Status.Should().Be("SUCCEEDED", cooled.ToString());
        Client.Model.StateOf("late").Should().Be("COOL");
    }
}
