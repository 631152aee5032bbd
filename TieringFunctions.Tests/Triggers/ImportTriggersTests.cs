using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Tiering.Cli.Imports;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Triggers;
using Tiering.Tests.Support;

namespace Tiering.Tests.Triggers;

/// <summary>Imports of a hundred thousand rows: what is held at a time, and what a kill leaves.</summary>
public sealed class ImportTriggersTests
{
    private const int Rows = 100_000;

    [Test]
    public async Task Import_OfManyRows_HoldsFewAtATime()
    {
        EndlessLines body = new(Rows);
        CountingRegister register = new(body);
        ImportTriggers triggers = new(register, Substitute.For<IAudit>(), TimeProvider.System);
        DefaultHttpContext context = new() { RequestServices = new ServiceCollection().AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider() };
        context.Request.Body = body;
        LastLine answer = new();
        context.Response.Body = answer;

        await (await triggers.ImportAsync(context.Request, default)).ExecuteAsync(context);

        register.Batches.Should().OnlyContain(batch => batch <= 500).And.HaveCount(Rows / 500);
        register.MostAhead.Should().BeLessThan(10_000, "lines are read as they are registered");
        answer.Lines.Should().Be(Rows + 1);
        JsonSerializer.Deserialize<JsonElement>(answer.Last).GetProperty("new").GetInt64().Should().Be(Rows);
    }

    [Test]
    public void Read_OfManyRows_ReadsAsFarAsIsAsked([Values(".csv", ".jsonl")] string ending)
    {
        using TempFolder temp = new();
        string file = temp.At($"many{ending}");
        using (StreamWriter writer = new(file))
        {
            if (ending == ".csv")
                writer.WriteLine("slug,createdAt");
            for (int i = 0; i < Rows; i++)
                writer.WriteLine(ending == ".csv" ? $"p-{i:D6},2020-01-01" : $$"""{"slug":"p-{{i:D6}}","createdAt":"2020-01-01"}""");
        }
        long before = GC.GetAllocatedBytesForCurrentThread();

        ImportSource.Read(file, state: null).Take(100).Should().HaveCount(100);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(new FileInfo(file).Length, "the rest is not read");
        ImportSource.Read(file, state: null).Count().Should().Be(Rows);
    }

    [Test]
    public async Task Import_KilledInItsMidst_LeavesWholeBatchesAndIsCompletedByRepeatingIt()
    {
        const int Lines = 20_000;
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await using ServiceProcess service = await ServiceProcess.StartAsync(temp.Folder("data"), azurite);
        TaskCompletionSource killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IReadOnlyDictionary<string, long>?> first = ImportAsync(service, Lines, killed.Task);
        await service.WaitAsync(() => service.SendAsync(HttpMethod.Get, "/api/projects?limit=1"), page => page.GetProperty("items").GetArrayLength() > 0, "the first batch", everyMilliseconds: 2);
        await service.KillAsync();
        killed.SetResult();
        (await first).Should().BeNull("nobody has answered");
        await service.StartAgainAsync();
        long left = await CountAsync(service);

        IReadOnlyDictionary<string, long> second = (await ImportAsync(service, Lines))!;
        IReadOnlyDictionary<string, long> third = (await ImportAsync(service, Lines))!;

        left.Should().BeInRange(500, Lines / 2);
        (left % 500).Should().Be(0, "a batch is registered whole or not at all");
        second.Should().Contain("new", Lines - left).And.Contain("same", left).And.Contain("refused", 0);
        third.Should().Contain("new", 0).And.Contain("same", Lines);
        (await CountAsync(service)).Should().Be(Lines);
    }

    /// <returns>The sums; null when the connection was lost.</returns>
    private static async Task<IReadOnlyDictionary<string, long>?> ImportAsync(ServiceProcess service, int lines, Task? beforeTheLastHalf = null)
    {
        using StreamContent body = new(new EndlessLines(lines) { BeforeTheLastHalf = beforeTheLastHalf ?? Task.CompletedTask });
        try
        {
            using HttpResponseMessage response = await service.Http.PostAsync("/api/projects/import", body);
            response.EnsureSuccessStatusCode();
            string[] answer = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return JsonSerializer.Deserialize<JsonElement>(answer[^1]).EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number)
                .ToDictionary(field => field.Name, field => field.Value.GetInt64(), StringComparer.Ordinal);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<long> CountAsync(ServiceProcess service)
    {
        long count = 0;
        for (string? continuation = ""; continuation is not null;)
        {
            JsonElement page = await service.SendAsync(HttpMethod.Get, $"/api/projects?limit=1000{(continuation.Length == 0 ? "" : $"&after={Uri.EscapeDataString(continuation)}")}");
            count += page.GetProperty("items").GetArrayLength();
            continuation = page.TryGetProperty("continuation", out JsonElement more) ? more.GetString() : null;
        }
        return count;
    }

    /// <summary>JSON Lines that are made as they are read.</summary>
    private sealed class EndlessLines(int rows) : Stream
    {
        private byte[] rest = [];

        public int Made { get; private set; }

        public Task BeforeTheLastHalf { get; init; } = Task.CompletedTask;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (rest.Length == 0 && Made < rows)
                rest = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"slug\":\"p-{Made++:D6}\",\"createdAt\":\"2020-01-01\",\"runs\":[{{\"id\":\"r\",\"end\":\"2020-02-01\"}}]}}\n"));
            int taken = Math.Min(rest.Length, buffer.Length);
            rest.AsSpan(0, taken).CopyTo(buffer);
            rest = rest[taken..];
            return taken;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Made >= rows / 2)
                await BeforeTheLastHalf.WaitAsync(cancellationToken);
            return Read(buffer.Span);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>Takes everything, and notes how many lines were made that nobody had registered yet.</summary>
    private sealed class CountingRegister(EndlessLines lines) : IProjectRegister
    {
        private int registered;

        public List<int> Batches { get; } = [];

        public int MostAhead { get; private set; }

        public Task<IReadOnlyList<Registered>> RegisterAsync(IReadOnlyList<ProjectRegistration> registrations, bool dryRun, Caller caller, CancellationToken cancellation)
        {
            MostAhead = Math.Max(MostAhead, lines.Made - registered);
            registered += registrations.Count;
            Batches.Add(registrations.Count);
            return Task.FromResult<IReadOnlyList<Registered>>([.. registrations.Select(_ => new Registered(RegistrationResult.New, Project: null))]);
        }

        public Task<IReadOnlyList<ProjectRun>> ListRunsAsync(ProjectSlug project, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<Project> PutRunAsync(ProjectSlug project, ProjectRun run, Caller caller, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<Project> RemoveRunAsync(ProjectSlug project, string run, Caller caller, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<Project> PinAsync(ProjectSlug project, DateOnly? until, string? reason, Caller caller, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<Project> UnpinAsync(ProjectSlug project, Caller caller, CancellationToken cancellation) => throw new NotSupportedException();
    }

    /// <summary>Counts the lines of an answer and keeps the last one.</summary>
    private sealed class LastLine : Stream
    {
        private readonly List<byte> open = [];

        public int Lines { get; private set; }

        public string Last { get; private set; } = "";

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            foreach (byte one in buffer)
            {
                if (one != (byte)'\n')
                {
                    open.Add(one);
                    continue;
                }
                Last = Encoding.UTF8.GetString([.. open]);
                Lines++;
                open.Clear();
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
