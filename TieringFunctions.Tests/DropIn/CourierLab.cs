using Microsoft.Extensions.Logging.Abstractions;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Emulators.Euphrosyne;
using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>The courier with a real outbox and the emulated client, and a clock that the test moves.</summary>
internal sealed class CourierLab : IAsyncDisposable
{
    public const string Secret = "s";
    private readonly TempFolder folder = new();
    private readonly SqliteDatabase database;

    private CourierLab(EuphrosyneEmulator client, string? url)
    {
        Client = client;
        Dictionary<string, string?> settings = new(StringComparer.Ordinal) { ["EUPHROSYNE_BACKEND_URL"] = url ?? client.Url, ["JWT_SECRET_KEY"] = Secret };
        database = new SqliteDatabase(folder.At("tiering.db"));
        Outbox = new SqliteOutbox(database, Time);
        Catalogue = new SqliteCatalogue(database, Time, dropIn: true);
        Backend = new BackendSettings(name => settings.GetValueOrDefault(name));
        Answers = new AnswersUnderWay(Time);
        Http = new EuphrosyneClient(Backend, EuphrosyneClient.CreateHttp(), TimeProvider.System);
        Courier = new ResultCourier(Outbox, Catalogue, Http, Backend, Answers, Time, NullLogger<ResultCourier>.Instance);
        Settings = settings;
    }

    public Dictionary<string, string?> Settings { get; }

    public EuphrosyneEmulator Client { get; }

    public ManualTime Time { get; } = new(DateTimeOffset.UtcNow);

    public SqliteOutbox Outbox { get; }

    public SqliteCatalogue Catalogue { get; }

    public BackendSettings Backend { get; }

    public AnswersUnderWay Answers { get; }

    public EuphrosyneClient Http { get; }

    public ResultCourier Courier { get; }

    /// <param name="url">Where the client is said to be; null for where it is.</param>
    /// <param name="skew">How far the client's clock is ahead.</param>
    public static async Task<CourierLab> StartAsync(string? url = null, TimeSpan skew = default) =>
        new(await EuphrosyneEmulator.StartAsync(new EuphrosyneOptions { Secret = Secret, ClockSkew = skew }), url);

    /// <summary>An operation that has ended, its result in the outbox, the client waiting for it.</summary>
    public async Task<OutboxMessage> OweAsync(string slug = "demo", bool waited = true, OperationError? error = null)
    {
        OperationKey key = new(ProjectSlug.Parse(slug), OperationType.Cool, Guid.NewGuid());
        Client.Model.Put(new ClientOperation(key.Id, slug, "COOL", DateTimeOffset.UtcNow) { Status = "RUNNING" });
        Client.Model.Put(slug, "COOLING");
        await Catalogue.AcceptAsync(new OperationRequest(key, "euphrosyne"), default);
        DataSize size = new(7, 5_000_000_000);
        await Catalogue.FinishAsync(key, error is null ? new OperationOutcome { Total = size, Copied = size, Proof = "full" } : new OperationOutcome { Error = error }, default);
        if (waited)
            Time.Advance(TimeSpan.FromSeconds(6));
        return (await Outbox.ListPendingAsync(key, default)).Single();
    }

    public Task<DateTimeOffset?> DeliverAsync(OutboxMessage message) => Courier.DeliverAsync(message.Sequence, message.Round, default);

    public async Task<OutboxMessage> FindAsync(OutboxMessage message) => (await Outbox.FindAsync(message.Sequence, default))!;

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await Client.DisposeAsync();
        folder.Dispose();
    }
}
