using System.Diagnostics;
using Tiering.Cli.Api;
using Tiering.Cli.Commands;

namespace Tiering.Cli.Showcase;

/// <summary>Keeps the service, and Azurite and the emulated file share where they are needed, running: starts them, starts them again when they die, ends them.</summary>
public sealed class Supervisor : IAsyncDisposable
{
    private const int DeathsInARow = 5;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LackShown = TimeSpan.FromSeconds(5); // a start on a busy machine lacks this and that for a moment
    private static readonly TimeSpan LackLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CalmTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LateTick = TimeSpan.FromSeconds(3); // a look at AzCopy may start it

    private readonly ShowcaseOptions _options;
    private readonly ServiceSettings _settings;
    private readonly Action<string> _say;
    private readonly AzuriteProgram _azurite;
    private readonly EmulatorsProgram _emulators;
    private readonly ChildProgram _service;
    private readonly string _program;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;
    private Task _lateReadiness = Task.CompletedTask;
    private volatile bool _hasStarted;

    public Supervisor(ShowcaseOptions options, ServiceSettings settings, Action<string> say)
    {
        (_options, _settings, _say) = (options, settings, say);
        _azurite = new AzuriteProgram(options, say);
        _emulators = new EmulatorsProgram(options, say);
        _program = Path.Combine(options.Root, "TieringFunctions", "bin", "Release", "net10.0", "TieringFunctions");
        _service = new ChildProgram("service", options.Data, _program);
    }

    public string ServiceLog => _service.LogPath;

    /// <summary>
    /// Starts everything. When this returns the service is ready; with <c>--serve</c> it may also lack something, an AzCopy say, which
    /// then was said: it works without, and what is missing can be brought while it runs.
    /// </summary>
    /// <exception cref="CliException">Something does not start; or the showcase lacks what it needs.</exception>
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
        _hasStarted = true;
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
        await Task.WhenAll(_watch, _lateReadiness).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
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
        Stopwatch lacking = new(); // since it answered first
        string? said = null;
        while (true)
        {
            if (_watch.IsFaulted)
                await _watch;
            await Task.Delay(said is null ? Tick : CalmTick, cancellation);
            Readiness found = await api.FindReadinessAsync(cancellation);
            if (found.Lack is not { } lack)
                return;
            if (found.Answers && !lacking.IsRunning)
                lacking.Start();
            if (waiting.Elapsed > AnswerLimit || lacking.Elapsed > LackLimit)
                throw new CliException(ExitCode.Failed, $"The service is not ready after {waiting.Elapsed.TotalSeconds:0} s: {lack} Its log is {ServiceLog}.");
            if (!found.Answers || lacking.Elapsed < LackShown || lack == said)
                continue;
            _say($"The service is not ready. {said = lack}");
            if (!_options.Serve)
                continue;
            _lateReadiness = SayWhenReadyAsync(said);
            return;
        }
    }

    /// <summary>Goes on looking what the service lacks, and says what has changed, until it is ready.</summary>
    private async Task SayWhenReadyAsync(string said)
    {
        using TieringApi api = new(_options.Address, token: null);
        while (true)
        {
            await Task.Delay(LateTick, _stop.Token);
            Readiness found = await api.FindReadinessAsync(_stop.Token);
            if (found.Lack is null)
                break;
            if (found.Answers && found.Lack != said)
                _say($"The service is not ready. {said = found.Lack}");
        }
        _say("The service is ready.");
    }

    private async Task WatchAsync()
    {
        Queue<long> deaths = new();
        while (true)
        {
            (string what, ChildProgram program) = await WaitForAnEndAsync();
            if (!_hasStarted && !program.WasKilled)
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
