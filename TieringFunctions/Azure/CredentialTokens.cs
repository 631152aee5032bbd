using Azure.Core;
using Azure.Identity;
using Tiering.Core.Identity;

namespace Tiering.Functions.Azure;

/// <summary>Signs in by an Azure credential, which keeps its tokens itself until shortly before they run out.</summary>
internal sealed class CredentialTokens(TokenCredential credential) : ITokenSource
{
    public async ValueTask<string> GetAsync(string resource, CancellationToken cancellation)
    {
        try
        {
            return (await credential.GetTokenAsync(new TokenRequestContext([resource + "/.default"]), cancellation)).Token;
        }
        catch (AuthenticationFailedException failure)
        {
            throw new IdentityException(failure is CredentialUnavailableException ? "there is none" : "it was refused", isTransient: true, failure);
        }
    }
}
