namespace Tiering.Core.Identity;

/// <summary>Signs in as the identity that this program runs under. Implementations keep tokens until shortly before they run out, and are safe for concurrent use.</summary>
public interface ITokenSource
{
    /// <summary>A bearer token that works for some minutes at least.</summary>
    /// <param name="resource">What it opens: one of <see cref="TokenResources"/>, or another service's resource identifier, such as <c>https://vault.azure.net</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="TieringException">There is no identity, or its service does not answer; transient if trying again may help.</exception>
    ValueTask<string> GetAsync(string resource, CancellationToken cancellation);

    /// <summary>Says that a service has refused the token as no valid one: the next call asks for another, where that is possible.</summary>
    void Refused(string resource)
    {
    }
}

/// <summary>Resource identifiers without a trailing slash; a scope is one of them and <c>/.default</c>.</summary>
public static class TokenResources
{
    /// <summary>Blobs and file shares of every account.</summary>
    public const string Storage = "https://storage.azure.com";

    /// <summary>Azure Resource Manager.</summary>
    public const string Management = "https://management.azure.com";
}
