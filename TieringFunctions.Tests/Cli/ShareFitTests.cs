using Tiering.Cli;
using Tiering.Cli.Showcase;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

public sealed class ShareFitTests
{
    private TempFolder _folder = null!;

    private GivenProject Project => new("p", _folder.At("given"));

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task Check_WhatAShareCannotHold_IsListedWhole()
    {
        foreach (string name in (string[])["a:b", "sub/what?", "sub/dot.", "Twin", "twin", "aux", "good.txt"])
            _folder.File($"given/{name}", "x");
        File.CreateSymbolicLink(_folder.At("given", "link"), "good.txt");

        CliException refusal = (await FluentActions.Awaiting(() => ShareFit.CheckAsync(Project, default)).Should().ThrowAsync<CliException>()).Which;

        refusal.ExitCode.Should().Be(ExitCode.Usage);
        refusal.Message.Should().ContainAll("a:b", "sub/what?", "sub/dot.", "twin", "aux", "link").And.NotContain("good.txt:");
    }

    [Test]
    public async Task Check_TheSampleForAShare_Fits()
    {
        SampleProject.Create(_folder.At("given"), LocationKind.Share);
        await FluentActions.Awaiting(() => ShareFit.CheckAsync(Project, default)).Should().NotThrowAsync();
    }

    [Test]
    public async Task Check_TheSampleForAFolder_DoesNotFit()
    {
        SampleProject.Create(_folder.At("given"));
        await FluentActions.Awaiting(() => ShareFit.CheckAsync(Project, default)).Should().ThrowAsync<CliException>();
    }
}
