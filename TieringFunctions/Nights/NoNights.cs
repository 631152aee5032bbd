using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;

namespace Tiering.Functions.Nights;

/// <summary>Where the host's catalogue keeps no dates there are no nights: none is shown, none is taken, and enabling them is an error that says so.</summary>
public sealed class NoNights : INightStore
{
    private static ConfigurationException Lack => new("TIERING_NIGHTLY_COOLING needs a catalogue that keeps dates, which this host's does not yet; the embedded host's does.");

    public Task<IReadOnlyList<NightCandidate>> SelectAsync(
        DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions, int limit, CancellationToken cancellation) =>
        Task.FromException<IReadOnlyList<NightCandidate>>(Lack);

    public Task<Night> OpenAsync(Night night, CancellationToken cancellation) => Task.FromException<Night>(Lack);

    public Task<Night?> FindAsync(DateOnly date, CancellationToken cancellation) => Task.FromResult<Night?>(null);

    public Task<IReadOnlyList<Night>> ListAsync(DateOnly? before, int limit, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Night>>([]);

    public Task<IReadOnlyList<Night>> ListRunningAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Night>>([]);

    public Task SetItemAsync(DateOnly date, NightItem item, CancellationToken cancellation) => Task.FromException(Lack);

    public Task CompleteAsync(DateOnly date, CancellationToken cancellation) => Task.FromException(Lack);

    public Task<DateTimeOffset> EnabledSinceAsync(CancellationToken cancellation) => Task.FromException<DateTimeOffset>(Lack);

    public Task DisableAsync(CancellationToken cancellation) => Task.CompletedTask;
}
