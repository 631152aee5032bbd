using Azure;
using Azure.Data.Tables;

namespace Tiering.Functions.Azure;

/// <summary>One row as the adapters see it: texts by name, of any length. Immutable; a change makes a new one.</summary>
internal sealed class TableRow
{
    // A property holds 64 KiB, which is 32 Ki characters; a longer text goes on in the property with the next number.
    private const int MaxCharacters = 30_000;

    private readonly Dictionary<string, string> texts;

    public TableRow(string partition, string key)
        : this(partition, key, [], version: null)
    {
    }

    private TableRow(string partition, string key, Dictionary<string, string> texts, ETag? version) =>
        (Partition, Key, this.texts, Version) = (partition, key, texts, version);

    public string Partition { get; }

    public string Key { get; }

    /// <summary>The version that was read; null for a row that is not stored yet.</summary>
    public ETag? Version { get; }

    /// <summary>The text of this name; null when there is none.</summary>
    public string? this[string name] => texts.GetValueOrDefault(name);

    /// <summary>This row with another text; null takes it away.</summary>
    public TableRow With(string name, string? text)
    {
        Dictionary<string, string> changed = new(texts, StringComparer.Ordinal);
        if (text is null)
            changed.Remove(name);
        else
            changed[name] = text;
        return new TableRow(Partition, Key, changed, Version);
    }

    /// <summary>This row without any text but these.</summary>
    public TableRow WithOnly(params string[] names) =>
        new(Partition, Key, texts.Where(text => names.Contains(text.Key)).ToDictionary(StringComparer.Ordinal), Version);

    /// <summary>The text of a name that every such row has.</summary>
    /// <exception cref="InvalidOperationException">It is missing: the row was not written by this program.</exception>
    public string Text(string name) => this[name] ?? throw new InvalidOperationException($"The row {Partition}/{Key} has no {name}.");

    public TableEntity ToEntity()
    {
        TableEntity entity = new(Partition, Key);
        foreach ((string name, string text) in texts)
        {
            int part = 0;
            for (int start = 0; start < text.Length || part == 0; part++)
            {
                int length = Math.Min(MaxCharacters, text.Length - start);
                if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
                    length--; // half a character cannot be stored
                entity[NameOf(name, part)] = text.Substring(start, length);
                start += length;
            }
        }
        return entity;
    }

    public static TableRow Of(TableEntity entity)
    {
        Dictionary<string, string> read = new(StringComparer.Ordinal);
        foreach (string name in entity.Keys.Where(name => !name.Contains('_', StringComparison.Ordinal) && name is not ("PartitionKey" or "RowKey")))
        {
            if (entity[name] is not string text)
                continue; // the service's own
            for (int part = 1; entity.TryGetValue(NameOf(name, part), out object? more); part++)
                text += (string)more;
            read[name] = text;
        }
        read.Remove("odata.etag");
        return new TableRow(entity.PartitionKey, entity.RowKey, read, entity.ETag);
    }

    private static string NameOf(string name, int part) => part == 0 ? name : FormattableString.Invariant($"{name}_{part}");
}
