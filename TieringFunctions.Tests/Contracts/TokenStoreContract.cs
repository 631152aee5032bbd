using Tiering.Functions.Access;

namespace Tiering.Tests.Contracts;

/// <summary>What every <see cref="ITokenStore"/> must do; one subclass per adapter supplies the store.</summary>
public abstract class TokenStoreContract
{
    private static readonly string First = new('a', 64);
    private static readonly string Second = new('b', 64);

    /// <summary>Opens the store; a second call opens the same one, as another worker does.</summary>
    protected abstract ITokenStore Open();

    [Test]
    public async Task List_NothingPut_IsEmpty() => (await Open().ListAsync(default)).Should().BeEmpty();

    [Test]
    public async Task Put_Names_AreListedByHash()
    {
        await Open().PutAsync("operator", First, default);
        await Open().PutAsync("nächtlicher / Lauf #1?", Second, default);

        (await Open().ListAsync(default)).Should().BeEquivalentTo(new Dictionary<string, string> { [First] = "operator", [Second] = "nächtlicher / Lauf #1?" });
    }

    [Test]
    public async Task Put_KnownName_TakesThePlaceOfTheOldHash()
    {
        await Open().PutAsync("operator", First, default);
        await Open().PutAsync("operator", First, default);
        await Open().PutAsync("operator", Second, default);

        (await Open().ListAsync(default)).Should().BeEquivalentTo(new Dictionary<string, string> { [Second] = "operator" });
    }

    [Test]
    public async Task Put_OneNameFromManyAtOnce_LeavesOneHash()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Open().PutAsync("operator", i.ToString("x64", null), default))));

        (await Open().ListAsync(default)).Should().ContainSingle().Which.Value.Should().Be("operator");
    }
}
