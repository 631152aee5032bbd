using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Emulators.Euphrosyne;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>kill -9 of the service between any two of accept, copy, verify and callback: the client gets one result, and the right one.</summary>
public sealed class DropInKillTests : DropInJourney
{
    private const int Files = 20;
    private const int FileBytes = 400_000;

    public enum Moment { Accepted, Copying, Verifying, BeforeTheCallback, InTheCallback, AfterTheClientActed }

    [Test]
    public async Task Cool_KilledAt_EndsOnceAndRight([Values] Moment moment)
    {
        string slug = $"at-{moment}".ToLowerInvariant();
        HotProject(slug, Files, FileBytes);
        if (moment == Moment.InTheCallback)
            Client.Add(new ClientFault("callback", ClientFaultKind.Hang) { Matching = slug });
        if (moment == Moment.AfterTheClientActed)
            Client.Add(new ClientFault("callback", ClientFaultKind.HangAfterActing) { Matching = slug });
        ClientOperation begun = await Client.BeginAsync(slug, "COOL");
        begun.Answer.Should().Be(202);

        await ReachAsync(moment, begun.Id);
        await KillServiceAsync();
        Client.ClearFaults();
        await StartServiceAgainAsync();

        await EndsRightAsync(begun.Id);
    }

    [Test]
    public async Task SourceDeletion_KilledOnItsWay_EndsOnceAndRight()
    {
        string folder = HotProject("deleting", Files, FileBytes);
        ClientOperation cooled = await MoveAsync("deleting", "COOL");
        Client.Add(new ClientFault("callback", ClientFaultKind.Hang) { Matching = "FROM_DATA_DELETION" });
        (await Client.DeleteSourceAsync(cooled.Id)).Should().Be(202);

        await KillServiceAsync();
        Client.ClearFaults();
        await StartServiceAgainAsync();

        (await DeletionOfAsync(cooled.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        Directory.Exists(folder).Should().BeFalse();
    }

    [Test]
    [Category("Long")]
    public async Task CoolAndRestore_KilledAtAnyMoment_EndOnceAndRight([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        Random random = new(seed);
        string slug = $"any-{seed}";
        string folder = HotProject(slug, Files, FileBytes);
        IReadOnlyList<string> before = FolderListing.Of(folder);
        foreach (string type in new[] { "COOL", "RESTORE", "COOL", "RESTORE" })
        {
            ClientOperation begun = await Client.BeginAsync(slug, type);
            begun.Answer.Should().Be(202, Service.Output);
            for (int kill = random.Next(1, 4); kill > 0; kill--)
            {
                await Task.Delay(random.Next(0, 4000)); // any moment: that is what is tested
                await KillServiceAsync();
                await StartServiceAgainAsync();
            }
            await EndsRightAsync(begun.Id);
        }
        FolderListing.Of(folder).Should().Equal(before);
    }

    private async Task ReachAsync(Moment moment, Guid id)
    {
        string text = id.ToString("D");
        switch (moment)
        {
            case Moment.Copying:
                await Service.PhaseAsync(text, TransferPhase.Copy);
                break;
            case Moment.Verifying:
                await Service.PhaseAsync(text, TransferPhase.Proof);
                break;
            case Moment.BeforeTheCallback:
                await Service.EndOfAsync(text);
                break;
            case Moment.InTheCallback or Moment.AfterTheClientActed:
                await Service.WaitAsync(() => Task.FromResult(CallbacksOf(id)), sent => sent.Count > 0, "the callback");
                break;
            default:
                break;
        }
    }

    private async Task EndsRightAsync(Guid id)
    {
        await Service.WaitAsync(() => OutboxOrNothingAsync(id), message => message == "DELIVERED", "the delivery");
        ClientOperation told = await EndOfAsync(id);
        told.Should().BeEquivalentTo(
            new { Status = "SUCCEEDED", FilesTotal = (long)Files, FilesCopied = (long)Files, BytesTotal = (long)Files * FileBytes, BytesCopied = (long)Files * FileBytes },
            Service.Output);
        CallbacksOf(id).Select(request => request.Body).Distinct().Should().ContainSingle("every attempt tells the same");
        Client.Model.StateOf(told.Project).Should().Be(told.Type == "COOL" ? "COOL" : "HOT");
        Service.ProcessesOf("TIERING_JOB").Should().BeEmpty();
    }

    private async Task<string> OutboxOrNothingAsync(Guid id)
    {
        JsonElement page = await Service.SendAsync(HttpMethod.Get, "/api/outbox?limit=1000");
        return page.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("operation").GetGuid() == id)
            .Select(item => item.GetProperty("status").GetString()!).FirstOrDefault() ?? "";
    }
}
