using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tiering.Emulators.Requests;

/// <summary>
/// All requests, for tests to read: the last 200,000 that ended in memory and, when a file is given, every one as a line of JSON in the
/// order in which they ended. A request is recorded before the last byte of its answer leaves: who has an answer finds it here.
/// </summary>
public sealed class RequestLog : IDisposable
{
    private const int Kept = 200_000;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Lock _lock = new();
    private readonly Queue<RequestRecord> _ended = new();
    private readonly ConcurrentDictionary<long, RequestRecord> _active = new();
    private readonly FileStream? _file;
    private readonly List<Action<RequestRecord>> _waiting = [];
    private long _lastId;

    /// <param name="file">The file that the lines are appended to; null for memory only.</param>
    public RequestLog(string? file = null)
    {
        if (file is not null)
            _file = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>The requests that ended, in the order in which they ended.</summary>
    public IReadOnlyList<RequestRecord> Ended
    {
        get
        {
            lock (_lock)
                return [.. _ended];
        }
    }

    /// <summary>The requests under way, in the order of their beginning.</summary>
    public IReadOnlyList<RequestRecord> Active => [.. _active.Values.OrderBy(request => request.Id)];

    /// <summary>Forgets what ended; the file keeps it.</summary>
    public void Clear()
    {
        lock (_lock)
            _ended.Clear();
    }

    /// <summary>Waits until a request that ended fits, whether it ended before this call or later.</summary>
    /// <exception cref="TimeoutException">None did in time.</exception>
    public async Task<RequestRecord> WaitForAsync(Func<RequestRecord, bool> fits, TimeSpan limit)
    {
        TaskCompletionSource<RequestRecord> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(RequestRecord request)
        {
            if (fits(request))
                found.TrySetResult(request);
        }
        lock (_lock)
        {
            foreach (RequestRecord request in _ended)
                Look(request);
            _waiting.Add(Look);
        }
        try
        {
            return await found.Task.WaitAsync(limit);
        }
        finally
        {
            lock (_lock)
                _waiting.Remove(Look);
        }
    }

    public void Dispose() => _file?.Dispose();

    internal long NextId() => Interlocked.Increment(ref _lastId);

    internal void Begin(RequestRecord request) => _active[request.Id] = request;

    internal void EndRequest(RequestRecord request)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, Json), (byte)'\n'];
        lock (_lock)
        {
            _active.TryRemove(request.Id, out _);
            _file?.Write(line);
            _ended.Enqueue(request);
            if (_ended.Count > Kept)
                _ended.Dequeue();
            _waiting.ForEach(look => look(request));
        }
    }
}
