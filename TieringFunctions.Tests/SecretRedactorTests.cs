using System.Text.Json;
using FsCheck;
using Tiering.Core;

namespace Tiering.Tests;

public sealed class SecretRedactorTests
{
    private const string Signature = "a%2Fb9Zx%2Bq3Tt0%3D";
    private static readonly string Key = Convert.ToBase64String(Enumerable.Range(1, 64).Select(i => (byte)(i * 3)).ToArray());

    [TestCase("https://a.b/c?sv=1&sig={0}&se=2", Signature)]
    [TestCase("https://a.b/c?sig={0}", Signature)]
    [TestCase("?SIG={0} and more", Signature)]
    [TestCase("""{{"Dst":"http://a/b?se=1\u0026sig={0}\u0026sp=r"}}""", Signature)]
    [TestCase("""{{\"Dst\":\"http://a/b?se=1\\u0026sig={0}\\u0026sp=r\"}}""", Signature)]
    [TestCase("next=https%3A%2F%2Fa%2Fb%3Fsig%3D{0}", "abcDEF123")]
    [TestCase("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={0};EndpointSuffix=y", "c2VjcmV0c2VjcmV0")]
    [TestCase("Authorization: Bearer {0}", "abcdefgh12345678")]
    [TestCase("Authorization: SharedKey account:{0}", "c2VjcmV0c2VjcmV0")]
    [TestCase("\"Authorization\": [\"Bearer {0}\"]", "abcdefgh12345678")]
    [TestCase("sent Bearer {0} to it", "abcdefgh12345678")]
    [TestCase("token {0}.", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")]
    public void Redact_TextWithASecret_LosesItAndKeepsTheRest(string format, string secret)
    {
        string text = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, secret);

        string redacted = SecretRedactor.Redact(text);

        redacted.Should().NotContain(secret).And.Contain(SecretRedactor.Mark);
        SecretRedactor.Redact(redacted).Should().Be(redacted);
    }

    [Test]
    public void Redact_AccountKeyAnywhere_IsTakenOut() => SecretRedactor.Redact($"the key {Key} leaked").Should().Be($"the key {SecretRedactor.Mark} leaked");

    [TestCase("design of a signal, sigma=3, passing")]
    [TestCase("/data/authorization/file.txt")]
    [TestCase("https://a.blob.core.windows.net/c/p?sv=2021-12-02&se=2026-01-01")]
    public void Redact_TextWithoutSecrets_IsUnchanged(string text) => SecretRedactor.Redact(text).Should().Be(text);

    [Test]
    public void Redact_Null_IsEmpty() => SecretRedactor.Redact(null).Should().BeEmpty();

    [Test]
    public void Excerpt_LongText_KeepsBeginningAndEndWithoutSecrets()
    {
        string excerpt = SecretRedactor.Excerpt($"begin {new string('x', 990)}&sig={new string('S', 500)} {new string('y', 5000)} end", 1000);

        excerpt.Should().StartWith("begin").And.EndWith("end").And.NotContain("SSS");
        excerpt.Length.Should().BeLessThan(1020);
    }

    [FsCheck.NUnit.Property]
    public bool Redact_AnySignatureInJson_IsTakenOut(PositiveInt seed)
    {
        byte[] random = new byte[32];
        new Random(seed.Get).NextBytes(random);
        string signature = Uri.EscapeDataString(Convert.ToBase64String(random));
        string json = JsonSerializer.Serialize(new { Content = JsonSerializer.Serialize(new { Url = $"http://h/p?sp=r&sig={signature}&x=1" }) });
        return !SecretRedactor.Redact(json).Contains(signature, StringComparison.Ordinal);
    }
}
