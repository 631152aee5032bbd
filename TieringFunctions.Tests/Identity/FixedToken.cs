using Tiering.Core.Identity;

namespace Tiering.Tests.Identity;

/// <summary>Gives tokens that a test has chosen, one after the other; the last one for ever.</summary>
internal sealed class FixedToken(params string[] tokens) : ITokenSource
{
    private int refused;

    /// <summary>What tokens were asked for, in order.</summary>
    public List<string> Resources { get; } = [];

    public ValueTask<string> GetAsync(string resource, CancellationToken cancellation)
    {
        lock (Resources)
            Resources.Add(resource);
        return new ValueTask<string>(tokens[Math.Min(refused, tokens.Length - 1)]);
    }

    public void Refused(string resource) => refused++;
}
