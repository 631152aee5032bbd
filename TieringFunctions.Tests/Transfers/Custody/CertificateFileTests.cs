using System.Security.Cryptography;
using System.Text;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Custody;

public sealed class CertificateFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A certificate as a RESTORE gets it.</summary>
    internal static CustodyCertificate Example(CertificateKey key) => new(
        new OperationKey(ProjectSlug.Parse("été 1"), OperationType.Restore, Guid.Parse("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55")),
        "operator",
        Now,
        Now.AddSeconds(1),
        Now.AddSeconds(90),
        new CertifiedSide(StorageRole.Cool, LocationKind.Blob, new string('a', 64)),
        new CertifiedSide(StorageRole.Hot, LocationKind.Share, new string('b', 64)),
        new CertifiedAmount(7, 5_000_000_000, 4, 2),
        new CertifiedManifest("00000002-restore-8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55", new string('c', 64)),
        new CertifiedProof("sample:5%", 3) { FilesRechecked = 1 },
        key)
    {
        Witness = new CertifiedWitness(new string('d', 64)) { Operation = Guid.Parse("4926c80b-3549-4d43-8bb0-9305fec18611"), Certificate = new string('e', 64) },
        AzCopyVersion = "10.32.2",
        AzCopyJobs = ["4926c80b-3549-ad43-5bb0-9305fec18611"],
        Removed = 3,
    };

    [Test]
    public async Task Sign_Certificate_IsExactlyThisDocument()
    {
        using TempFolder folder = new();
        using SigningKeyFile signer = SigningKeyFile.Open(folder.Root, given: null);

        string file = Encoding.UTF8.GetString(await CertificateFile.SignAsync(Example(signer.Key), signer, default));

        file.Should().StartWith(
            """{"certificate":{"operation":{"project":"été 1","type":"RESTORE","id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"},"requestedBy":"operator","acceptedAt":"2026-03-12T12:00:00+00:00","startedAt":"2026-03-12T12:00:01+00:00","finishedAt":"2026-03-12T12:01:30+00:00","source":{"role":"COOL","kind":"BLOB","root":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"destination":{"role":"HOT","kind":"SHARE","root":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},"moved":{"files":7,"bytes":5000000000,"folders":4,"links":2},"manifest":{"name":"00000002-restore-8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","root":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"},"proof":{"mode":"sample:5%","filesHashed":3,"filesRechecked":1},"signedBy":{"algorithm":"ES256",""");
        file.Should().Contain(
            """},"format":"tiering-custody-certificate/1","verdict":"PROVED","witness":{"root":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","operation":"4926c80b-3549-4d43-8bb0-9305fec18611","certificate":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"},"unwitnessed":false,"azCopyVersion":"10.32.2","azCopyJobs":["4926c80b-3549-ad43-5bb0-9305fec18611"],"removed":3},"signature":""");
        file.Should().EndWith("\"}\n");
        CustodyCertificate read = CertificateFile.Verify(Encoding.UTF8.GetBytes(file), signer.Key);
        read.Should().BeEquivalentTo(Example(signer.Key));
    }

    [Test]
    public async Task Verify_AnyBitAltered_IsRefusedWithAReason()
    {
        using TempFolder folder = new();
        using SigningKeyFile signer = SigningKeyFile.Open(folder.Root, given: null);
        byte[] file = await CertificateFile.SignAsync(Example(signer.Key), signer, default);
        List<int> believed = [];
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                CertificateFile.Verify(file);
                believed.Add(bit);
            }
            catch (CertificateRefusedException refused)
            {
                refused.Message.Should().StartWith("The certificate is refused: ");
            }
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        believed.Should().BeEmpty();
        CertificateFile.Verify(file).Verdict.Should().Be("PROVED", "unaltered it is believed");
    }

    [Test]
    public async Task Verify_CutOffLongerOrWrittenAgain_IsRefused()
    {
        using TempFolder folder = new();
        using SigningKeyFile signer = SigningKeyFile.Open(folder.Root, given: null);
        byte[] file = await CertificateFile.SignAsync(Example(signer.Key), signer, default);
        string text = Encoding.UTF8.GetString(file);

        byte[][] others =
        [
            [], file[..^1], [.. file, (byte)'\n'], [.. file, .. file], "{}"u8.ToArray(), "null"u8.ToArray(), [0xEF, 0xBB, 0xBF, .. file],
            Encoding.UTF8.GetBytes(text.Replace("\":", "\": ", StringComparison.Ordinal)), new byte[CertificateFile.MaxBytes + 1],
            Encoding.UTF8.GetBytes(text.Replace("{\"certificate\":{", "{\"certificate\":{\"verdict\":\"PROVED\",", StringComparison.Ordinal)),
        ];

        foreach (byte[] other in others)
            FluentActions.Invoking(() => CertificateFile.Verify(other)).Should().Throw<CertificateRefusedException>();
    }

    [Test]
    public async Task Verify_SignedByAnotherKey_IsRefusedForTheTrustedOne()
    {
        using TempFolder folder = new();
        using SigningKeyFile ours = SigningKeyFile.Open(folder.Folder("ours"), given: null);
        using SigningKeyFile forger = SigningKeyFile.Open(folder.Folder("forger"), given: null);
        byte[] forged = await CertificateFile.SignAsync(Example(ours.Key), forger, default);

        FluentActions.Invoking(() => CertificateFile.Verify(forged, ours.Key)).Should().Throw<CertificateRefusedException>()
            .WithMessage($"*names the key {forger.Key.Fingerprint}, not the key {ours.Key.Fingerprint}*");
        CertificateFile.Verify(forged).SignedBy.Should().Be(forger.Key, "without a trusted key the caller judges the one that it names");
    }

    [Test]
    public void Open_FirstStart_MakesAPrivateKeyForItsOwnerAloneAndKeepsIt()
    {
        using TempFolder folder = new();
        using SigningKeyFile first = SigningKeyFile.Open(folder.Root, given: null);
        using SigningKeyFile second = SigningKeyFile.Open(folder.Root, given: null);

        second.Key.Should().Be(first.Key);
        File.GetUnixFileMode(folder.At(SigningKeyFile.PrivateName)).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        CertificateKey.OfPem(File.ReadAllText(folder.At(SigningKeyFile.PublicName))).Should().Be(first.Key);
        Directory.EnumerateFiles(folder.Root).Should().HaveCount(2, "nothing half made is left");
    }

    [Test]
    public void Open_GivenAsTextOrPath_IsUsedInsteadOfOneOfItsOwn()
    {
        using TempFolder folder = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = key.ExportECPrivateKeyPem();

        using SigningKeyFile text = SigningKeyFile.Open(folder.Folder("a"), pem);
        using SigningKeyFile path = SigningKeyFile.Open(folder.Folder("b"), folder.File("key.pem", pem));

        text.Key.Should().Be(CertificateKey.Of(key)).And.Be(path.Key);
        File.Exists(folder.At("a", SigningKeyFile.PrivateName)).Should().BeFalse();
        CertificateKey.OfPem(File.ReadAllText(folder.At("a", SigningKeyFile.PublicName))).Should().Be(text.Key);
    }

    [Test]
    public void Open_GivenWhatSignsNothing_IsRefusedWithoutShowingIt()
    {
        using TempFolder folder = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        string cut = key.ExportECPrivateKeyPem().Split('\n')[1];
        string[] wrong = [key.ExportSubjectPublicKeyInfoPem(), large.ExportECPrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem(), cut, "/no/such/file", folder.File("no.pem", "no key")];

        foreach (string given in wrong)
        {
            string message = FluentActions.Invoking(() => SigningKeyFile.Open(folder.Root, given)).Should().Throw<ConfigurationException>().Which.Message;
            message.Should().StartWith("TIERING_SIGNING_KEY must be").And.NotContain(cut).And.NotContain("no/such");
        }
    }

    [Test]
    public void Redact_PrivateKey_IsTakenOut()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = key.ExportECPrivateKeyPem();

        SecretRedactor.Redact($"before {pem} after").Should().Be("before REDACTED after");
        SecretRedactor.Redact(pem[..80]).Should().Be("REDACTED");
    }
}
