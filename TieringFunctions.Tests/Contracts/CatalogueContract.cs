using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Tests.Support;

namespace Tiering.Tests.Contracts;

/// <summary>What every <see cref="ICatalogue"/> must do; one subclass per adapter supplies the stores.</summary>
public abstract partial class CatalogueContract
{
    protected static readonly ProjectSlug Demo = ProjectSlug.Parse("demo");
    protected static readonly DataSize Size = new(3, 300);

    protected ManualTime Time { get; } = new();

    protected ICatalogue Catalogue { get; private set; } = null!;

    protected IAudit Audit { get; private set; } = null!;

    protected IOutbox Outbox { get; private set; } = null!;

    /// <summary>An empty catalogue with its audit and outbox; its own authority on state, or a client's.</summary>
    protected abstract (ICatalogue Catalogue, IAudit Audit, IOutbox Outbox) Create(bool dropIn);

    [SetUp]
    public void Start() => Use(dropIn: false);

    protected void Use(bool dropIn) => (Catalogue, Audit, Outbox) = Create(dropIn);

    [Test]
    public async Task AddProject_New_IsFoundAndListed()
    {
        Project added = await AddAsync("demo", LifecycleState.Cool);

        added.Should().Be(new Project(Demo, LifecycleState.Cool, Time.GetUtcNow()) { CreatedAt = Time.GetUtcNow(), CoolingEligibleAt = new DateOnly(2028, 3, 1) });
        (await Catalogue.FindProjectAsync(Demo, default)).Should().Be(added);
        (await Catalogue.ListProjectsAsync(null, 10, default)).Should().Equal(added);
    }

    [Test]
    public async Task AddProject_Repeated_ChangesNothing()
    {
        Project first = await AddAsync("demo", LifecycleState.Hot);
        Time.Advance(TimeSpan.FromHours(1));

        (await AddAsync("demo", LifecycleState.Hot)).Should().Be(first);
    }

    [Test]
    public async Task AddProject_KnownWithAnotherState_IsRefused()
    {
        await AddAsync("demo", LifecycleState.Hot);

        await FluentActions.Awaiting(() => AddAsync("demo", LifecycleState.Cool)).Should().ThrowAsync<ProjectExistsException>();
    }

    [Test]
    public async Task AddProject_StateThatIsNoPlace_IsRefused([Values(LifecycleState.Cooling, LifecycleState.Restoring, LifecycleState.Error)] LifecycleState state) =>
        (await FluentActions.Awaiting(() => AddAsync("demo", state)).Should().ThrowAsync<InvalidFieldException>()).Which.Field.Should().Be("state");

    [Test]
    public async Task ListProjects_ManyPages_GivesEachOnceInOrder()
    {
        string[] slugs = [.. Enumerable.Range(0, 25).Select(i => $"p-{i:d2}")];
        foreach (string slug in slugs.Reverse())
            await AddAsync(slug);

        List<string> seen = [];
        for (ProjectSlug? after = null; ;)
        {
            IReadOnlyList<Project> page = await Catalogue.ListProjectsAsync(after, 10, default);
            if (page.Count == 0)
                break;
            seen.AddRange(page.Select(project => project.Slug.Value));
            after = page[^1].Slug;
        }
        seen.Should().Equal(slugs);
    }

    [Test]
    public async Task RemoveProject_HeldByAnOperation_IsRefused()
    {
        await AddAsync("demo");
        await AcceptAsync(Cool());

        await FluentActions.Awaiting(() => Catalogue.RemoveProjectAsync(Demo, Caller.Service, default)).Should().ThrowAsync<ProjectBusyException>();
    }

    [Test]
    public async Task RemoveProject_AndAddedAgain_KeepsTheOldKeysUsed()
    {
        OperationKey done = await CompleteAsync(Cool());
        await Catalogue.RemoveProjectAsync(Demo, Caller.Service, default);
        (await Catalogue.FindProjectAsync(Demo, default)).Should().BeNull();
        await AddAsync("demo", LifecycleState.Hot);

        Acceptance repeated = await AcceptAsync(done);

        repeated.IsNew.Should().BeFalse();
        repeated.Operation.Status.Should().Be(OperationStatus.Succeeded);
        (await Catalogue.FindProjectAsync(Demo, default))!.Claim.Should().BeNull();
    }

    [Test]
    public async Task RemoveProject_Unknown_IsNoError() => await Catalogue.RemoveProjectAsync(Demo, Caller.Service, default);

    [Test]
    public async Task Lists_LimitOutOfRange_NameTheRule([Values(0, -1, 1001)] int limit)
    {
        (await FluentActions.Awaiting(() => Catalogue.ListProjectsAsync(null, limit, default)).Should().ThrowAsync<InvalidFieldException>())
            .WithMessage("limit must be between 1 and 1000.");
        await FluentActions.Awaiting(() => Catalogue.ListOperationsAsync(new OperationQuery(Limit: limit), default)).Should().ThrowAsync<InvalidFieldException>();
        await FluentActions.Awaiting(() => Audit.ListAsync(new AuditQuery(Limit: limit), default)).Should().ThrowAsync<InvalidFieldException>();
    }

    protected static OperationKey Cool(string slug = "demo") => new(ProjectSlug.Parse(slug), OperationType.Cool, Guid.NewGuid());

    protected static OperationKey Restore(string slug = "demo") => new(ProjectSlug.Parse(slug), OperationType.Restore, Guid.NewGuid());

    protected Task<Project> AddAsync(string slug, LifecycleState state = LifecycleState.Hot) =>
        Catalogue.AddProjectAsync(ProjectSlug.Parse(slug), state, new Caller("operator", "127.0.0.1"), default);

    protected Task<Acceptance> AcceptAsync(OperationKey key) => Catalogue.AcceptAsync(new OperationRequest(key, "operator"), default);

    protected static OperationOutcome Verified(string proof = "full") => new() { Total = Size, Copied = Size, Proof = proof };

    protected static OperationOutcome Broken(bool nothingTouched = false) =>
        new() { Error = new OperationError("azcopy-failed", "AzCopy reported 2 failed transfer(s)"), NothingTouched = nothingTouched };

    /// <summary>Takes an operation from acceptance to its outcome; registers its project when need be.</summary>
    protected async Task<OperationKey> CompleteAsync(OperationKey key, OperationOutcome? outcome = null)
    {
        if (await Catalogue.FindProjectAsync(key.Project, default) is null)
            await AddAsync(key.Project.Value, key.SourceRole == StorageRole.Hot ? LifecycleState.Hot : LifecycleState.Cool);
        await AcceptAsync(key);
        await Catalogue.StartAsync(key, default);
        await Catalogue.FinishAsync(key, outcome ?? Verified(), default);
        return key;
    }

    protected async Task<LifecycleState> StateAsync(string slug = "demo") => (await Catalogue.FindProjectAsync(ProjectSlug.Parse(slug), default))!.State;
}
