using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>No signature, key or token stays anywhere: on disk, in the output, in answers.</summary>
public sealed partial class SecretsTests : SharedJourney
{
    private const string Token = "a-token-that-nobody-may-see";

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_TOKEN"] = Token };

    [Test]
    public async Task MovesAndFailures_LeaveNoSecretAnywhere()
    {
        await ProjectAsync("demo");
        HeldRequests held = Faults.HoldWrites("cool/demo/*");
        string id = await Service.AskAsync("demo", "cool");
        await held.ArriveAsync();
        FileInfo access = new(Path.Combine(Service.JobOf(id), JobFiles.Access));
        access.UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(access.FullName)).Should().Contain("sig=", "else this test looks for the wrong thing");
        held.Dispose();
        Succeeded(await Service.EndOfAsync(id));
        await Service.DeleteSourceAsync("demo");
        await SucceedAsync("demo", "restore");
        await Azurite.PutBlobAsync("cool", "stranger/unknown.txt", [1]);
        await ProjectAsync("stranger");
        Failed(await Service.MoveAsync("stranger", "cool"), "destination-not-explained");

        await SecretsNowhereAsync(Service, AzuriteServer.Key);
    }

    [Test]
    public async Task WrongKey_FailsClearlyAndLeavesNoSecret()
    {
        string wrong = Convert.ToBase64String(Encoding.ASCII.GetBytes("this key opens nothing at all, whatever it is tried on, sorry!!!"));
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            Temp.Folder("wrong key"), Azurite, new Dictionary<string, string>(Settings, StringComparer.Ordinal) { ["AZURE_STORAGE_ACCOUNT_KEY"] = wrong });
        Directory.CreateDirectory(Path.Combine(service.Hot, "demo"));
        await File.WriteAllTextAsync(Path.Combine(service.Hot, "demo", "a.txt"), "a");
        await service.AddAsync("demo");

        Failed(await service.MoveAsync("demo", "cool"), "store-refused", "403");

        (await service.StateAsync("demo")).Should().Be("HOT");
        await SecretsNowhereAsync(service, wrong);
    }

    private static async Task SecretsNowhereAsync(ServiceProcess service, string key)
    {
        await service.SendAsync(HttpMethod.Get, "/api/operations");
        await service.SendAsync(HttpMethod.Get, "/api/audit");
        await service.SendAsync(HttpMethod.Get, "/api/instances");
        // Access is removed after the outcome can be seen.
        await Eventually.IsTrueAsync(() => !Directory.EnumerateDirectories(Path.Combine(service.Data, "jobs")).Any(job => File.Exists(Path.Combine(job, JobFiles.Access))));
        await service.KillAsync(); // the databases are left with all that lies in their logs, and the locks are free
        string[] files = [.. Directory.EnumerateFiles(service.Data, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(service.Hot + "/", StringComparison.Ordinal))];
        files.Should().NotContain(file => Path.GetFileName(file) == JobFiles.Access);
        files.Should().Contain(file => file.EndsWith("taskhub.db", StringComparison.Ordinal)).And.Contain(file => file.EndsWith("tiering.db", StringComparison.Ordinal));
        foreach (string file in files)
            Check(Path.GetRelativePath(service.Data, file), await ReadAsync(file), key);
        Check("the output", service.Output, key);
        foreach (string answer in service.Answers)
            Check("an answer", answer, key);
    }

    private static void Check(string where, string text, string key)
    {
        Match signature = Signature().Match(text);
        signature.Success.Should().BeFalse($"{where} holds {signature.Value}");
        text.Contains(key, StringComparison.Ordinal).Should().BeFalse($"{where} holds the account key");
        text.Contains(Uri.EscapeDataString(key), StringComparison.Ordinal).Should().BeFalse($"{where} holds the account key");
        text.Contains(Token, StringComparison.Ordinal).Should().BeFalse($"{where} holds the token");
    }

    /// <summary>Every byte as a character: databases are searched too.</summary>
    private static async Task<string> ReadAsync(string file)
    {
        await using FileStream raw = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using Stream content = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using MemoryStream all = new();
        await content.CopyToAsync(all);
        return Encoding.Latin1.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    [GeneratedRegex("sig(?:=|%3D)(?!-?REDACTED)[A-Za-z0-9%+/]{8,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Signature();
}
