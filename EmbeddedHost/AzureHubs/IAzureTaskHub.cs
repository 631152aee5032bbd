using System.Text.Json;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.AzureHubs;

/// <summary>
/// A task hub of Durable Functions' Azure Storage provider, whose rows are given as they are stored: a property's name, and its value as JSON
/// without type annotations.
/// </summary>
public interface IAzureTaskHub
{
    /// <summary>The rows of all instances that have not ended.</summary>
    /// <exception cref="TaskHubUnavailableException">The hub cannot be read; the message says why.</exception>
    IAsyncEnumerable<IReadOnlyDictionary<string, JsonElement>> ListLiveAsync(CancellationToken cancellation);

    /// <summary>The row of one instance, whatever its status; null when there is none.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    Task<IReadOnlyDictionary<string, JsonElement>?> FindInstanceAsync(string partition, CancellationToken cancellation);

    /// <summary>All rows of one instance's history, in the order of their keys.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    Task<IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>> ReadHistoryAsync(string partition, CancellationToken cancellation);

    /// <summary>The text that a row refers to as a blob; null when the blob is gone or damaged.</summary>
    /// <inheritdoc cref="ListLiveAsync" path="/exception"/>
    Task<string?> ReadLargeAsync(string blob, CancellationToken cancellation);
}
