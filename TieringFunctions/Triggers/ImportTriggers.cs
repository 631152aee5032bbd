using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tiering.Core;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>
/// Registers many projects at once: one JSON object a line in, one result a line out, in the same order, and a line with the sums at the
/// end. Memory and transactions stay small however many lines come; a line that is refused stops nothing, and repeating all of it is safe.
/// </summary>
public sealed class ImportTriggers(IProjectRegister register, IAudit audit, TimeProvider time)
{
    private const int RowsInOneCommit = 500;
    private const int LongestLine = 64 * 1024;

    [Function("project-import")]
    [Query("dryRun", Action = AuditActions.Import)]
    public async Task<IResult> ImportAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/import")] HttpRequest request,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Import, Project: null).Note(request);
        bool dryRun = ApiRequest.Query(request, "dryRun") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new InvalidFieldException("dryRun", "must be true or false"),
        };
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null; // lines are taken one by one: their number needs no limit

        // Results wait in a file until all has been read: many clients read nothing before they have sent everything.
        FileStream results = Spool();
        try
        {
            ImportSummary summary = await ImportAsync(request, results, dryRun, cancellation);
            await WriteAsync(results, summary, cancellation);
            results.Position = 0;
            return TypedResults.Stream(results, "application/x-ndjson");
        }
        catch
        {
            await results.DisposeAsync();
            throw;
        }
    }

    private async Task<ImportSummary> ImportAsync(HttpRequest request, FileStream results, bool dryRun, CancellationToken cancellation)
    {
        Caller caller = request.Caller();
        ImportSummary summary = new(dryRun, 0, 0, 0, 0);
        List<(string? Slug, ProjectRegistration? Registration, TieringException? Fault)> batch = [];
        long row = 0;
        await foreach (byte[] line in LinesAsync(request.BodyReader, cancellation))
        {
            batch.Add(Parse(line));
            if (batch.Count == RowsInOneCommit)
                await FlushAsync();
        }
        await FlushAsync();
        if (!dryRun && row > 0)
        {
            string detail = $"{row} lines: {summary.New} new, {summary.Same} the same, {summary.Changed} changed, {summary.Refused} refused";
            await audit.RecordAsync(new AuditEntry(time.GetUtcNow(), caller.Name, AuditActions.Import, AuditOutcomes.Succeeded) { From = caller.From, Detail = detail }, CancellationToken.None);
        }
        return summary;

        async Task FlushAsync()
        {
            List<ProjectRegistration> registrations = [.. batch.Select(item => item.Registration).OfType<ProjectRegistration>()];
            Queue<Registered> registered = new(registrations.Count == 0 ? [] : await register.RegisterAsync(registrations, dryRun, caller, cancellation));
            foreach ((string? slug, ProjectRegistration? registration, TieringException? fault) in batch)
            {
                Registered result = registration is null ? new Registered(RegistrationResult.Refused, Project: null, fault) : registered.Dequeue();
                summary = summary.With(result.Result);
                await WriteAsync(results, new ImportResult(++row, slug, result.Result, result.Refusal?.Code, result.Refusal?.Message), cancellation);
            }
            batch.Clear();
        }
    }

    private static (string? Slug, ProjectRegistration? Registration, TieringException? Fault) Parse(byte[] line)
    {
        string? slug = null;
        try
        {
            JsonFields fields = JsonFields.Parse(line, "line", RegistrationFields.Names);
            slug = fields.Text("slug");
            return (slug, RegistrationFields.Read(fields), null);
        }
        catch (TieringException fault)
        {
            return (slug, null, fault);
        }
    }

    /// <summary>Lines that are not blank, without their ends.</summary>
    private static async IAsyncEnumerable<byte[]> LinesAsync(PipeReader reader, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                byte[] line = rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
                if (line.AsSpan().Trim(" \t\r"u8).Length > 0)
                    yield return line;
            }
            if (rest.Length > LongestLine)
                throw new InvalidFieldException("body", $"must have lines of at most {LongestLine / 1024} KiB");
            if (read.IsCompleted)
            {
                byte[] last = rest.ToArray();
                reader.AdvanceTo(read.Buffer.End); // a read that is left open makes the server complain once the answer is sent
                if (last.AsSpan().Trim(" \t\r"u8).Length > 0)
                    yield return last;
                yield break;
            }
            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    private static FileStream Spool() => new(
        Path.Combine(Path.GetTempPath(), $"tiering-import-{Guid.NewGuid():N}"),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            UnixCreateMode = AtomicFile.Private,
        });

    private static async Task WriteAsync<T>(FileStream results, T line, CancellationToken cancellation)
    {
        await results.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, TieringJson.Options), cancellation);
        results.WriteByte((byte)'\n');
    }
}

/// <param name="Row">Which line, from 1; blank ones do not count.</param>
/// <param name="Slug">The project, where the line names one.</param>
/// <param name="Result">NEW, SAME, CHANGED or REFUSED.</param>
/// <param name="Code">Why it was refused, for programs; null otherwise.</param>
/// <param name="Reason">Why it was refused, for people; null otherwise.</param>
public sealed record ImportResult(long Row, string? Slug, RegistrationResult Result, string? Code, string? Reason);

/// <summary>The last line.</summary>
public sealed record ImportSummary(bool DryRun, long New, long Same, long Changed, long Refused)
{
    public ImportSummary With(RegistrationResult result) => result switch
    {
        RegistrationResult.New => this with { New = New + 1 },
        RegistrationResult.Same => this with { Same = Same + 1 },
        RegistrationResult.Changed => this with { Changed = Changed + 1 },
        _ => this with { Refused = Refused + 1 },
    };
}
