using Tiering.Core.Nights;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Nights;

/// <summary>One night: selects, asks for each project's COOL, and stays until all have ended. Its id is its date, so it runs once.</summary>
public static class NightOrchestration
{
    private const int LooksPerGeneration = 60;
    private const int FirstLooks = 12;

    [Function(nameof(NightOrchestration))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        NightWindow window = context.GetInput<NightWindow>()!;
        Night night = await context.CallActivityAsync<Night>(nameof(OpenNight), window, Retry.Forever);
        foreach (NightItem item in night.Items.Where(item => item.Status == NightItemStatus.Selected))
        {
            try
            {
                await context.CallActivityAsync(nameof(CoolAtNight), new NightCall(night with { Items = [] }, item), Retry.Transient);
            }
            catch (TaskFailedException failure)
            {
                NightCall call = new(night with { Items = [] }, item) { Failure = failure.FailureDetails.ErrorMessage };
                await context.CallActivityAsync(nameof(GiveUpAtNight), call, Retry.Forever);
            }
        }
        for (int look = 0; look < LooksPerGeneration; look++)
        {
            if (await context.CallActivityAsync<bool>(nameof(SettleNight), window.Date, Retry.Forever))
                return;
            TimeSpan wait = look < FirstLooks ? TimeSpan.FromSeconds(5) : TimeSpan.FromMinutes(1); // small projects are done soon, large ones take hours
            await context.CreateTimer(wait, CancellationToken.None);
        }
        context.ContinueAsNew(window);
    }
}

/// <param name="Night">The night, without its items.</param>
/// <param name="Item">What is to be cooled.</param>
public sealed record NightCall(Night Night, NightItem Item)
{
    /// <summary>Why it could not be asked for; null before.</summary>
    public string? Failure { get; init; }
}

/// <summary>Records a night with its selection. Safe to repeat.</summary>
public sealed class OpenNight(NightKeeper keeper)
{
    [Function(nameof(OpenNight))]
    public Task<Night> RunAsync([ActivityTrigger] NightWindow window, CancellationToken cancellation) => keeper.OpenAsync(window, cancellation);
}

/// <summary>Asks for the COOL of one project; a refusal is noted, not thrown. Safe to repeat.</summary>
public sealed class CoolAtNight(NightKeeper keeper)
{
    [Function(nameof(CoolAtNight))]
    public Task RunAsync([ActivityTrigger] NightCall call, [DurableClient] DurableTaskClient client, CancellationToken cancellation) =>
        keeper.CoolAsync(client, call.Night, call.Item, cancellation);
}

/// <summary>Notes that a project could not be asked for at all. Safe to repeat.</summary>
public sealed class GiveUpAtNight(NightKeeper keeper)
{
    [Function(nameof(GiveUpAtNight))]
    public Task RunAsync([ActivityTrigger] NightCall call, CancellationToken cancellation) =>
        keeper.GiveUpAsync(call.Night, call.Item, call.Failure ?? "It could not be asked for.", cancellation);
}

/// <summary>Notes what has ended, and says whether the whole night has. Safe to repeat.</summary>
public sealed class SettleNight(NightKeeper keeper)
{
    [Function(nameof(SettleNight))]
    public Task<bool> RunAsync([ActivityTrigger] DateOnly date, CancellationToken cancellation) => keeper.SettleAsync(date, cancellation);
}
