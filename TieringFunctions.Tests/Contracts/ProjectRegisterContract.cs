using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Tests.Support;

namespace Tiering.Tests.Contracts;

/// <summary>What every <see cref="IProjectRegister"/> must do, with the catalogue on the same data; one subclass per adapter supplies both.</summary>
public abstract class ProjectRegisterContract
{
    private static readonly ProjectSlug Demo = ProjectSlug.Parse("demo");
    private static readonly Caller Operator = new("operator", "127.0.0.1");
    private IProjectRegister register = null!;
    private ICatalogue catalogue = null!;
    private IAudit audit = null!;

    protected ManualTime Time { get; private set; } = null!;

    /// <summary>Empty stores, in Paris.</summary>
    protected abstract (IProjectRegister Register, ICatalogue Catalogue, IAudit Audit) Create();

    /// <summary>What a start in this zone does to the data of the last <see cref="Create"/>.</summary>
    protected abstract Task SettleAllAsync(LocalZone zone);

    [SetUp]
    public void Start()
    {
        Time = new ManualTime(); // 2026-03-12T12:00:00Z
        (register, catalogue, audit) = Create();
    }

    [Test]
    public async Task Register_NewWithRuns_HasTheirLatestDate()
    {
        Registered added = await RegisterAsync(new ProjectRegistration(Demo)
        {
            CreatedAt = Time.GetUtcNow().AddYears(-1),
            Runs = [new ProjectRun("1") { Embargo = new DateOnly(2027, 1, 1) }, new ProjectRun("2") { End = Time.GetUtcNow() }],
        });

        added.Result.Should().Be(RegistrationResult.New);
        added.Project!.CoolingEligibleAt.Should().Be(new DateOnly(2028, 3, 1));
        (await catalogue.FindProjectAsync(Demo, default)).Should().Be(added.Project);
        (await register.ListRunsAsync(Demo, default)).Select(run => run.Id).Should().Equal("1", "2");
    }

    [Test]
    public async Task Register_Repeated_IsTheSameAndLeavesNoTrace()
    {
        ProjectRegistration registration = new(Demo) { CreatedAt = Time.GetUtcNow(), Runs = [new ProjectRun("1") { End = Time.GetUtcNow() }] };
        await RegisterAsync(registration);
        int entries = await EntriesAsync();

        (await RegisterAsync(registration)).Result.Should().Be(RegistrationResult.Same);
        (await RegisterAsync(new ProjectRegistration(Demo))).Result.Should().Be(RegistrationResult.Same, "what is not named stays");
        (await EntriesAsync()).Should().Be(entries);
    }

    [Test]
    public async Task Register_AnotherCreation_ChangesTheDate()
    {
        await RegisterAsync(new ProjectRegistration(Demo));

        Registered changed = await RegisterAsync(new ProjectRegistration(Demo) { CreatedAt = Time.GetUtcNow().AddDays(-720) });

        changed.Result.Should().Be(RegistrationResult.Changed);
        changed.Project!.CoolingEligibleAt.Should().Be(new DateOnly(2026, 3, 12));
    }

    [Test]
    public async Task Register_OneOfThreeIsRefused_TheOthersAreKept()
    {
        await RegisterAsync(new ProjectRegistration(Demo, LifecycleState.Cool));

        IReadOnlyList<Registered> results = await register.RegisterAsync(
            [new(ProjectSlug.Parse("a")), new(Demo, LifecycleState.Hot), new(ProjectSlug.Parse("b")) { Runs = [new ProjectRun("")] }, new(ProjectSlug.Parse("c"))],
            dryRun: false, Operator, default);

        results.Select(result => result.Result).Should().Equal(RegistrationResult.New, RegistrationResult.Refused, RegistrationResult.Refused, RegistrationResult.New);
        results[1].Refusal.Should().BeOfType<ProjectExistsException>();
        (await catalogue.ListProjectsAsync(null, 10, default)).Select(project => project.Slug.Value).Should().Equal("a", "c", "demo");
    }

    [Test]
    public async Task Register_DryRun_SaysTheSameAndChangesNothing()
    {
        ProjectRegistration[] registrations = [new(Demo) { Runs = [new ProjectRun("1")] }, new(Demo)];

        (await register.RegisterAsync(registrations, dryRun: true, Operator, default)).Select(result => result.Result).Should().Equal(RegistrationResult.New, RegistrationResult.Same);

        (await catalogue.FindProjectAsync(Demo, default)).Should().BeNull();
        (await register.ListRunsAsync(Demo, default)).Should().BeEmpty();
        (await EntriesAsync()).Should().Be(0);
    }

    [Test]
    public async Task PutRun_SavedChangedAndRemoved_TheDateFollows()
    {
        await RegisterAsync(new ProjectRegistration(Demo) { CreatedAt = Time.GetUtcNow().AddYears(-5) });

        (await register.PutRunAsync(Demo, new ProjectRun("1") { End = Time.GetUtcNow() }, Operator, default)).CoolingEligibleAt.Should().Be(new DateOnly(2028, 3, 1));
        (await register.PutRunAsync(Demo, new ProjectRun("1") { End = Time.GetUtcNow(), Embargo = new DateOnly(2026, 4, 1) }, Operator, default)).CoolingEligibleAt.Should().Be(new DateOnly(2026, 4, 1));
        (await register.RemoveRunAsync(Demo, "1", Operator, default)).CoolingEligibleAt.Should().Be(Eligibility.After(Time.GetUtcNow().AddYears(-5), LocalZone.Paris));
        (await audit.ListAsync(new AuditQuery("demo"), default)).Entries.Select(entry => entry.Action)
            .Should().Equal(AuditActions.RunRemove, AuditActions.RunPut, AuditActions.RunPut, AuditActions.ProjectAdd);
    }

    [Test]
    public async Task PutRun_ProjectThatIsNotHot_IsImmutable()
    {
        await RegisterAsync(new ProjectRegistration(Demo, LifecycleState.Cool) { Runs = [new ProjectRun("1")] });

        (await FluentActions.Awaiting(() => register.PutRunAsync(Demo, new ProjectRun("2"), Operator, default)).Should().ThrowAsync<ProjectImmutableException>())
            .Which.Code.Should().Be("PROJECT_IMMUTABLE");
        await FluentActions.Awaiting(() => register.RemoveRunAsync(Demo, "1", Operator, default)).Should().ThrowAsync<ProjectImmutableException>();
        await register.PutRunAsync(Demo, new ProjectRun("1"), Operator, default); // it is so already
    }

    [Test]
    public async Task Accept_BeforeTheDate_NeedsForce()
    {
        await RegisterAsync(new ProjectRegistration(Demo));

        (await FluentActions.Awaiting(() => AcceptAsync(EligibilityCheck.Enforced)).Should().ThrowAsync<NotEligibleException>()).WithMessage("*from 2028-03-01 on*");
        (await AcceptAsync(EligibilityCheck.Forced)).IsNew.Should().BeTrue();
        (await audit.ListAsync(new AuditQuery("demo"), default)).Entries[0].Detail.Should().StartWith("forced: ").And.Contain("2028-03-01");
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    public async Task Accept_AroundTheDate_IsAllowedFromItsMidnightInParis(int seconds, bool allowed)
    {
        await RegisterAsync(new ProjectRegistration(Demo) { Runs = [new ProjectRun("1") { Embargo = new DateOnly(2026, 4, 1) }] });
        Time.Advance(new DateTimeOffset(2026, 3, 31, 22, 0, 0, TimeSpan.Zero).AddSeconds(seconds) - Time.GetUtcNow());

        Func<Task> accept = () => AcceptAsync(EligibilityCheck.Enforced);

        if (allowed)
            await accept.Should().NotThrowAsync();
        else
            await accept.Should().ThrowAsync<NotEligibleException>();
    }

    [Test]
    public async Task Accept_RetryFromErrorAndRestore_AskForNoDate()
    {
        await RegisterAsync(new ProjectRegistration(Demo));
        OperationKey failed = new(Demo, OperationType.Cool, Guid.NewGuid());
        await catalogue.AcceptAsync(new OperationRequest(failed, "o"), default);
        await catalogue.StartAsync(failed, default);
        await catalogue.FinishAsync(failed, new OperationOutcome { Error = new OperationError("x", "x") }, default);

        (await AcceptAsync(EligibilityCheck.Enforced)).IsNew.Should().BeTrue();
    }

    [Test]
    public async Task Pin_HoldsUntilItsDay_AndUnpinEndsIt()
    {
        await RegisterAsync(new ProjectRegistration(Demo) { CreatedAt = Time.GetUtcNow().AddYears(-5) });
        await register.PinAsync(Demo, new DateOnly(2026, 3, 14), "a referee asks for it", Operator, default);

        (await FluentActions.Awaiting(() => AcceptAsync(EligibilityCheck.Enforced)).Should().ThrowAsync<ProjectPinnedException>())
            .WithMessage("The project demo is pinned until 2026-03-14 (a referee asks for it)*");
        Time.Advance(TimeSpan.FromDays(2));
        (await AcceptAsync(EligibilityCheck.Enforced)).IsNew.Should().BeTrue();
        (await register.UnpinAsync(Demo, Operator, default)).Pin.Should().BeNull();
    }

    [Test]
    public async Task Register_UnknownProject_IsSaidByAll()
    {
        await FluentActions.Awaiting(() => register.PinAsync(Demo, null, null, Operator, default)).Should().ThrowAsync<ProjectUnknownException>();
        await FluentActions.Awaiting(() => register.PutRunAsync(Demo, new ProjectRun("1"), Operator, default)).Should().ThrowAsync<ProjectUnknownException>();
    }

    [Test]
    public async Task RemoveProject_AndAddedAgain_HasNoneOfItsRuns()
    {
        await RegisterAsync(new ProjectRegistration(Demo) { Runs = [new ProjectRun("1") { Embargo = new DateOnly(2099, 1, 1) }] });
        await catalogue.RemoveProjectAsync(Demo, Operator, default);

        (await RegisterAsync(new ProjectRegistration(Demo))).Project!.CoolingEligibleAt.Should().Be(new DateOnly(2028, 3, 1));
    }

    [Test]
    public async Task SettleAll_AnotherZone_ComputesEveryDateAnew()
    {
        DateTimeOffset late = new(2026, 7, 1, 21, 59, 59, TimeSpan.Zero);
        for (int i = 0; i < 25; i++)
            await RegisterAsync(new ProjectRegistration(ProjectSlug.Parse($"p-{i:d2}")) { CreatedAt = late });
        await SettleAllAsync(LocalZone.Paris);

        await SettleAllAsync(new LocalZone("Asia/Tokyo"));

        (await catalogue.ListProjectsAsync(null, 100, default)).Should().OnlyContain(project => project.CoolingEligibleAt == new DateOnly(2028, 6, 21));
    }

    private async Task<Registered> RegisterAsync(ProjectRegistration registration) => (await register.RegisterAsync([registration], dryRun: false, Operator, default))[0];

    private Task<Acceptance> AcceptAsync(EligibilityCheck check) =>
        catalogue.AcceptAsync(new OperationRequest(new OperationKey(Demo, OperationType.Cool, Guid.NewGuid()), "operator") { Eligibility = check }, default);

    private async Task<int> EntriesAsync() => (await audit.ListAsync(new AuditQuery(), default)).Entries.Count;
}
