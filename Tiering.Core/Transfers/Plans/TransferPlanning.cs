using System.Runtime.CompilerServices;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Plans;

/// <summary>What a plan is made from.</summary>
/// <param name="Job">The job that an agent would get.</param>
/// <param name="Source">Opened for reading.</param>
/// <param name="Destination">Opened for reading.</param>
/// <param name="Folder">An empty folder of this machine for what does not fit into memory.</param>
/// <param name="Witness">The manifest that the source has to agree with, as a file; null for none.</param>
/// <param name="Known">The manifests that explain what lies at the destination, as files.</param>
public sealed record PlanningInputs(
    TransferJob Job, IProjectStore Source, IProjectStore Destination, string Folder, string? Witness, IReadOnlyList<string> Known);

/// <summary>
/// Goes through both sides as an agent would before it copies, by the same rules, and adds up what it finds. Reads only; what it finds wrong
/// it collects, where an agent would stop.
/// </summary>
public sealed class TransferPlanning(PlanningInputs inputs, StorageSettings storage, AzCopyOptions azCopy, AgentPlace place, CostSettings costs, TimeProvider clock)
{
    private readonly TransferJob job = inputs.Job;
    private readonly List<OperationError> refusals = [];
    private Func<ReplacedData?, CostEstimate>? costWith;

    private string SourcePath => Path.Combine(inputs.Folder, JobFiles.Source);

    private string DestinationPath => Path.Combine(inputs.Folder, "destination.jsonl.gz");

    private ManifestHeader Header(LocationKind kind) => new(job.Operation.Project, job.Operation, kind, clock.GetUtcNow());

    /// <param name="past">Operations of the same type that succeeded.</param>
    /// <param name="daysCool">How many whole days what lies at COOL has lain there; null when that is not known.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="StoreUnavailableException">A store did not answer; trying again may help.</exception>
    public async Task<TransferPlan> RunAsync(IEnumerable<PastTransfer> past, int? daysCool, CancellationToken cancellation)
    {
        TransferPlan plan = new(job.Operation.Project, job.Operation.Type, clock.GetUtcNow(), job.Source.Kind, job.Destination.Kind);
        try
        {
            plan = await WithSourceAsync(plan, past, daysCool, cancellation);
            refusals.AddRange(await new CopyObstacles(job, azCopy, place, storage.SignsIn).FindAsync(plan.Total ?? default, ManifestAsync(cancellation), cancellation));
            plan = await WithDestinationAsync(plan, daysCool, cancellation);
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            refusals.Add(new OperationError(refused.Code, refused.Message));
        }
        if (plan.Cost is { } cost && job.CostVeto is { } veto && CostModel.FindVeto(cost, veto.Months) is { } dear)
            refusals.Add(dear);
        return plan with { Refusals = refusals };
    }

    private async Task<TransferPlan> WithSourceAsync(TransferPlan plan, IEnumerable<PastTransfer> past, int? daysCool, CancellationToken cancellation)
    {
        Differences refused = new(TransferPlan.MostNames);
        DataSize found = await TakeSourceAsync(refused, cancellation);
        if (refused.Any)
            refusals.Add(TransferFailedException.Of("not-representable", "The source holds what the destination cannot hold", refused).Error with { Details = null });
        if (job.Expected is { } expected && expected != found)
            refusals.Add(new OperationError("expectation-mismatch", $"The source holds {found}; the request expected {expected}."));
        if (inputs.Witness is not null)
            await CompareWithWitnessAsync(inputs.Witness, cancellation);

        (LocationKind hot, LocationKind cool) = job.Operation.Type == OperationType.Cool
            ? (job.Source.Kind, job.Destination.Kind)
            : (job.Destination.Kind, job.Source.Kind);
        TransferSurvey survey = SurveyOf(job.Source.Kind, job.Destination.Kind, cool);
        TransferSurvey back = SurveyOf(job.Destination.Kind, job.Source.Kind, cool);
        await foreach (InventoryEntry entry in ManifestAsync(cancellation))
        {
            survey.Add(entry);
            back.Add(entry);
        }
        Proof standard = storage.ProofFor(survey.Size);
        Proof proof = job.Proof ?? standard;
        DateOnly today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        costWith = replaced => job.Operation.Type == OperationType.Cool
            ? CostModel.Cool(survey, hot, cool, proof, costs.Prices, today, new WayBack(back, standard), replaced)
            : CostModel.Restore(survey, hot, cool, proof, costs.Prices, daysCool);
        return plan with
        {
            Total = survey.Size,
            Folders = survey.Folders,
            Links = survey.Links,
            NotRepresentable = ByRule(refused),
            Proof = proof.ToString(),
            Duration = DurationModel.Estimate(survey.Size, proof, new DurationBounds(azCopy.Caps.CapAt(clock.GetUtcNow()), storage.ProofBytesPerSecond), past),
            Cost = costWith(null),
        };
    }

    private TransferSurvey SurveyOf(LocationKind source, LocationKind destination, LocationKind cool) => new(
        source, destination, costs.Prices.Cool.For(cool).MinimumObjectBytes, CopyBlocks.SizeBytes(source, destination, azCopy.Caps.Lowest));

    /// <summary>Lists the source into a file. What cannot be moved is counted, and left out of the file.</summary>
    private async Task<DataSize> TakeSourceAsync(Differences refused, CancellationToken cancellation)
    {
        NameRules rules = new(job.Destination, job.Source.Kind);
        await using ManifestWriter writer = ManifestWriter.Create(SourcePath, Header(job.Source.Kind));
        await foreach (InventoryEntry entry in inputs.Source.ListAsync(cancellation))
        {
            if (rules.Check(entry, refused))
                await writer.WriteAsync(entry, cancellation);
        }
        return (await writer.CompleteAsync(cancellation)).Size;
    }

    private async Task CompareWithWitnessAsync(string witness, CancellationToken cancellation)
    {
        Differences differences = new();
        await InventoryComparison.CompareCopyAsync(
            ManifestReader.ReadAsync(witness, cancellation), ManifestReader.ReadAsync(SourcePath, cancellation), CopyRules.For(job.Source.Kind), differences, cancellation);
        if (job.CertifiedRoot is { } certified && (await ManifestReader.VerifyAsync(witness, cancellation)).Root != certified)
            refusals.Add(new OperationError("witness-contradicted", "The manifest of the COOL is not the one that its certificate names."));
        if (differences.Any)
            refusals.Add(TransferFailedException.Of("source-differs", "The source is not what its manifest says", differences).Error);
    }

    private async Task<TransferPlan> WithDestinationAsync(TransferPlan plan, int? daysCool, CancellationToken cancellation)
    {
        Differences unknown = new(TransferPlan.MostNames);
        long leftovers = await TakeDestinationAsync(unknown, cancellation);
        PlannedRemoval removal = await FindRemovalsAsync(unknown, cancellation);
        if (unknown.Any)
        {
            refusals.Add(TransferFailedException.Of(
                "destination-not-explained", "The destination holds what no manifest of this project explains", unknown).Error with { Details = null });
        }
        if (plan.Total is { } total && await FindLackOfRoomAsync(total, leftovers, cancellation) is { } lack)
            refusals.Add(lack);
        ReplacedData replaced = await ReplacedData.OfAsync(
            ManifestReader.ReadAsync(DestinationPath, cancellation), costs.Prices.Cool.For(job.Destination.Kind), daysCool);
        return plan with
        {
            Cost = costWith?.Invoke(replaced),
            Present = await FindPresentAsync(cancellation),
            Removed = removal,
            NotExplained = unknown.Any ? new RefusedNames("no manifest of this project explains it", unknown.Count, TransferPlan.First(unknown.First.Select(one => one.Path), path => path)) : null,
        };
    }

    private Task<OperationError?> FindLackOfRoomAsync(DataSize total, long leftovers, CancellationToken cancellation) => new DestinationRoom(job.Destination, azCopy.Downloads)
        .FindLackAsync(total.Bytes, ManifestAsync(cancellation), ManifestReader.ReadAsync(DestinationPath, cancellation), leftovers, cancellation);

    /// <returns>How many bytes an AzCopy that was ended has left there.</returns>
    private async Task<long> TakeDestinationAsync(Differences unknown, CancellationToken cancellation)
    {
        long bytes = 0;
        await using ManifestWriter writer = ManifestWriter.Create(DestinationPath, Header(job.Destination.Kind));
        await foreach (InventoryEntry entry in ListDestinationAsync(cancellation))
        {
            if (entry.Kind == EntryKind.Other)
                unknown.Add(DifferenceClass.Extra, entry.Path, entry.Refusal ?? "cannot be there");
            else if (AzCopyLeftovers.IsOf(entry, job.EarlierAzCopyJobs))
                bytes += entry.Size;
            else
                await writer.WriteAsync(entry, cancellation);
        }
        await writer.CompleteAsync(cancellation);
        return bytes;
    }

    /// <summary>A container that the first COOL makes is empty.</summary>
    private async IAsyncEnumerable<InventoryEntry> ListDestinationAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using IAsyncEnumerator<InventoryEntry> entries = Presence.Of(inputs.Destination.ListAsync(cancellation), cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await entries.MoveNextAsync())
                    yield break;
            }
            catch (StoreUnavailableException missing) when (missing.IsRootMissing && job.Destination.Kind == LocationKind.Blob)
            {
                yield break;
            }
            yield return entries.Current;
        }
    }

    private DestinationClaims Claims(CancellationToken cancellation) => new(
        [.. inputs.Known.Select(known => ManifestReader.ReadAsync(known, cancellation))],
        (there, then) => DestinationPlan.IsSameAsync(inputs.Destination, there, then, cancellation))
    {
        IsWhatComes = (there, coming) => DestinationPlan.HoldsSameAsync(inputs.Destination, there, inputs.Source, coming with { ETag = null }, cancellation),
    };

    private async Task<PlannedRemoval> FindRemovalsAsync(Differences unknown, CancellationToken cancellation)
    {
        DataSize size = default;
        long folders = 0;
        long links = 0;
        List<string> names = [];
        IAsyncEnumerable<InventoryEntry> removals = DestinationPlan.ToRemoveAsync(
            ManifestReader.ReadAsync(DestinationPath, cancellation),
            ManifestAsync(cancellation),
            Claims(cancellation),
            unknown,
            cancellation);
        await foreach (InventoryEntry entry in removals)
        {
            if (entry.Kind == EntryKind.File)
                size += new DataSize(1, entry.Size);
            else if (entry.Kind == EntryKind.Folder)
                folders++;
            else
                links++;
            if (names.Count < TransferPlan.MostNames)
                names.Add(entry.Path);
        }
        return new PlannedRemoval { Size = size, Folders = folders, Links = links, Names = TransferPlan.First(names, name => name) };
    }

    private async Task<DataSize> FindPresentAsync(CancellationToken cancellation)
    {
        DataSize present = default;
        await foreach ((InventoryEntry? coming, InventoryEntry? there) in EntryPairs.MergeAsync(
            ManifestAsync(cancellation), ManifestReader.ReadAsync(DestinationPath, cancellation), cancellation))
        {
            bool isPresent = coming is { Kind: EntryKind.File } && there is { Kind: EntryKind.File } && coming.Size == there.Size
                && (coming.Md5 is null || there.Md5 is null || coming.Md5 == there.Md5);
            if (isPresent)
                present += new DataSize(1, coming!.Size);
        }
        return present;
    }

    /// <summary>What is to be at the destination: what the witness holds, else what the source holds.</summary>
    private IAsyncEnumerable<InventoryEntry> ManifestAsync(CancellationToken cancellation) =>
        ManifestReader.ReadAsync(inputs.Witness ?? SourcePath, cancellation);

    private static List<RefusedNames> ByRule(Differences refused)
    {
        IReadOnlyList<Difference> named = TransferPlan.First(refused.First, one => one.Path);
        List<RefusedNames> rules = [.. named.GroupBy(one => one.Detail, StringComparer.Ordinal)
            .Select(rule => new RefusedNames(rule.Key, rule.Count(), [.. rule.Select(one => one.Path)]))];
        long unnamed = refused.Count - named.Count;
        if (unnamed > 0)
            rules.Add(new RefusedNames("any of the rules; there are too many to name them all", unnamed, []));
        return rules;
    }
}
