using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>Registration, runs, pins, and the date that follows from them.</summary>
internal sealed partial class CatalogueChange
{
    /// <summary>Registers the project, or completes what is known of it.</summary>
    public async Task<Registered> RegisterAsync(ProjectRegistration registration, Caller caller)
    {
        Project? known = await FindProjectAsync();
        if (known is not null && registration.State is { } state && state != known.State)
            return new Registered(RegistrationResult.Refused, known, new ProjectExistsException(slug, known.State));
        DateTimeOffset createdAt = registration.CreatedAt ?? known?.CreatedAt ?? now;
        Dictionary<string, ProjectRun> runs = known is null ? [] : (await ListRunsAsync()).ToDictionary(run => run.Id, StringComparer.Ordinal);
        List<ProjectRun> news = [.. registration.Runs.Where(run => !runs.TryGetValue(run.Id, out ProjectRun? same) || same != run)];
        if (known is not null && news.Count == 0 && known.CreatedAt == createdAt)
            return new Registered(RegistrationResult.Same, known);

        news.ForEach(run => runs[run.Id] = run);
        if (known is null)
            await AddProjectAsync(registration.State ?? LifecycleState.Hot);
        rows.Put((await ProjectRowAsync()).With("CreatedAt", Text.Of(createdAt)));
        await PutAsync(runs.Values);
        Project project = await SettleAsync();
        string detail = $"{project.State.ToString().ToUpperInvariant()}, eligible from {Text.Of(project.CoolingEligibleAt!.Value)} on";
        Audit(caller, known is null ? AuditActions.ProjectAdd : AuditActions.ProjectChange, AuditOutcomes.Accepted, detail);
        return new Registered(known is null ? RegistrationResult.New : RegistrationResult.Changed, project);
    }

    public async Task<IReadOnlyList<ProjectRun>> ListRunsAsync() => CatalogueRows.RunsOf(await ProjectRowAsync());

    public async Task<ProjectRun?> FindRunAsync(string id) => (await ListRunsAsync()).FirstOrDefault(run => run.Id == id);

    public async Task PutAsync(ProjectRun run) => await PutAsync((await ListRunsAsync()).Where(other => other.Id != run.Id).Append(run));

    public async Task RemoveRunAsync(string id) => await PutAsync((await ListRunsAsync()).Where(run => run.Id != id));

    public async Task PinAsync(ProjectPin? pin) => rows.Put((await ProjectRowAsync()).With("Pin", pin is null ? null : Text.Json(pin)));

    public async Task SetRestoredAsync(DateTimeOffset at) => rows.Put((await ProjectRowAsync()).With("RestoredAt", Text.Of(at)));

    /// <summary>Computes anew from when on the project may go cool, and gives it as it is then.</summary>
    /// <exception cref="ProjectUnknownException">It is not registered.</exception>
    public async Task<Project> SettleAsync()
    {
        Project project = await FindProjectAsync() ?? throw new ProjectUnknownException(slug);
        DateOnly date = Eligibility.Of(project.CreatedAt ?? project.AddedAt, await ListRunsAsync(), zone);
        if (date == project.CoolingEligibleAt)
            return project;
        rows.Put((await ProjectRowAsync()).With("EligibleAt", Text.Of(date)));
        return project with { CoolingEligibleAt = date };
    }

    private async Task AddProjectAsync(LifecycleState state) => rows.Put((await ProjectRowAsync()).WithOnly("Slug", "Claim", "Sequence")
        .With("Registered", "yes").With("State", Text.Of(state)).With("AddedAt", Text.Of(now)));

    private async Task PutAsync(IEnumerable<ProjectRun> runs) =>
        rows.Put((await ProjectRowAsync()).With("Runs", Text.Json(runs.OrderBy(run => run.Id, StringComparer.Ordinal).ToList())));
}
