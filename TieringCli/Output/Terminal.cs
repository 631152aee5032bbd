using System.Text;
using Spectre.Console;

namespace Tiering.Cli;

/// <summary>Where a command writes: results to the output, all else to the error stream. Colours and live displays only where a person looks.</summary>
public sealed class Terminal(
    TextWriter output, TextWriter error, Func<string, string?> environment, bool outputRedirected, bool errorRedirected)
{
    /// <summary>Wide enough that no table is folded where nobody sees the edge.</summary>
    private const int WidthOfPipe = 240;

    public TextWriter OutputWriter { get; } = output;

    public TextWriter ErrorWriter { get; } = error;

    public IAnsiConsole Output { get; } = CreateConsole(output, outputRedirected, environment);

    public IAnsiConsole Error { get; } = CreateConsole(error, errorRedirected, environment);

    /// <summary>The value of an environment variable; null when it is not set or empty.</summary>
    public string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    public void Complain(string message) => Error.MarkupLine($"[red]Error:[/] {Markup.Escape(Printable(message))}");

    /// <summary>Text from outside, with control characters made visible: it must not be able to drive the terminal.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        StringBuilder shown = new(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c) && c != '\n')
                shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                shown.Append(c);
        }
        return shown.ToString();
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool redirected, Func<string, string?> environment)
    {
        bool plain = redirected || environment("TERM") == "dumb";
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain || environment("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
            console.Profile.Width = WidthOfPipe;
        return console;
    }
}
