using System.Diagnostics;
using Tiering.Cli.Api;
using Tiering.Cli.Commands;

namespace Tiering.Cli.Showcase;

/// <summary>Keeps the service, and Azurite and the emulated file share where they are needed, running: starts them, starts them again when they die, ends them.</summary>
public sealed class Supervisor : IAsyncDisposable
{
    private const int DeathsInARow = 5;
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly ShowcaseOptions _options;
    private readonly ServiceSettings _settings;
    private readonly Action<string> _say;
    private readonly AzuriteProgram _azurite;
    private readonly EmulatorsProgram _emulators;
    private readonly ChildProgram _service;
    private readonly string _program;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;
    private volatile bool _wasReady;

    public Supervisor(ShowcaseOptions options, ServiceSettings settings, Action<string> say)
    {
        (_options, _settings, _say) = (options, settings, say);
        _azurite = new AzuriteProgram(options, say);
        _emulators = new EmulatorsProgram(options, say);
        _program = Path.Combine(options.Root, "TieringFunctions", "bin", "Release", "net10.0", "TieringFunctions");
        _service = new ChildProgram("service", options.Data, _program);
    }

    public string ServiceLog => _service.LogPath;

    /// <summary>Starts everything; the service is ready when this returns.</summary>
    /// <exception cref="CliException">Something does not start.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_options.HotFolder);
        if (_service.TryAdopt())
        {
            _say("Ending the service that an earlier run left behind.");
            await _service.StopAsync(Grace);
        }
        if (!Ports.IsFree(_options.Port))
            throw new CliException(ExitCode.Usage, $"Port {_options.Port} is taken by another program. Choose another with --port N.");
        if (_settings.NeedsAzurite)
            await StartStorageAsync(cancellation);
        StartService();
        _watch = WatchAsync();
        await WaitUntilReadyAsync(cancellation);
        _wasReady = true;
    }

    /// <summary>Runs <paramref name="work"/> as long as the service can be kept running.</summary>
    /// <exception cref="CliException">It cannot.</exception>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<T> running = work(end.Token);
        if (await Task.WhenAny(running, _watch) == running)
            return await running;
        await end.CancelAsync();
        await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default); // its own failure is only a consequence
        await _watch;
        throw new UnreachableException("The watch ends only by a failure while there is work.");
    }

    public TieringApi Connect(Func<string, string?> variable) =>
        new(_options.Address, variable("TIERING_TOKEN") ?? TokenFile.Read(_options.Data));

    /// <summary>Ends the service, then the storage. Agents are left alone: a transfer under way goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _service.StopAsync(Grace);
        await _emulators.StopAsync();
        await _azurite.StopAsync();
        _stop.Dispose();
    }

    private async Task StartStorageAsync(CancellationToken cancellation)
    {
        await _azurite.StartAsync(cancellation);
        _settings.SetBlobEndpoint(_azurite.Endpoint);
        if (_settings.NeedsEmulators)
            await StartEmulatorsAsync(cancellation);
    }

    private async Task StartEmulatorsAsync(CancellationToken cancellation)
    {
        await _emulators.StartAsync(_azurite.Endpoint, cancellation);
        _settings.SetFileEndpoint(_emulators.FileEndpoint);
        _settings.SetBlobEndpoint(_emulators.BlobEndpoint);
    }

    /// <summary>Starts what has ended again. What was told its old address is ended, and started again with the new one.</summary>
    private async Task RestartAsync(ChildProgram program)
    {
        (Uri azurite, Uri files, Uri blobs) = (_azurite.Endpoint, _emulators.FileEndpoint, _emulators.BlobEndpoint);
        if (program == _azurite.Program)
        {
            await _azurite.StartAsync(_stop.Token);
            if (!_settings.NeedsEmulators)
                _settings.SetBlobEndpoint(_azurite.Endpoint);
            else if (_azurite.Endpoint != azurite)
                await _emulators.StopAsync();
        }
        else if (program == _emulators.Program)
        {
            await StartEmulatorsAsync(_stop.Token);
        }
        bool moved = _settings.NeedsEmulators ? (_emulators.FileEndpoint, _emulators.BlobEndpoint) != (files, blobs) : _azurite.Endpoint != azurite;
        if (program == _service)
            StartService();
        else if (moved)
            await _service.StopAsync(Grace);
    }

    private void StartService() => _service.Start(_program, [], _settings.Environment);

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        using TieringApi api = new(_options.Address, token: null);
        Stopwatch waiting = Stopwatch.StartNew();
        string? reason = null;
        do
        {
            if (_watch.IsFaulted)
                await _watch;
            if (waiting.Elapsed > ReadyLimit)
                throw new CliException(ExitCode.Failed, $"The service is not ready after {ReadyLimit.TotalSeconds:0} s: {reason} Its log is {ServiceLog}.");
            await Task.Delay(Tick, cancellation);
            reason = await api.FindReasonNotReadyAsync(cancellation);
        }
        while (reason is not null);
    }

    private async Task WatchAsync()
    {
        Queue<long> deaths = new();
        while (true)
        {
            (string what, ChildProgram program) = await WaitForAnEndAsync();
            if (!_wasReady && !program.WasKilled)
                throw new CliException(ExitCode.Failed, $"{what} ended while it started ({program.Ending}); its log is {program.LogPath}:\n{program.LastLines(20)}");
            deaths.Enqueue(Stopwatch.GetTimestamp());
            if (deaths.Count > DeathsInARow && Stopwatch.GetElapsedTime(deaths.Dequeue()) < LongLife)
                throw new CliException(ExitCode.Failed, $"{what} ends again and again ({program.Ending}); its log is {program.LogPath}:\n{program.LastLines(20)}");
            _say($"{what} ended ({program.Ending}); starting it again.");
            await RestartAsync(program);
        }
    }

    private async Task<(string What, ChildProgram Program)> WaitForAnEndAsync()
    {
        List<(string What, ChildProgram Program)> running = [("The service", _service)];
        if (_settings.NeedsAzurite)
            running.Add(("Azurite", _azurite.Program));
        if (_settings.NeedsEmulators)
            running.Add(("The emulated file share", _emulators.Program));
        Task[] ends = [.. running.Select(child => child.Program.WaitForEndAsync(_stop.Token))];
        Task ended = await Task.WhenAny(ends);
        _stop.Token.ThrowIfCancellationRequested();
        return running[Array.IndexOf(ends, ended)];
    }
}
