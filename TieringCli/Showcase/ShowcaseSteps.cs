using System.Net;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>
/// The showcase of one project: place it, COOL, delete the hot copy, RESTORE, compare. Every step can be begun again after a crash at any
/// point: the state on disk says which step it was, and the service knows the operations by ids that were chosen before.
/// </summary>
public sealed class ShowcaseSteps
{
    /// <summary>The project is to go cool now, whenever it was made.</summary>
    private static readonly object Forced = new { force = true };
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly ShowcaseOptions _options;
    private readonly TieringApi _api;
    private readonly IAnsiConsole _console;
    private readonly ProjectSlug _slug;
    private readonly ShowcaseFiles _files;
    private readonly string _place;
    private readonly List<string> _differences = [];
    private OperationView? _cool;
    private OperationView? _restore;

    public ShowcaseSteps(ShowcaseOptions options, TieringApi api, IAnsiConsole console)
    {
        (_options, _api, _console) = (options, api, console);
        _slug = ProjectSlug.Parse(options.Project?.Slug ?? SampleProject.Slug);
        _files = new ShowcaseFiles(options.Data, _slug);
        _place = Path.Combine(options.HotFolder, _slug.Value);
    }

    public async Task<ShowcaseReport> RunAsync(CancellationToken cancellation)
    {
        ShowcaseState state = await BeginAsync(cancellation);
        while (state.Step != ShowcaseStep.Ended)
        {
            bool goesOn = await TryAsync(state, cancellation);
            state = state with { Step = goesOn ? state.Step + 1 : ShowcaseStep.Ended };
            _files.Write(state);
        }
        return await ReportAsync(state, cancellation);
    }

    private async Task<ShowcaseState> BeginAsync(CancellationToken cancellation)
    {
        ShowcaseState? known = _files.ReadState();
        if (known is { Step: not ShowcaseStep.Ended } && known.Given == _options.Project?.Folder && known.Hot == _options.Hot)
        {
            Say($"Going on with the run of {_slug} that was interrupted ({known.Step.ToString().ToLowerInvariant()}).");
            return known;
        }
        if (known is null && (Directory.Exists(_place) || await FindProjectAsync(cancellation) is not null))
            throw new CliException(ExitCode.Usage, $"There is a project {_slug} in {_options.Data} that was not put there by ./run. Choose another name, or another --data.");
        ShowcaseState state = new(_slug.Value, _options.Project?.Folder, Guid.NewGuid(), Guid.NewGuid(), ShowcaseStep.Preparing) { Hot = _options.Hot };
        _files.Write(state);
        return state;
    }

    /// <summary>Does a step; what the service refuses for good ends the showcase, so that the next one begins anew.</summary>
    private async Task<bool> TryAsync(ShowcaseState state, CancellationToken cancellation)
    {
        try
        {
            return await DoAsync(state, cancellation);
        }
        catch (RequestRefusedException refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
        {
            _differences.Add($"{state.Step}: {refusal.Message}");
            return false;
        }
    }

    /// <returns>False when the showcase ends here, with what went wrong among the differences.</returns>
    private Task<bool> DoAsync(ShowcaseState state, CancellationToken cancellation) => state.Step switch
    {
        ShowcaseStep.Preparing => PrepareAsync(state, cancellation),
        ShowcaseStep.Cooling => MoveAsync("cool", state.CoolId, view => _cool = view, cancellation),
        ShowcaseStep.Deleting => DeleteAsync(state, cancellation),
        ShowcaseStep.Restoring => MoveAsync("restore", state.RestoreId, view => _restore = view, cancellation),
        ShowcaseStep.Comparing => CompareAsync(cancellation),
        _ => throw new InvalidOperationException($"There is nothing to do in step {state.Step}."),
    };

    private async Task<bool> PrepareAsync(ShowcaseState state, CancellationToken cancellation)
    {
        await MakeHotAsync(cancellation);
        Say(state.Given is { } folder ? $"Copying {folder} ..." : "Making a sample project ...");
        await ProjectFolder.PlaceAsync(state.Given, _files.Draft, _place, _options.Hot, cancellation);
        FolderSnapshot snapshot = await FolderSnapshot.TakeAsync(_place, cancellation);
        if (state.Given is { } original)
        {
            _differences.AddRange((await FolderSnapshot.TakeAsync(original, cancellation)).Readable().Compare(snapshot.Readable()).Select(difference => $"the copy of {original}: {difference}"));
            if (_differences.Count > 0)
                return false;
        }
        if (_options.Hot == LocationKind.Share)
            await ProjectFolder.LoosenAsync(_place, cancellation);
        _files.Write(snapshot);
        Say($"Project {_slug}: {Texts.Size(snapshot.Size())} in {_place}");
        return true;
    }

    /// <summary>Registers the project as HOT; what an earlier showcase of it left in the catalogue is waited for, and forgotten.</summary>
    private async Task MakeHotAsync(CancellationToken cancellation)
    {
        while (await FindProjectAsync(cancellation) is { State: not LifecycleState.Hot } project)
        {
            try
            {
                if (project.State is not (LifecycleState.Cooling or LifecycleState.Restoring))
                    await Insist(() => DeleteProjectAsync(cancellation), cancellation);
            }
            catch (RequestRefusedException busy) when (busy.Status == HttpStatusCode.Conflict)
            {
                // An operation or a source deletion still holds it.
            }
            await Task.Delay(Tick, cancellation);
        }
        await Insist(() => _api.PostAsync<ProjectView>(ApiPaths.Projects, new { slug = _slug.Value, state = "HOT" }, idempotencyKey: null, cancellation), cancellation);
    }

    private async Task<bool> MoveAsync(string action, Guid id, Action<OperationView> keep, CancellationToken cancellation)
    {
        OperationView ended = await OperationProgress.ShowAsync(_console, $"{action.ToUpperInvariant()} {_slug}", async reporter =>
        {
            OperationWatch watch = Watch(reporter);
            Answer<OperationView> accepted = await watch.InsistAsync(
                () => _api.PostAsync<OperationView>(ApiPaths.ProjectAction(_slug.Value, action), action == "cool" ? Forced : null, id, cancellation), cancellation);
            return (await watch.WaitAsync(accepted.Value, cancellation)).Value;
        });
        keep(ended);
        _console.WriteOutcome(ended);
        if (ended.Status == OperationStatus.Succeeded)
            return true;
        _differences.Add($"{ended.TypeName} failed: {ended.Error?.Code}: {ended.Error?.Message}");
        return false;
    }

    private async Task<bool> DeleteAsync(ShowcaseState state, CancellationToken cancellation)
    {
        OperationView ended = await OperationProgress.ShowAsync(_console, $"Delete the hot copy of {_slug}", async reporter =>
        {
            OperationWatch watch = Watch(reporter);
            Answer<OperationView> accepted = await watch.InsistAsync(
                () => _api.PostAsync<OperationView>(ApiPaths.ProjectAction(_slug.Value, "delete-source"), new { operationId = state.CoolId }, idempotencyKey: null, cancellation), cancellation);
            return (await watch.WaitForDeletionAsync(accepted.Value, cancellation)).Value;
        });
        _cool = ended;
        _console.WriteDeletion(ended);
        if (ended.Deletion?.Status != DeletionStatus.Succeeded)
            _differences.Add($"Source deletion failed: {ended.Deletion?.Error?.Code}: {ended.Deletion?.Error?.Message}");
        else if (Directory.Exists(_place) && Directory.EnumerateFileSystemEntries(_place).Any())
            _differences.Add($"The hot copy was said to be deleted, and {_place} is not empty.");
        return _differences.Count == 0;
    }

    private async Task<bool> CompareAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(_place))
            _differences.AddRange(WhatHotKeeps(_files.ReadSnapshot()).Compare(WhatHotKeeps(await FolderSnapshot.TakeAsync(_place, cancellation))));
        else
            _differences.Add($"There is no folder {_place} after RESTORE.");
        return true;
    }

    /// <summary>A share has no POSIX modes: those of the folder behind the emulated one mean nothing.</summary>
    private FolderSnapshot WhatHotKeeps(FolderSnapshot snapshot) => _options.Hot == LocationKind.Share ? snapshot.WithoutModes() : snapshot;

    private async Task<ShowcaseReport> ReportAsync(ShowcaseState state, CancellationToken cancellation)
    {
        // After an interruption the earlier operations were not seen by this process.
        _cool ??= await FindOperationAsync(state.CoolId, cancellation);
        _restore ??= await FindOperationAsync(state.RestoreId, cancellation);
        DataSize size = _differences.Count > 0 && _cool is null ? default : _files.ReadSnapshot().Size();
        return new ShowcaseReport(
            _slug.Value,
            size.Files,
            size.Bytes,
            _differences.Count == 0,
            _differences,
            [.. new[] { _cool, _restore }.OfType<OperationView>().Select(ReportedOperation.Of)],
            _options.Address.GetLeftPart(UriPartial.Authority))
        {
            Hot = _options.Hot,
            Deletion = _cool?.Deletion is { Status: not DeletionStatus.NotRequested } deletion ? deletion : null,
        };
    }

    private OperationWatch Watch(OperationReporter reporter) => new(_api, patience: null) { Seen = reporter.See, Away = reporter.SeeService };

    // The supervisor starts the service again, or ends the whole run: until then every request may wait.
    private Task<T> Insist<T>(Func<Task<T>> request, CancellationToken cancellation) => new OperationWatch(_api, patience: null).InsistAsync(request, cancellation);

    private async Task<bool> DeleteProjectAsync(CancellationToken cancellation)
    {
        await _api.DeleteAsync(ApiPaths.Project(_slug.Value), cancellation);
        return true;
    }

    private Task<ProjectView?> FindProjectAsync(CancellationToken cancellation) => FindAsync<ProjectView>(ApiPaths.Project(_slug.Value), cancellation);

    private Task<OperationView?> FindOperationAsync(Guid id, CancellationToken cancellation) => FindAsync<OperationView>(ApiPaths.Operation(id), cancellation);

    private async Task<T?> FindAsync<T>(string path, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return (await Insist(() => _api.GetAsync<T>(path, cancellation), cancellation)).Value;
        }
        catch (RequestRefusedException none) when (none.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private void Say(string text) => _console.WriteLine(Terminal.Printable(text));
}
