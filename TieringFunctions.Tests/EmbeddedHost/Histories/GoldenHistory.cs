using System.Text.Json;
using Tiering.Core;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>An instance's history as one version of the engine stored it, with what that version said of it. A file below Fixtures/histories.</summary>
/// <param name="Id">Of the instance.</param>
/// <param name="Name">Of its orchestration.</param>
/// <param name="Version">Of its orchestration.</param>
/// <param name="Parent">Null when it is nobody's child.</param>
/// <param name="Status">As stored.</param>
/// <param name="CustomStatus">As stored.</param>
/// <param name="Output">As stored.</param>
/// <param name="Lines">What was told and done.</param>
/// <param name="Rows">Base64 of the stored rows.</param>
internal sealed record GoldenHistory(
    string Id,
    string Name,
    string Version,
    ParentLink? Parent,
    OrchestrationRuntimeStatus Status,
    string? CustomStatus,
    string? Output,
    IReadOnlyList<string> Lines,
    IReadOnlyList<byte[]> Rows)
{
    public static GoldenHistory Of(StoredInstance instance, IReadOnlyList<byte[]> rows) => new(
        instance.Id, instance.Name, instance.Version, instance.Parent, instance.Status, instance.CustomStatus, instance.Output, HistoryText.Of(rows), rows);

    public static GoldenHistory Read(string path) => JsonSerializer.Deserialize<GoldenHistory>(File.ReadAllText(path), TieringJson.Indented)!;

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, TieringJson.Indented) + "\n");

    public IReadOnlyList<HistoryStep> Steps() => [.. Rows.Select(row => HistoryCodec.DecodeStep(row))];

    public StoredInstance Instance() => new()
    {
        Number = 1,
        Id = Id,
        Name = Name,
        Version = Version,
        Parent = Parent,
        Status = Status,
        Generation = 0,
        Created = default,
        Updated = default,
    };
}
