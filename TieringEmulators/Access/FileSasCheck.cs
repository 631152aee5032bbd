using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;
using Tiering.Emulators.Identity;

namespace Tiering.Emulators.Access;

/// <summary>Decides whether a request's SAS, of the account or of the Files service, or its bearer token allows an operation.</summary>
internal sealed class FileSasCheck(StorageAccount account, TokenIssuer? tokens, TimeProvider time)
{
    private const string OldestVersion = "2015-04-05";
    private const string FirstVersionWithTokens = "2022-11-02";

    /// <exception cref="StorageException">Access is denied; the code says why, as the service's would.</exception>
    public void Demand(HttpRequest request, StorageTarget target, AccessDemand demand)
    {
        SasToken token = new(target.Query);
        if (token.Signature.Length == 0)
        {
            if (tokens is not null && request.Headers.Authorization is [{ } authorization] && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            {
                DemandToken(request, authorization, tokens);
                return;
            }
            throw request.Headers.Authorization.Count == 0
                ? AccessDenied.NoAuthentication()
                : AccessDenied.NotAuthentic("This emulator takes shared access signatures only.");
        }
        if (target.Account != account.Name)
            throw AccessDenied.NotAuthentic("The account is not known.");
        CheckSignature(token, target);
        CheckTime(token);
        CheckOrigin(token, request);
        CheckScope(token, demand);
        if (!demand.AnyOf.Any(token.Permissions.Contains))
            throw AccessDenied.Permission();
    }

    /// <summary>With a token the service wants to know what for, in a version that knows of it. Source: https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory</summary>
    private static void DemandToken(HttpRequest request, string authorization, TokenIssuer tokens)
    {
        if (!tokens.Accepts(authorization, "https://storage.azure.com"))
            throw new StorageException(401, "InvalidAuthenticationInfo", "Server failed to authenticate the request.");
        if (string.CompareOrdinal(request.Headers["x-ms-version"].ToString(), FirstVersionWithTokens) < 0)
            throw StorageException.InvalidHeader("x-ms-version", $"tokens need {FirstVersionWithTokens} or later");
        if (request.Headers["x-ms-file-request-intent"] != "backup")
            throw StorageException.MissingHeader("x-ms-file-request-intent");
    }

    private void CheckSignature(SasToken token, StorageTarget target)
    {
        if (!DateOnly.TryParseExact(token.Version, "yyyy-MM-dd", out _) || string.CompareOrdinal(token.Version, OldestVersion) < 0)
            throw AccessDenied.NotAuthentic("sv is missing, not well formed or too old.");
        string text = token.IsAccount
            ? token.AccountStringToSign(account.Name)
            : token.Resource switch
            {
                "s" => token.FileStringToSign(account.Name, target.Container),
                "f" => token.FileStringToSign(account.Name, $"{target.Container}/{target.Path}"),
                _ => throw AccessDenied.NotAuthentic("sr is mandatory and must be s or f."),
            };
        byte[] given = Encoding.UTF8.GetBytes(token.Signature);
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(account.Sign(text))))
            throw AccessDenied.NotAuthentic("Signature did not match.");
        if (token.Policy.Length > 0)
            throw AccessDenied.NotAuthentic("The share has no such access policy.");
    }

    private void CheckTime(SasToken token)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (token.Expiry is not { } expiry)
            throw AccessDenied.NotAuthentic("se is mandatory. Cannot be empty.");
        if (token.Start > now)
            throw AccessDenied.NotAuthentic($"Signature not valid in the specified time frame: Start [{token.Start:R}] - Expiry [{expiry:R}] - Current [{now:R}].");
        if (expiry <= now)
            throw AccessDenied.NotAuthentic($"Signed expiry time [{expiry:R}] must be after signed start time [{token.Start:R}] and now [{now:R}].");
    }

    private static void CheckOrigin(SasToken token, HttpRequest request)
    {
        if (token.Protocols.Length > 0 && !token.Protocols.Split(',').Contains(request.Scheme))
            throw AccessDenied.Protocol();
        if (token.Addresses.Length > 0 && !InRange(token.Addresses, request.HttpContext.Connection.RemoteIpAddress))
            throw AccessDenied.Address();
    }

    private static void CheckScope(SasToken token, AccessDemand demand)
    {
        if (!token.IsAccount)
        {
            if (!demand.ServiceSas)
                throw AccessDenied.Operation();
            return;
        }
        if (!token.Services.Contains('f', StringComparison.Ordinal))
            throw AccessDenied.Service();
        if (!token.ResourceTypes.Contains(demand.ResourceType, StringComparison.Ordinal))
            throw AccessDenied.ResourceType();
    }

    private static bool InRange(string range, IPAddress? client)
    {
        string[] ends = range.Split('-', 2);
        return client is not null
            && IPAddress.TryParse(ends[0], out IPAddress? first)
            && IPAddress.TryParse(ends[^1], out IPAddress? last)
            && Order(first) <= Order(client.MapToIPv4())
            && Order(client.MapToIPv4()) <= Order(last);
    }

    private static uint Order(IPAddress address) => BitConverter.ToUInt32([.. address.MapToIPv4().GetAddressBytes().Reverse()]);
}
