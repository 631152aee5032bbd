using Tiering.Core;
using Tiering.Functions.Access;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Support;

namespace Tiering.Tests.Access;

public sealed class ApiTokensTests
{
    private readonly List<string> shown = [];
    private TempFolder folder = null!;
    private SqliteDatabase database = null!;

    private string TokenFile => folder.At("token");

    [SetUp]
    public void Start()
    {
        shown.Clear();
        folder = new TempFolder();
        database = new SqliteDatabase(folder.At("tiering.db"));
    }

    [TearDown]
    public async Task StopAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Prepare_FirstStart_ShowsTheTokenOnceAndKeepsItPrivate()
    {
        await Tokens().PrepareAsync(default);
        await Tokens().PrepareAsync(default);

        string token = shown.Should().ContainSingle().Subject;
        token.Should().MatchRegex("^[0-9a-f]{64}$");
        File.ReadAllText(TokenFile).Should().Be(token + "\n");
        File.GetUnixFileMode(TokenFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await Tokens().FindNameAsync(token, default)).Should().Be("operator");
        (await Tokens().FindNameAsync(token[..^1], default)).Should().BeNull();
        (await Tokens().FindNameAsync("", default)).Should().BeNull();
        await database.DisposeAsync();
        foreach (string file in Directory.GetFiles(folder.Root, "tiering.db*"))
            File.ReadAllText(file, System.Text.Encoding.Latin1).Should().NotContain(token);
    }

    [Test]
    public async Task Prepare_KilledBetweenFileAndHash_TakesTheTokenOfTheFile()
    {
        string token = new('a', 64);
        File.WriteAllText(TokenFile, token + "\n");

        await Tokens().PrepareAsync(default);

        shown.Should().Equal(token);
        (await Tokens().FindNameAsync(token, default)).Should().Be("operator");
    }

    [Test]
    public async Task Prepare_FileThatHoldsNoToken_MakesOne()
    {
        File.WriteAllText(TokenFile, "");

        await Tokens().PrepareAsync(default);

        File.ReadAllText(TokenFile).Trim().Should().Be(shown.Single()).And.HaveLength(64);
    }

    [Test]
    public async Task Prepare_FileSwappedLater_OpensNothing()
    {
        await Tokens().PrepareAsync(default);
        File.WriteAllText(TokenFile, new string('b', 64));

        await Tokens().PrepareAsync(default);

        (await Tokens().FindNameAsync(new string('b', 64), default)).Should().BeNull();
        (await Tokens().FindNameAsync(shown.Single(), default)).Should().Be("operator");
    }

    [Test]
    public async Task Prepare_TokenGiven_IsTheOnlyOneAndIsNotStored()
    {
        await Tokens().PrepareAsync(default);
        ApiTokens given = Tokens("a-token-of-our-own");
        await given.PrepareAsync(default);

        (await given.FindNameAsync("a-token-of-our-own", default)).Should().Be("operator");
        (await given.FindNameAsync(shown.Single(), default)).Should().BeNull();
        (await Tokens().FindNameAsync("a-token-of-our-own", default)).Should().BeNull();
    }

    [TestCase("short")]
    [TestCase("with a blank inside it")]
    [TestCase("accented-tôken-of-ours")]
    public async Task Prepare_TokenGivenIsUnusable_IsRefusedWithoutNamingIt(string token) =>
        (await FluentActions.Awaiting(() => Tokens(token).PrepareAsync(default)).Should().ThrowAsync<ConfigurationException>()).Which.Message.Should().NotContain(token);

    private ApiTokens Tokens(string? given = null) => new(new SqliteTokenStore(database, TimeProvider.System), TokenFile, given, shown.Add);
}
