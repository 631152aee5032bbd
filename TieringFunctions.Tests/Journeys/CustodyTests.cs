using System.Text.Json;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Certificates and manifests that somebody touched, and a service that is killed around them.</summary>
public sealed class CustodyTests : SharedJourney
{
    [Test]
    public async Task Restore_CertificateOfItsCoolAltered_IsRefusedBeforeAByteMoves()
    {
        string project = await ProjectAsync("altered");
        await SucceedAsync("altered", "cool");
        string certificate = Single("altered", "*.certificate.json");
        byte[] bytes = await File.ReadAllBytesAsync(certificate);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(certificate, bytes);
        Directory.Delete(project, recursive: true);

        Failed(await Service.MoveAsync("altered", "restore"), "certificate-refused", "The certificate is refused");

        (await Service.StateAsync("altered")).Should().Be("ERROR");
        Directory.Exists(project).Should().BeFalse();
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(certificate, bytes);
        await SucceedAsync("altered", "restore");
        File.ReadAllText(Path.Combine(project, "notes.txt")).Should().Be("notes");
    }

    [Test]
    public async Task Restore_ManifestIsAnotherThanTheCertifiedOne_IsRefusedBeforeAByteMoves()
    {
        string project = await ProjectAsync("forged");
        await SucceedAsync("forged", "cool");
        string manifest = Single("forged", "*.proved.jsonl.gz");
        using TempFolder temp = new();
        File.Copy(manifest, temp.At("true"));
        // Whole and right in itself, but for one time.
        await using (ManifestWriter writer = ManifestWriter.Create(temp.At("forged"), await ManifestReader.ReadHeaderAsync(temp.At("true"), default)))
        {
            await foreach (InventoryEntry entry in ManifestReader.ReadAsync(temp.At("true"), default))
                await writer.WriteAsync(entry.Kind == EntryKind.File ? entry with { Modified = entry.Modified!.Value.AddSeconds(1) } : entry, default);
            await writer.CompleteAsync(default);
        }
        File.Copy(temp.At("forged"), manifest, overwrite: true);
        Directory.Delete(project, recursive: true);

        Failed(await Service.MoveAsync("forged", "restore"), "witness-contradicted", "its certificate names");

        Directory.Exists(project).Should().BeFalse();
        File.Copy(temp.At("true"), manifest, overwrite: true);
        await SucceedAsync("forged", "restore");
    }

    [Test]
    public async Task Restore_CoolFromBeforeTiering_SaysThatItIsUnwitnessedUnlessABaselineWasAdopted([Values] bool adopted)
    {
        string slug = adopted ? "adopted" : "unwitnessed";
        await Azurite.PutBlobAsync("cool", $"{slug}/notes.txt", "notes"u8.ToArray());
        await Service.SendAsync(HttpMethod.Post, "/api/projects", new { slug, state = "COOL" });
        if (adopted)
        {
            await Service.SendAsync(HttpMethod.Post, $"/api/projects/{slug}/adopt");
            await Service.WaitAsync(() => Task.FromResult(Directory.Exists(FolderOf(slug)) && Directory.EnumerateFiles(FolderOf(slug), "*.proved.jsonl.gz").Any()), there => there, "the baseline");
        }

        string id = await RestoreOnceFreeAsync(slug);

        Succeeded(await Service.EndOfAsync(id)).GetProperty("unwitnessed").GetBoolean().Should().Be(!adopted);
        CustodyCertificate certificate = CertificateFile.Verify(await Service.Http.GetByteArrayAsync($"/api/operations/{id}/certificate"));
        certificate.Unwitnessed.Should().Be(!adopted);
        (certificate.Witness is not null).Should().Be(adopted);
        certificate.Witness?.Operation.Should().BeNull("a baseline has no operation");
        File.ReadAllText(Path.Combine(Service.Hot, slug, "notes.txt")).Should().Be("notes");
    }

    /// <summary>An adoption holds its project until a moment after its baseline is there.</summary>
    private Task<string> RestoreOnceFreeAsync(string slug) => Service.WaitAsync(
        async () =>
        {
            try
            {
                return await Service.AskAsync(slug, "restore");
            }
            catch (HttpRequestException busy) when (busy.StatusCode == System.Net.HttpStatusCode.Conflict)
            {
                return "";
            }
        },
        id => id.Length > 0,
        "a free project");

    /// <param name="pattern">What appears last before the kill: the proved manifest (then comes the certificate), or the certificate (then comes the outcome).</param>
    [TestCase("*.proved.jsonl.gz")]
    [TestCase("*.certificate.json*")]
    public async Task Cool_ServiceKilledAroundTheCertificate_EndsOnceWithOneThatVerifies(string pattern)
    {
        string slug = pattern.Contains("proved", StringComparison.Ordinal) ? "killed-before" : "killed-after";
        await ProjectAsync(slug);
        string id = await Service.AskAsync(slug, "cool");
        await Service.WaitAsync(
            () => Task.FromResult(Directory.Exists(FolderOf(slug)) && Directory.EnumerateFiles(FolderOf(slug), pattern).Any()), there => there, pattern, everyMilliseconds: 1);
        await Service.KillAsync();
        byte[]? before = Certificates(slug) is [{ } kept] ? await File.ReadAllBytesAsync(kept) : null;
        await Service.StartAgainAsync();

        JsonElement end = Succeeded(await Service.EndOfAsync(id));

        byte[] file = await File.ReadAllBytesAsync(Certificates(slug).Single());
        if (before is not null)
            file.Should().Equal(before, "what was kept stays");
        CertificateKey key = CertificateKey.OfPem(await File.ReadAllTextAsync(Path.Combine(Service.Data, SigningKeyFile.PublicName)));
        CustodyCertificate certificate = CertificateFile.Verify(file, key);
        certificate.Operation.Should().Be(new OperationKey(ProjectSlug.Parse(slug), OperationType.Cool, Guid.Parse(id)));
        certificate.Moved.Files.Should().Be(end.GetProperty("copied").GetProperty("files").GetInt64());
        (await ManifestReader.VerifyAsync(Single(slug, "*.proved.jsonl.gz"), default)).Root.Should().Be(certificate.Manifest.Root);
        (await Service.StateAsync(slug)).Should().Be("COOL");
    }

    private List<string> Certificates(string slug) => [.. Directory.EnumerateFiles(FolderOf(slug), "*.certificate.json")];

    private string Single(string slug, string pattern) => Directory.EnumerateFiles(FolderOf(slug), pattern).Single();

    private string FolderOf(string slug) => Path.Combine(Service.Data, "manifests", ProjectSlug.Parse(slug).Hash);
}
