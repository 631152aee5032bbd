using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.AzureHubs;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>
/// A gate before a deployment: replays every orchestration that has not ended against the build that runs it, without running or changing
/// anything. A task hub in a file must be at rest, or be a back-up of one that is not; one on Azure may run.
/// </summary>
public static class ReplayGate
{
    /// <summary>
    /// The argument that asks for it. With <c>--hub FILE</c> another file than the data folder's <c>taskhub.db</c> is read; with <c>--azure ACCOUNT</c>
    /// a hub on Azure, whose name is that of the build's host.json, or <c>--task-hub NAME</c>.
    /// </summary>
    public const string Argument = "--check-replays";

    private const int AllMatch = 0;
    private const int SomeDiffer = 1;
    private const int CannotTell = 2;

    /// <param name="args">The program's command line.</param>
    /// <param name="configure">Adds what the application's payloads need.</param>
    /// <param name="azure">Opens a hub on Azure: its configuration, the account and the hub's name.</param>
    /// <returns>The exit code: 0 when all match, 1 when some do not, 2 when that cannot be told. Null when it was not asked for.</returns>
    public static async Task<int?> RunAsync(string[] args, Action<FunctionsApplicationBuilder> configure, Func<IConfiguration, string, string, IAzureTaskHub> azure)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configure);
        if (!args.Contains(Argument, StringComparer.Ordinal))
            return null;
        try
        {
            return await CheckAsync([.. args.Where(arg => arg != Argument)], configure, azure);
        }
        catch (Exception obstacle) when (obstacle is TaskHubUnavailableException or InvalidOperationException or Storage.HubStatementException)
        {
            await Console.Error.WriteLineAsync(obstacle.Message);
            return CannotTell;
        }
    }

    private static async Task<int> CheckAsync(string[] args, Action<FunctionsApplicationBuilder> configure, Func<IConfiguration, string, string, IAzureTaskHub> azure)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        if (builder.Configuration["hub"] is { Length: > 0 } hub)
            builder.Services.Configure<EmbeddedHostOptions>(options => options.DatabasePath = hub);
        builder.Services.AddSingleton(new MiddlewareList([]));
        configure(builder);
        await using ServiceProvider services = builder.Services.BuildServiceProvider();
        TaskHubHost host = services.GetRequiredService<TaskHubHost>();
        if (builder.Configuration["azure"] is { } account)
        {
            HostJson json = services.GetRequiredService<HostJson>();
            string name = (builder.Configuration["task-hub"] is { Length: > 0 } given ? given : json.HubName)
                ?? throw new TaskHubUnavailableException("The build's host.json names no task hub: --task-hub does.");
            return await ReportAsync(new AzureReplay(host, json, azure(builder.Configuration, account, name)).CheckAsync(CancellationToken.None));
        }
        host.OpenOnly();
        int live = host.Store.CountLive();
        IReadOnlyList<ReplayMismatch> mismatches = new TaskHubAdministration(host).CheckReplays();
        foreach (ReplayMismatch mismatch in mismatches)
            await Console.Out.WriteLineAsync($"{mismatch.InstanceId} ({mismatch.Name}): {mismatch.Reason}");
        await Console.Out.WriteLineAsync(Summary(live, mismatches.Count, unjudged: 0));
        return mismatches.Count == 0 ? AllMatch : SomeDiffer;
    }

    private static async Task<int> ReportAsync(IAsyncEnumerable<ReplayVerdict> verdicts)
    {
        (int live, int differing, int unjudged) = (0, 0, 0);
        await foreach (ReplayVerdict verdict in verdicts)
        {
            live++;
            differing += verdict.Mismatch is null ? 0 : 1;
            unjudged += verdict.Unjudged is null ? 0 : 1;
            if ((verdict.Mismatch ?? (verdict.Unjudged is { } why ? $"cannot be judged: {why}." : null)) is { } said)
                await Console.Out.WriteLineAsync($"{verdict.InstanceId} ({verdict.Name}): {said}");
        }
        await Console.Out.WriteLineAsync(Summary(live, differing, unjudged));
        return differing > 0 ? SomeDiffer : unjudged > 0 ? CannotTell : AllMatch;
    }

    private static string Summary(int live, int differing, int unjudged) => (differing, unjudged) switch
    {
        (0, 0) => $"This build goes on with all live orchestrations ({live}).",
        (_, 0) => $"This build does not go on with {differing} of {live} live orchestrations.",
        (0, _) => $"{unjudged} of {live} live orchestrations cannot be judged; this build goes on with the others.",
        _ => $"This build does not go on with {differing} of {live} live orchestrations, and {unjudged} cannot be judged.",
    };
}
