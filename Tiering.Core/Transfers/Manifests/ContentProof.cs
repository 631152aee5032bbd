using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Compares contents by reading and hashing (MD5) both sides, several files at a time.</summary>
/// <param name="source">Where the copy was made from.</param>
/// <param name="destination">Where the copy lies.</param>
/// <param name="proof">Which files are read.</param>
/// <param name="options">How fast.</param>
public sealed class ContentProof(IProjectStore source, IProjectStore destination, Proof proof, ContentProofOptions options)
{
    private const int BufferBytes = 1 << 19;

    private readonly Throttle throttle = new(options.BytesPerSecond, options.Time);
    private long filesHashed;
    private long bytesHashed;
    private bool anyChosen;

    /// <summary>How many files were hashed on both sides, equal or not.</summary>
    public long FilesHashed => Interlocked.Read(ref filesHashed);

    /// <summary>The bytes of those files, counted once.</summary>
    public long BytesHashed => Interlocked.Read(ref bytesHashed);

    /// <summary>
    /// Reads what the proof asks for. Gives every entry of the manifest back, in order, completed with the MD5 that was measured at the
    /// source, or else with the one that the destination's store keeps. An MD5 that the manifest has already (a witness) must be the
    /// measured one too.
    /// </summary>
    /// <param name="manifest">In order.</param>
    /// <param name="copy">The inventory of the destination, in order; it names the versions that are read.</param>
    /// <param name="found">Takes every difference.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async IAsyncEnumerable<InventoryEntry> RunAsync(
        IAsyncEnumerable<InventoryEntry> manifest,
        IAsyncEnumerable<InventoryEntry> copy,
        Differences found,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using SemaphoreSlim slots = new(options.Parallel);
        Queue<Task<InventoryEntry>> window = new(); // results leave in the order of the manifest
        try
        {
            await foreach ((InventoryEntry? wanted, InventoryEntry? there) in EntryPairs.MergeAsync(manifest, copy, cancellation))
            {
                if (wanted is null)
                    continue; // the comparison of the inventories tells
                if (window.Count >= options.Parallel * 64)
                    yield return await window.Dequeue();
                window.Enqueue(there is null || !IsChosen(wanted)
                    ? Task.FromResult(wanted.Kind == EntryKind.File ? wanted with { Md5 = wanted.Md5 ?? there?.Md5 } : wanted)
                    : ProveInSlotAsync(wanted, there, found, slots, stop.Token));
                while (window.TryPeek(out Task<InventoryEntry>? next) && next.IsCompleted)
                    yield return await window.Dequeue();
            }
            while (window.TryDequeue(out Task<InventoryEntry>? next))
                yield return await next;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(window).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Whether a file is read whatever the proof asks for.</summary>
    public bool IsAlways(InventoryEntry entry) => entry.Kind == EntryKind.File && options.Always.Contains(entry.Path);

    private bool IsChosen(InventoryEntry entry)
    {
        if (entry.Kind != EntryKind.File)
            return false;
        if (IsAlways(entry))
            return true;
        if (proof.Mode == ProofMode.Sizes)
            return false;
        bool chosen = proof.Mode == ProofMode.Full || !anyChosen || Draw(entry.Path) < proof.SamplePercent; // a sample is never empty
        anyChosen |= chosen;
        return chosen;
    }

    // 0 to 99, the same for the same seed and path.
    private uint Draw(string path) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Seed}\0{path}"))) % 100;

    private async Task<InventoryEntry> ProveInSlotAsync(
        InventoryEntry wanted, InventoryEntry there, Differences found, SemaphoreSlim slots, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => ProveAsync(wanted, there, found, cancellation), cancellation);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<InventoryEntry> ProveAsync(InventoryEntry wanted, InventoryEntry there, Differences found, CancellationToken cancellation)
    {
        // A witness knows the version of another store; that the source did not change is checked by its inventories.
        Task<string?> left = HashAsync(source, wanted with { ETag = null }, "the source", found, cancellation);
        Task<string?> right = HashAsync(destination, there, "the copy", found, cancellation);
        await Task.WhenAll(left, right);
        if (await left is not { } md5 || await right is not { } copied)
            return wanted;
        Interlocked.Increment(ref filesHashed);
        Interlocked.Add(ref bytesHashed, wanted.Size);
        if (md5 != copied)
            found.Add(DifferenceClass.Md5, wanted.Path, $"the source has MD5 {md5}, the copy {copied}");
        if (wanted.Md5 is not null && wanted.Md5 != md5)
            found.Add(DifferenceClass.Md5, wanted.Path, $"the source has MD5 {md5}, its manifest {wanted.Md5}");
        if (there.Md5 is not null && there.Md5 != copied)
            found.Add(DifferenceClass.Md5, wanted.Path, $"the copy has MD5 {copied}, its store says {there.Md5}");
        return wanted with { Md5 = md5 };
    }

    // Null when the file is no longer what it was: then the difference is told.
    private async Task<string?> HashAsync(IProjectStore store, InventoryEntry entry, string side, Differences found, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using Stream content = await store.OpenReadAsync(entry, cancellation);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            long total = 0;
            for (int read = await content.ReadAsync(buffer, cancellation); read > 0; read = await content.ReadAsync(buffer, cancellation))
            {
                hash.AppendData(buffer, 0, read);
                total += read;
                options.Read?.Invoke(read);
                await throttle.WaitAsync(read, cancellation);
            }
            if (total == entry.Size)
                return Convert.ToBase64String(hash.GetHashAndReset());
            found.Add(DifferenceClass.Size, entry.Path, FormattableString.Invariant($"{side} gave {total} bytes, not {entry.Size}"));
        }
        catch (EntryChangedException changed)
        {
            found.Add(DifferenceClass.Version, entry.Path, $"{side} {changed.What}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return null;
    }
}

/// <summary>How fast contents are read.</summary>
public sealed record ContentProofOptions
{
    /// <summary>How many files are read at a time; each is read on both sides.</summary>
    public int Parallel { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Upper bound of the bytes read in a second, both sides together; null for none.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Files that are read whatever the proof asks for.</summary>
    public IReadOnlySet<string> Always { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Chooses the sample: the same seed always chooses the same paths.</summary>
    public string Seed { get; init; } = "";

    /// <summary>Called with the bytes that were just read, from several threads, so that a long proof is seen to be alive.</summary>
    public Action<long>? Read { get; init; }

    /// <summary>The clock of the upper bound.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
