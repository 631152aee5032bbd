using Tiering.Cli;

namespace Tiering.Tests.Cli;

/// <summary>Runs the <c>tiering</c> command in this process, as if its output went into pipes.</summary>
public sealed class CommandLine(Uri address, string? token = FakeService.Token)
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    /// <summary>Further environment variables.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        Terminal terminal = new(TextWriter.Synchronized(_output), TextWriter.Synchronized(_error), Variable, outputRedirected: true, errorRedirected: true);
        return new TieringApplication(terminal).RunAsync(arguments, cancellation);
    }

    private string? Variable(string name) => name switch
    {
        "TIERING_URL" => address.ToString(),
        "TIERING_TOKEN" => token,
        _ => Variables.GetValueOrDefault(name),
    };
}
