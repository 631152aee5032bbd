namespace Tiering.Functions.Access;

/// <summary>The hashes of the tokens that open <c>/api</c>. No token itself is ever stored.</summary>
public interface ITokenStore
{
    /// <summary>Every token's name by the SHA-256 of the token, in lower-case hexadecimal digits.</summary>
    Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellation);

    /// <summary>Adds a token, in place of one that had this name.</summary>
    Task PutAsync(string name, string hash, CancellationToken cancellation);
}
