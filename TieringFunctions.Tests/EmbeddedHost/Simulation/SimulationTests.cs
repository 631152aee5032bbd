using System.Globalization;

namespace Tiering.Tests.EmbeddedHost.Simulation;

/// <summary>
/// The engine under a seeded scheduler, with crashes, a clock that jumps and a reference model. TIERING_SIMULATION_SEEDS says how many seeds
/// (500), TIERING_SIMULATION_SEED which one alone.
/// </summary>
public sealed class SimulationTests
{
    private const int SeedsByDefault = 500;

    [Test]
    public void Engine_UnderAnySeed_DoesWhatTheModelSays_TwiceTheSame()
    {
        foreach (int seed in Seeds())
        {
            try
            {
                IReadOnlyList<string> first = new SimulatedWorld(seed).Live();
                IReadOnlyList<string> second = new SimulatedWorld(seed).Live();
                second.Should().Equal(first, "a seed decides everything");
            }
            catch (Exception violation)
            {
                Assert.Fail($"""
                    Seed {seed}: {violation}
                    Again: TIERING_SIMULATION_SEED={seed} dotnet test TieringFunctions.Tests --filter FullyQualifiedName~SimulationTests
                    """);
            }
        }
    }

    private static IEnumerable<int> Seeds()
    {
        if (Number("TIERING_SIMULATION_SEED") is { } one)
            return [one];
        return Enumerable.Range(1, Number("TIERING_SIMULATION_SEEDS") ?? SeedsByDefault);
    }

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
