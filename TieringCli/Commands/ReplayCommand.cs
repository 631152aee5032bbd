using System.CommandLine;
using System.Diagnostics;
using Tiering.Core;
using Tiering.Core.TaskHubs;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering replay</c>: asks a build of the service whether it goes on with every orchestration that has not ended.</summary>
public sealed class ReplayCommand(Terminal terminal)
{
    private const string Service = "TieringFunctions.dll";

    public Command Create()
    {
        Option<string> data = new("--data") { Description = "The state folder; its service must be stopped.", DefaultValueFactory = _ => ".tiering" };
        Option<string?> hub = new("--hub") { Description = "A back-up of a task hub, in place of the state folder's own." };
        Option<string?> azure = new("--azure")
        {
            Description = "The storage account of a task hub on Azure: its name, or the address of its tables. The Azure CLI signs in, or TIERING_TASK_HUB_CONNECTION; the hub may run.",
        };
        Option<string?> taskHub = new("--task-hub") { Description = "With --azure: the hub's name; without it, the one in the build's host.json." };
        Option<string?> build = new("--build") { Description = $"The folder with the build's {Service}; without it, the one that this command belongs to." };
        Command command = new("replay", "Checks, before a deployment, that a build goes on with every live orchestration. Changes nothing; exit code 1: it does not.")
        {
            data, hub, azure, taskHub, build,
        };
        command.Validators.Add(parsed =>
        {
            // A variable of a shell that is not set would check another hub than the one that was meant.
            foreach (Option<string?> option in (Option<string?>[])[hub, azure, taskHub, build])
            {
                if (parsed.GetValue(option) is { } value && string.IsNullOrWhiteSpace(value))
                    parsed.AddError($"{option.Name} must not be empty.");
            }
            if (parsed.GetValue(azure) is not null && (parsed.GetValue(hub) is not null || parsed.GetResult(data) is { Implicit: false }))
                parsed.AddError("--azure goes with neither --data nor --hub.");
            if (parsed.GetValue(azure) is null && parsed.GetValue(taskHub) is not null)
                parsed.AddError("--task-hub goes with --azure only.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            Path.GetFullPath(parsed.GetValue(data)!),
            [.. Argument("--hub", parsed.GetValue(hub) is { } file ? Path.GetFullPath(file) : null), .. Argument("--azure", parsed.GetValue(azure)), .. Argument("--task-hub", parsed.GetValue(taskHub))],
            Find(parsed.GetValue(build)),
            cancellation));
        return command;
    }

    private static string[] Argument(string name, string? value) => value is null ? [] : [name, value];

    private async Task<int> RunAsync(string data, string[] what, string service, CancellationToken cancellation)
    {
        ProcessStartInfo start = new("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["exec", service, "--check-replays", .. what])
            start.ArgumentList.Add(argument);
        start.Environment["TIERING_DATA"] = data;
        if (terminal.Variable(TaskHubAccount.ConnectionSetting) is { } connection)
            start.Environment[TaskHubAccount.ConnectionSetting] = connection;
        using Process process = Process.Start(start) ?? throw new CliException(ExitCode.Usage, "dotnet could not be started.");
        try
        {
            await Task.WhenAll(CopyAsync(process.StandardOutput, terminal.OutputWriter, cancellation), CopyAsync(process.StandardError, terminal.ErrorWriter, cancellation));
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        return process.ExitCode is ExitCode.Ok or ExitCode.Failed ? process.ExitCode : ExitCode.Usage;
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to, CancellationToken cancellation)
    {
        while (await from.ReadLineAsync(cancellation) is { } line)
            await to.WriteLineAsync(Terminal.Printable(SecretRedactor.Redact(line)));
    }

    private static string Find(string? build)
    {
        string here = AppContext.BaseDirectory;
        string[] candidates = build is not null
            ? [Path.Combine(Path.GetFullPath(build), Service)]
            : [Path.Combine(here, Service), Path.GetFullPath(Path.Combine(here, "../../../../TieringFunctions/bin/Release/net10.0", Service))];
        return Array.Find(candidates, File.Exists) ?? throw new CliException(ExitCode.Usage, $"No build of the service at {candidates[^1]}; --build names its folder.");
    }
}
