using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli;

/// <summary>Shows how an operation comes along: a bar where a person looks, a line per step elsewhere.</summary>
public static class OperationProgress
{
    /// <summary>Runs <paramref name="work"/>, which tells what it sees to the reporter that it gets.</summary>
    public static async Task<T> ShowAsync<T>(IAnsiConsole console, string title, Func<OperationReporter, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return await work(new LineReporter(console, title));
        SizeColumn size = new();
        return await console.Progress()
            .AutoClear(true) // the line that says how it ended takes the bar's place
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new PercentageColumn(), size, new ElapsedTimeColumn())
            .StartAsync(context => work(new BarReporter(context.AddTask(Markup.Escape(Terminal.Printable(title)), maxValue: 100), size)));
    }

    private sealed class BarReporter(ProgressTask task, SizeColumn size) : OperationReporter
    {
        private readonly string _title = task.Description;

        public override void See(OperationView operation)
        {
            task.Value = operation.Percent;
            size.Operation = operation;
            task.IsIndeterminate = operation.Total is null && !operation.IsTerminal;
        }

        public override void SeeService(bool away) => task.Description = away ? $"{_title} [yellow](waiting for the service)[/]" : _title;
    }

    private sealed class LineReporter(IAnsiConsole console, string title) : OperationReporter
    {
        private const double Step = 10; // percent between two lines
        private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10); // after which a smaller step is worth a line too

        private OperationView? _told;
        private long _toldAt;

        public override void See(OperationView operation)
        {
            if (_told is { } told && operation.Status == told.Status && operation.Percent < told.Percent + Step
                && (operation.Copied == told.Copied || Stopwatch.GetElapsedTime(_toldAt) < Quiet))
            {
                return;
            }
            _told = operation;
            _toldAt = Stopwatch.GetTimestamp();
            string size = operation is { Status: not OperationStatus.Failed, Total: { } total } ? $", {operation.Copied.Files} of {Texts.Size(total)}" : "";
            Write($"{operation.StatusName} {Texts.Percent(operation.Percent)}{size}");
        }

        public override void SeeService(bool away) => Write(away ? "the service does not answer; waiting for it" : "the service is back");

        private void Write(string text) => console.WriteLine(Terminal.Printable($"{title}: {text}"));
    }

    private sealed class SizeColumn : ProgressColumn
    {
        private OperationView? _operation; // drawn by another thread than the one that reports

        public OperationView? Operation
        {
            set => Volatile.Write(ref _operation, value);
        }

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => Volatile.Read(ref _operation) switch
        {
            null => Text.Empty,
            { Total: { } total } operation => new Text(
                $"{Texts.Count(operation.Copied.Files)} of {Texts.Count(total.Files)} files, {Texts.Bytes(operation.Copied.Bytes)} of {Texts.Bytes(total.Bytes)} {Texts.Pace(operation.Progress)}"),
            { } operation => new Text(operation.StatusName),
        };
    }
}

/// <summary>Takes what is seen of a running operation.</summary>
public abstract class OperationReporter
{
    public abstract void See(OperationView operation);

    /// <param name="away">True when the service does not answer, false when it does again.</param>
    public abstract void SeeService(bool away);
}
