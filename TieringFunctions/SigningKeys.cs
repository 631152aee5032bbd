using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Custody;

namespace Tiering.Functions;

/// <summary>The key that signs certificates, from TIERING_SIGNING_KEY: one of a vault, one that is given, or one of the service's own.</summary>
public static class SigningKeys
{
    /// <summary>A key that cannot be used keeps the service from starting: it must not be found out when the first certificate is due.</summary>
    /// <param name="services">Gets the signer.</param>
    /// <param name="configuration">Holds the setting.</param>
    /// <param name="folder">The state folder: it keeps the public half, and without a setting the key itself.</param>
    public static IServiceCollection AddSigningKey(this IServiceCollection services, IConfiguration configuration, string folder)
    {
        string? setting = configuration["TIERING_SIGNING_KEY"] is { Length: > 0 } key ? key : null;
        if (setting is null || !KeyVaultSigner.IsNamedBy(setting))
            return services.AddSingleton<ICertificateSigner>(SigningKeyFile.Open(folder, setting));
        Uri keyId = KeyVaultSigner.Parse(setting);
        return services
            .AddSingleton<ICertificateSigner>(provider => Open(provider, keyId, folder))
            .AddHostedService<OpenedAtStart>();
    }

    private static KeyVaultSigner Open(IServiceProvider provider, Uri keyId, string folder)
    {
        HttpClient http = provider.GetRequiredService<HttpClient>();
        ITokenSource identity = provider.GetRequiredService<ITokenSource>();
        KeyVaultSigner signer = Task.Run(() => KeyVaultSigner.OpenAsync(http, identity, keyId, CancellationToken.None)).GetAwaiter().GetResult();
        SigningKeyFile.ShowPublic(folder, signer.Key);
        return signer;
    }

    private sealed class OpenedAtStart(ICertificateSigner signer) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(signer.Key);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
