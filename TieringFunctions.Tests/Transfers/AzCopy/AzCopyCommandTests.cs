using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class AzCopyCommandTests
{
    private const string Secret = "sv=1&sig=abc%2Fdef%3D";
    private static readonly AzCopyOptions Options = new();
    private static readonly AzCopyEndpoint Folder = new(At(LocationKind.Folder, "/data/my project"));
    private static readonly AzCopyEndpoint Blob = new(At(LocationKind.Blob, "https://a.example/c/my%20project"), Secret);
    private static readonly AzCopyEndpoint Share = new(At(LocationKind.Share, "https://f.example/s/my%20project"), Secret);

    private static Location At(LocationKind kind, string address) => new(kind, address, address);

    private static IEnumerable<TestCaseData> Pairs()
    {
        yield return new TestCaseData(Folder, Blob, "LocalBlob");
        yield return new TestCaseData(Blob, Folder, "BlobLocal");
        yield return new TestCaseData(Share, Blob, "FileBlob");
        yield return new TestCaseData(Blob, Share, "BlobFile");
        yield return new TestCaseData(Folder, Share, "LocalFile");
        yield return new TestCaseData(Share, Folder, "FileLocal");
    }

    [TestCaseSource(nameof(Pairs))]
    public void Copy_Pair_HasItsFromTo(AzCopyEndpoint source, AzCopyEndpoint destination, string fromTo) =>
        AzCopyCommand.Copy(source, destination, new AzCopyCopyOptions(), Options).ToString().Should().Contain($"--from-to={fromTo} ");

    [Test]
    public void Copy_SameKindOnBothSides_IsRefused([Values] LocationKind kind) =>
        FluentActions.Invoking(() => AzCopyFromTo.Of(kind, kind)).Should().Throw<AzCopyInvalidException>().Which.Code.Should().Be("azcopy-invalid");

    [Test]
    public void ToString_CommandWithSas_ShowsNoSignature()
    {
        string copy = AzCopyCommand.Copy(Share, Blob, new AzCopyCopyOptions(), Options).ToString();
        string resume = AzCopyCommand.Resume("91a2771c-f3eb-b742-7993-f13ead5f3ab7", Share with { Sas = Secret }, Blob with { Sas = "?" + Secret }).ToString();

        copy.Should().NotContain("abc").And.Contain("sig=REDACTED");
        resume.Should().NotContain("abc").And.Contain("sig=REDACTED");
        Blob.ToString().Should().NotContain("sig");
    }

    [Test]
    public void Copy_OptionsThatDoNothingOrFail_AreRefused()
    {
        (AzCopyEndpoint From, AzCopyEndpoint To, AzCopyCopyOptions Options)[] cases =
        [
            (Blob, Folder, new() { BlockBlobTier = "Cool" }),
            (Folder, Blob, new() { BlockBlobTier = "Lukewarm" }),
            (Share, Blob, new() { PutMd5 = true }),
            (Folder, Blob, new() { CheckMd5 = "FailIfDifferent" }),
            (Share, Blob, new() { PreservePosixProperties = true }),
            (Folder, Blob, new() { LogLevel = "LOUD" }),
            (Folder, Blob, new() { OutputType = "xml" }),
            (new AzCopyEndpoint(At(LocationKind.Folder, "relative/path")), Blob, new()),
            (new AzCopyEndpoint(At(LocationKind.Folder, "/data*/project")), Blob, new()),
            (Folder, new AzCopyEndpoint(At(LocationKind.Blob, "https://a.example/c?x=1")), new()),
            (Folder, new AzCopyEndpoint(At(LocationKind.Blob, "ftp://a.example/c")), new()),
        ];
        foreach ((AzCopyEndpoint from, AzCopyEndpoint to, AzCopyCopyOptions options) in cases)
            FluentActions.Invoking(() => AzCopyCommand.Copy(from, to, options, Options)).Should().Throw<AzCopyInvalidException>();
    }

    [Test]
    public void Copy_SideWithoutSas_SignsInAndTrustsEndpointsOfTheirOwnName()
    {
        AzCopyEndpoint own = new(At(LocationKind.Blob, "https://blobs.example:1234/c/p"));
        AzCopyEndpoint azure = new(At(LocationKind.Blob, "https://account.blob.core.windows.net/c/p"));
        AzCopyCommand copy = AzCopyCommand.Copy(Folder, own, new AzCopyCopyOptions(), Options);
        AzCopyCommand resume = AzCopyCommand.Resume("91a2771c-f3eb-b742-7993-f13ead5f3ab7", Folder, own);

        (copy.SignsIn, copy.For(new Version(10, 32, 2)).SignsIn, resume.SignsIn).Should().Be((true, true, true));
        copy.ToString().Should().Contain("--trusted-microsoft-suffixes=blobs.example:1234");
        resume.ToString().Should().Contain("--trusted-microsoft-suffixes=blobs.example:1234");
        AzCopyCommand.Copy(azure, Folder, new AzCopyCopyOptions(), Options).Should().Match<AzCopyCommand>(
            command => command.SignsIn && !command.ToString().Contains("trusted", StringComparison.Ordinal));
        AzCopyCommand.Copy(Folder, Blob, new AzCopyCopyOptions(), Options).Should().Match<AzCopyCommand>(
            command => !command.SignsIn && !command.ToString().Contains("trusted", StringComparison.Ordinal));
    }

    [TestCase("not-an-id")]
    [TestCase("--help")]
    public void Resume_NoJobId_IsRefused(string id) =>
        FluentActions.Invoking(() => AzCopyCommand.Resume(id, Folder, Blob)).Should().Throw<AzCopyInvalidException>();

    [TestCase("10.10.0", "--as-subdir")]
    [TestCase("10.14.1", "--preserve-posix-properties")]
    public void For_VersionWithoutAFlag_IsRefused(string version, string flag)
    {
        AzCopyCommand command = AzCopyCommand.Copy(Folder, Blob, new AzCopyCopyOptions { PreservePosixProperties = true }, Options);

        FluentActions.Invoking(() => command.For(Version.Parse(version))).Should().Throw<AzCopyTooOldException>().WithMessage($"*{version}*{flag}*");
    }

    [TestCase("10.14.1", false)]
    [TestCase("10.32.2", true)]
    public void For_Version_AsksTheVendorForNoNewerOneWhereItCan(string version, bool told) =>
        AzCopyCommand.Copy(Folder, Blob, new AzCopyCopyOptions(), Options).For(Version.Parse(version)).ToString()
            .Contains("--skip-version-check", StringComparison.Ordinal).Should().Be(told);
}
