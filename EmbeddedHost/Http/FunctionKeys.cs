using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Http;

/// <summary>
/// The keys that open endpoints which are not anonymous: from the settings <c>FUNCTION_KEY</c> and <c>MASTER_KEY</c>, else made at the first
/// start that needs them, and kept in <c>host-keys.json</c> of the data folder, which only its owner can read.
/// </summary>
internal sealed class FunctionKeys
{
    private readonly byte[]? function;
    private readonly byte[]? master;

    public FunctionKeys(HostSettings settings, FunctionCatalog catalog, IConfiguration configuration)
    {
        if (catalog.With<HttpTriggerAttribute>().All(http => ((HttpTriggerAttribute)http.Trigger).AuthLevel == AuthorizationLevel.Anonymous))
            return;
        StoredKeys stored = configuration["FUNCTION_KEY"] is { Length: > 0 } && configuration["MASTER_KEY"] is { Length: > 0 }
            ? new("", "")
            : ReadOrMake(Path.Combine(settings.DataFolder, "host-keys.json"));
        function = Hash(configuration["FUNCTION_KEY"] is { Length: > 0 } key ? key : stored.FunctionKey);
        master = Hash(configuration["MASTER_KEY"] is { Length: > 0 } masterKey ? masterKey : stored.MasterKey);
    }

    /// <summary>Whether the request shows what the level asks for, in <c>x-functions-key</c> or <c>?code=</c>.</summary>
    public bool Allow(AuthorizationLevel level, HttpRequest request)
    {
        if (level == AuthorizationLevel.Anonymous)
            return true;
        string shown = request.Headers["x-functions-key"].ToString();
        byte[] hash = Hash(shown.Length > 0 ? shown : request.Query["code"].ToString());
        bool isMaster = CryptographicOperations.FixedTimeEquals(hash, master);
        bool isFunction = CryptographicOperations.FixedTimeEquals(hash, function);
        return isMaster || (isFunction && level == AuthorizationLevel.Function);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static StoredKeys ReadOrMake(string path)
    {
        if (File.Exists(path))
            return JsonSerializer.Deserialize<StoredKeys>(File.ReadAllBytes(path)) ?? throw new InvalidOperationException($"{path} holds no keys.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        StoredKeys made = new(NewKey(), NewKey());
        string temporary = $"{path}.{Guid.NewGuid():N}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (FileStream file = new(temporary, options))
        {
            JsonSerializer.Serialize(file, made);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: false);
        return made;
    }

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private sealed class StoredKeys(string functionKey, string masterKey)
    {
        public string FunctionKey { get; } = functionKey;

        public string MasterKey { get; } = masterKey;
    }
}
