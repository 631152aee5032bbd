using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>
/// A gate before a deployment: replays every orchestration that has not ended against the build that runs it, without running or changing
/// anything. The task hub must be at rest, or be a back-up of one that is not.
/// </summary>
public static class ReplayGate
{
    /// <summary>The argument that asks for it. With <c>--hub FILE</c> another file than the data folder's <c>taskhub.db</c> is read.</summary>
    public const string Argument = "--check-replays";

    private const int AllMatch = 0;
    private const int SomeDiffer = 1;
    private const int CannotTell = 2;

    /// <param name="args">The program's command line.</param>
    /// <param name="configure">Adds what the application's payloads need.</param>
    /// <returns>The exit code: 0 when all match, 1 when some do not, 2 when that cannot be told. Null when it was not asked for.</returns>
    public static async Task<int?> RunAsync(string[] args, Action<FunctionsApplicationBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configure);
        if (!args.Contains(Argument, StringComparer.Ordinal))
            return null;
        try
        {
            return await CheckAsync([.. args.Where(arg => arg != Argument)], configure);
        }
        catch (Exception obstacle) when (obstacle is TaskHubUnavailableException or InvalidOperationException or Storage.HubStatementException)
        {
            await Console.Error.WriteLineAsync(obstacle.Message);
            return CannotTell;
        }
    }

    private static async Task<int> CheckAsync(string[] args, Action<FunctionsApplicationBuilder> configure)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        if (builder.Configuration["hub"] is { Length: > 0 } hub)
            builder.Services.Configure<EmbeddedHostOptions>(options => options.DatabasePath = hub);
        builder.Services.AddSingleton(new MiddlewareList([]));
        configure(builder);
        await using ServiceProvider services = builder.Services.BuildServiceProvider();
        TaskHubHost host = services.GetRequiredService<TaskHubHost>();
        host.OpenOnly();
        int live = host.Store.CountLive();
        IReadOnlyList<ReplayMismatch> mismatches = new TaskHubAdministration(host).CheckReplays();
        foreach (ReplayMismatch mismatch in mismatches)
            await Console.Out.WriteLineAsync($"{mismatch.InstanceId} ({mismatch.Name}): {mismatch.Reason}");
        await Console.Out.WriteLineAsync(mismatches.Count == 0
            ? $"This build goes on with all live orchestrations ({live})."
            : $"This build does not go on with {mismatches.Count} of {live} live orchestrations.");
        return mismatches.Count == 0 ? AllMatch : SomeDiffer;
    }
}
