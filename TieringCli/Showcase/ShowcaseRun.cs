using System.Text.Json;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>All of <c>./run</c>: the programs, the showcase, the report, and staying up.</summary>
public sealed class ShowcaseRun(ShowcaseOptions options, Terminal terminal)
{
    private readonly IAnsiConsole _console = options.Json ? terminal.Error : terminal.Output;

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (options is { Hot: LocationKind.Share, Project: { } project, Serve: false })
            await ShareFit.CheckAsync(project, cancellation);
        Directory.CreateDirectory(options.Data);
        using FileStream alone = TakeData();
        ServiceSettings settings = options.Serve ? ServiceSettings.ForService(options, terminal.Variable) : ServiceSettings.ForShowcase(options);
        await using Supervisor supervisor = new(options, settings, Say);
        await supervisor.StartAsync(cancellation);
        Say($"Tiering is at {options.Address.GetLeftPart(UriPartial.Authority)}; state and token lie in {options.Data}, the log is {supervisor.ServiceLog}");
        int result = ExitCode.Ok;
        if (options.Serve)
            ShowSettings(settings);
        else
            result = await supervisor.GuardAsync(stop => ShowAsync(supervisor, stop), cancellation);
        return options.Once ? result : await StayAsync(supervisor, result, cancellation);
    }

    private async Task<int> ShowAsync(Supervisor supervisor, CancellationToken cancellation)
    {
        using TieringApi api = supervisor.Connect(terminal.Variable);
        ShowcaseReport report = await new ShowcaseSteps(options, api, _console).RunAsync(cancellation);
        _console.Write(report);
        if (options.Json)
            await terminal.OutputWriter.WriteLineAsync(JsonSerializer.Serialize(report, TieringJson.Options));
        return report.Identical ? ExitCode.Ok : ExitCode.Failed;
    }

    private async Task<int> StayAsync(Supervisor supervisor, int result, CancellationToken cancellation)
    {
        Say("Running until Ctrl-C.");
        try
        {
            return await supervisor.GuardAsync<int>(
                async stop =>
                {
                    await Task.Delay(Timeout.Infinite, stop);
                    return result;
                },
                cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return result;
        }
    }

    private FileStream TakeData()
    {
        try
        {
            return new FileStream(Path.Combine(options.Data, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new CliException(ExitCode.Usage, $"Another ./run uses {options.Data}, or it cannot be written: {taken.Message} Choose another with --data.", taken);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new CliException(ExitCode.Usage, $"The state folder {options.Data} cannot be written: {denied.Message}", denied);
        }
    }

    private void ShowSettings(ServiceSettings settings)
    {
        Say("Settings:");
        foreach ((string name, string value) in settings.Describe(terminal.Variable))
            Say($"  {name}={value}");
    }

    private void Say(string text) => _console.WriteLine(Terminal.Printable(text));
}
