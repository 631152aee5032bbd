using System.Buffers.Text;
using System.Text;
using Tiering.Functions.Access;
using Tiering.Tests.Support;
using static Tiering.Tests.Triggers.ServiceUnderTest;

namespace Tiering.Tests.Access;

public sealed class ServiceTokenTests
{
    private readonly ManualTime time = new();

    private ServiceToken Tokens => new(Secret, time);

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    [Test]
    public void Judge_WhatEuphrosyneSends_IsAllowed() => Tokens.Judge(Jwt(new
    {
        token_type = "access", exp = Now + 300, iat = Now, jti = "0f0e", user_id = "euphrosyne", projects = Array.Empty<string>(), is_admin = true,
    })).Should().Be(TokenVerdict.Allowed);

    [Test]
    public void Judge_TokenMadeByAnotherLibrary_IsAllowed()
    {
        string token = new JWT.Builder.JwtBuilder().WithAlgorithm(new JWT.Algorithms.HMACSHA256Algorithm()).WithSecret(Secret)
            .AddClaim("exp", Now + 300).AddClaim("user_id", "euphrosyne").Encode();

        Tokens.Judge(token).Should().Be(TokenVerdict.Allowed);
    }

    [Test]
    public void Judge_OtherUsers_AreForbidden()
    {
        Tokens.Judge(Jwt(new { exp = Now + 300, user_id = 7, is_admin = true })).Should().Be(TokenVerdict.Forbidden);
        Tokens.Judge(Jwt(new { exp = Now + 300, user_id = "7" })).Should().Be(TokenVerdict.Forbidden);
        Tokens.Judge(Jwt(new { exp = Now + 300, user_id = "Euphrosyne" })).Should().Be(TokenVerdict.Forbidden);
        Tokens.Judge(Jwt(new { exp = Now + 300, path = "/x" })).Should().Be(TokenVerdict.Forbidden);
    }

    [TestCase("none")]
    [TestCase("None")]
    [TestCase("NONE")]
    [TestCase("HS384")]
    [TestCase("HS512")]
    [TestCase("RS256")]
    [TestCase("hs256")]
    [TestCase("")]
    public void Judge_OtherAlgorithm_IsInvalidThoughSignedWell(string alg) =>
        Tokens.Judge(Jwt(Good(), new { alg, typ = "JWT" })).Should().Be(TokenVerdict.Invalid);

    [Test]
    public void Judge_HeaderWithoutAlgorithmOrWithCritical_IsInvalid()
    {
        Tokens.Judge(Jwt(Good(), new { typ = "JWT" })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(Good(), new { alg = "HS256", crit = new[] { "exp" } })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(Good(), new { alg = new[] { "HS256" } })).Should().Be(TokenVerdict.Invalid);
    }

    [Test]
    public void Judge_SignatureMissingOrWrong_IsInvalid()
    {
        string token = Jwt(Good());
        string unsigned = token[..(token.LastIndexOf('.') + 1)];

        foreach (string bad in new[] { unsigned, unsigned[..^1], unsigned + "AAAA", Jwt(Good(), secret: "other"), token + "A", token + ".x", "", ".", "..", "...", "a.b.c", "é.é.é", new string('a', 100_000) })
            Tokens.Judge(bad).Should().Be(TokenVerdict.Invalid, bad.Length > 100 ? "too long" : bad);
    }

    [Test]
    public void Judge_EveryFlippedCharacter_IsInvalid()
    {
        string token = Jwt(Good());
        for (int i = 0; i < token.LastIndexOf('.'); i++)
        {
            char other = token[i] == 'A' ? 'B' : 'A';
            Tokens.Judge($"{token[..i]}{other}{token[(i + 1)..]}").Should().Be(TokenVerdict.Invalid);
        }
    }

    [Test]
    public void Judge_Times_AreHonouredWithinTheLeeway()
    {
        Tokens.Judge(Jwt(new { user_id = "euphrosyne" })).Should().Be(TokenVerdict.Invalid, "it needs an end");
        Tokens.Judge(Jwt(new { user_id = "euphrosyne", exp = $"{Now + 300}" })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(new { user_id = "euphrosyne", exp = Now - 61 })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(new { user_id = 7, exp = Now - 61 })).Should().Be(TokenVerdict.Invalid, "who is not known is not refused by name");
        Tokens.Judge(Jwt(new { user_id = "euphrosyne", exp = Now + 300, nbf = Now + 120 })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(new { user_id = "euphrosyne", exp = Now + 300, nbf = "soon" })).Should().Be(TokenVerdict.Invalid);
        Tokens.Judge(Jwt(new { user_id = "euphrosyne", exp = Now + 300.5, nbf = Now })).Should().Be(TokenVerdict.Allowed);
    }

    [Test]
    public void Judge_PayloadThatIsNoObject_IsInvalid([Values("[]", "null", "7", "{", "\"x\"")] string payload) =>
        Tokens.Judge(Signed(Encoding.UTF8.GetBytes(payload))).Should().Be(TokenVerdict.Invalid);

    [Test]
    public void Judge_PayloadOfBrokenUtf8_IsInvalid()
    {
        byte[] whole = Encoding.Latin1.GetBytes($$"""{"user_id":"euphrosyne","exp":{{Now + 300}},"name":"Zoe"}""");
        byte[] broken = Encoding.Latin1.GetBytes($$"""{"user_id":"euphrosyne","exp":{{Now + 300}},"name":"Zoë"}""");

        Tokens.Judge(Signed(whole)).Should().Be(TokenVerdict.Allowed);
        Tokens.Judge(Signed(broken)).Should().Be(TokenVerdict.Invalid);
    }

    private static string Signed(byte[] payload)
    {
        string signed = $"{Base64Url.EncodeToString("""{"alg":"HS256"}"""u8)}.{Base64Url.EncodeToString(payload)}";
        byte[] signature = System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private object Good() => new { user_id = "euphrosyne", exp = Now + 300 };
}
