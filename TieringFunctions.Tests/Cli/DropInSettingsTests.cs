using Tiering.Cli;
using Tiering.Cli.Showcase;

namespace Tiering.Tests.Cli;

/// <summary>What <c>./run --drop-in URL</c> gives the service, and what it shows of it.</summary>
[NonParallelizable]
public sealed class DropInSettingsTests
{
    private const string SecretName = "JWT_SECRET_KEY";
    private static readonly ShowcaseOptions Options = new("/root", "/data", 7071) { Serve = true, DropIn = new Uri("http://127.0.0.1:8000/app/") };
    private string? before;

    [SetUp]
    public void SetUp()
    {
        before = Environment.GetEnvironmentVariable(SecretName);
        Environment.SetEnvironmentVariable(SecretName, "django-11by");
    }

    [TearDown]
    public void TearDown() => Environment.SetEnvironmentVariable(SecretName, before);

    [Test]
    public void ForService_DropIn_NamesTheClientAndShowsNoSecret()
    {
        ServiceSettings settings = ServiceSettings.ForService(Options, Environment.GetEnvironmentVariable);

        settings.Environment["EUPHROSYNE_BACKEND_URL"].Should().Be("http://127.0.0.1:8000/app");
        settings.Describe(Environment.GetEnvironmentVariable).Should()
            .Contain(("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:8000/app")).And.Contain((SecretName, "(set, not shown)")).And.NotContain(shown => shown.Value.Contains("django"));
    }

    [Test]
    public void ForService_DropInWithoutSecret_SaysWhatIsMissing() =>
        FluentActions.Invoking(() => ServiceSettings.ForService(Options, name => name == SecretName ? null : Environment.GetEnvironmentVariable(name)))
            .Should().Throw<CliException>().WithMessage("*JWT_SECRET_KEY*");
}
