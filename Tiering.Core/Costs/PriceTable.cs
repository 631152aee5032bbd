using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Costs;

/// <summary>
/// What storage costs, from a JSON file that the setting TIERING_PRICES names. Amounts are in <see cref="Currency"/>, requests are priced
/// by the 10,000 and capacity by the GiB (2^30 bytes) and month.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PriceTable
{
    private const decimal Dearest = 1_000_000;

    /// <summary>Where the prices hold: a region, and what else distinguishes them.</summary>
    public required string Region { get; init; }

    /// <summary>Three capital letters.</summary>
    public required string Currency { get; init; }

    /// <summary>When the prices were looked up.</summary>
    public required DateOnly Date { get; init; }

    public required RolePrices Hot { get; init; }

    public required RolePrices Cool { get; init; }

    /// <summary>
    /// List prices of East US 2, locally redundant, pay as you go: file shares in the hot tier, blobs hot and cool. A folder of a server has no list
    /// price; a middling one for a managed disk stands for it.
    /// </summary>
    public static PriceTable Default { get; } = new()
    {
        Region = "East US 2, LRS",
        Currency = "USD",
        Date = new DateOnly(2025, 6, 1),
        Hot = new RolePrices
        {
            Folder = new StorePrices { CapacityPerGiBMonth = 0.05m },
            Share = new StorePrices { CapacityPerGiBMonth = 0.0255m, WritesPer10000 = 0.065m, ReadsPer10000 = 0.0052m, ListsPer10000 = 0.065m },
            Blob = new StorePrices { CapacityPerGiBMonth = 0.0184m, WritesPer10000 = 0.05m, ReadsPer10000 = 0.004m, ListsPer10000 = 0.05m },
        },
        Cool = new RolePrices
        {
            Folder = new StorePrices { CapacityPerGiBMonth = 0.02m },
            Share = new StorePrices
            {
                CapacityPerGiBMonth = 0.015m, WritesPer10000 = 0.13m, ReadsPer10000 = 0.013m, ListsPer10000 = 0.065m, RetrievalPerGiB = 0.01m,
            },
            Blob = new StorePrices
            {
                CapacityPerGiBMonth = 0.01m, WritesPer10000 = 0.1m, ReadsPer10000 = 0.01m, ListsPer10000 = 0.05m, RetrievalPerGiB = 0.01m,
                MinimumObjectBytes = 128 * 1024, EarlyDeletionDays = 30,
            },
        },
    };

    /// <summary>Reads the table that the setting names; without one, <see cref="Default"/>.</summary>
    /// <param name="file">The setting's value; null or empty when it is not set.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or a field breaks its rule; the message names it.</exception>
    public static PriceTable Read(string? file)
    {
        if (string.IsNullOrWhiteSpace(file))
            return Default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file.Trim()));
            CheckNames(document.RootElement, TieringJson.Options.GetTypeInfo(typeof(PriceTable)), where: "");
            PriceTable table = document.RootElement.Deserialize<PriceTable>(TieringJson.Options)
                ?? throw new ConfigurationException("TIERING_PRICES names a file that holds no price table");
            table.Check();
            return table;
        }
        catch (JsonException wrong)
        {
            throw new ConfigurationException($"TIERING_PRICES names a file that is no price table: {wrong.Message}");
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException($"TIERING_PRICES names a file that cannot be read ({unread.GetType().Name})");
        }
    }

    /// <summary>Names with its whole place what is there twice, unknown or missing: the reader of JSON would take the last of two, and tells of the others without their place.</summary>
    private static void CheckNames(JsonElement given, JsonTypeInfo type, string where)
    {
        if (given.ValueKind != JsonValueKind.Object || type.Kind != JsonTypeInfoKind.Object)
            return;
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty field in given.EnumerateObject())
        {
            if (!seen.Add(field.Name))
                throw Wrong(where + field.Name, "must be there only once");
            JsonPropertyInfo known = type.Properties.FirstOrDefault(property => property.Name == field.Name)
                ?? throw Wrong(where + field.Name, "is no field of a price table");
            CheckNames(field.Value, TieringJson.Options.GetTypeInfo(known.PropertyType), $"{where}{field.Name}.");
        }
        if (type.Properties.FirstOrDefault(property => property.IsRequired && !seen.Contains(property.Name)) is { } missing)
            throw Wrong(where + missing.Name, "must be there");
    }

    private void Check()
    {
        if (string.IsNullOrWhiteSpace(Region) || Region.Length > 100)
            throw Wrong("region", "must be a text of up to 100 characters");
        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper))
            throw Wrong("currency", "must be three capital letters");
        foreach ((string role, RolePrices prices) in ((string, RolePrices)[])[("hot", Hot), ("cool", Cool)])
        {
            foreach (LocationKind kind in Enum.GetValues<LocationKind>())
                Check($"{role}.{kind.ToString().ToLowerInvariant()}", prices?.For(kind) ?? throw Wrong($"{role}.{kind.ToString().ToLowerInvariant()}", "must be there"));
        }
    }

    private static void Check(string where, StorePrices prices)
    {
        foreach ((string name, decimal amount) in prices.Amounts())
        {
            if (amount is < 0 or > Dearest)
                throw Wrong($"{where}.{name}", $"must be a number from 0 to {Dearest:0}");
        }
        if (prices.MinimumObjectBytes is < 0 or > 1 << 30)
            throw Wrong($"{where}.minimumObjectBytes", "must be a whole number from 0 to 1073741824");
        if (prices.EarlyDeletionDays is < 0 or > 3650)
            throw Wrong($"{where}.earlyDeletionDays", "must be a whole number from 0 to 3650");
    }

    private static ConfigurationException Wrong(string field, string rule) => new($"TIERING_PRICES: {field} {rule}");
}

/// <summary>The prices of one role, by the kind of store that holds it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RolePrices
{
    public required StorePrices Folder { get; init; }

    public required StorePrices Share { get; init; }

    public required StorePrices Blob { get; init; }

    public StorePrices For(LocationKind kind) => kind switch
    {
        LocationKind.Folder => Folder,
        LocationKind.Share => Share,
        _ => Blob,
    };
}

/// <summary>What one kind of store costs. What is not given costs nothing.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StorePrices
{
    public required decimal CapacityPerGiBMonth { get; init; }

    public decimal WritesPer10000 { get; init; }

    public decimal ReadsPer10000 { get; init; }

    public decimal ListsPer10000 { get; init; }

    /// <summary>For every GiB read.</summary>
    public decimal RetrievalPerGiB { get; init; }

    /// <summary>A smaller object is billed as if it had this size; 0 for none.</summary>
    public long MinimumObjectBytes { get; init; }

    /// <summary>What is removed sooner is billed as if it had stayed so long; 0 for none.</summary>
    public int EarlyDeletionDays { get; init; }

    internal IEnumerable<(string Name, decimal Amount)> Amounts() =>
    [
        ("capacityPerGiBMonth", CapacityPerGiBMonth),
        ("writesPer10000", WritesPer10000),
        ("readsPer10000", ReadsPer10000),
        ("listsPer10000", ListsPer10000),
        ("retrievalPerGiB", RetrievalPerGiB),
    ];
}
