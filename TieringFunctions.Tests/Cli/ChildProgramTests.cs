using Tiering.Cli.Showcase;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

public sealed class ChildProgramTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);
    private static readonly Dictionary<string, string?> NoEnvironment = [];

    private TempFolder _folder = null!;
    private ChildProgram _program = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        _program = NewProgram();
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await _program.StopAsync(Grace);
        _folder.Dispose();
    }

    [Test]
    public async Task Start_ThenStop_EndsIt()
    {
        Start("echo hello; exec tail -q -f \"$0\"");
        await Eventually.IsTrueAsync(() => _program.LastLines(1) == "hello");

        await _program.StopAsync(Grace);

        _program.IsRunning.Should().BeFalse();
        _program.Ending.Should().Be("exit code 143");
    }

    [Test]
    public async Task Stop_ProgramThatIgnoresIt_KillsIt()
    {
        Start("trap '' TERM; echo ready; exec tail -q -f \"$0\"");
        await Eventually.IsTrueAsync(() => _program.LastLines(1) == "ready");

        await _program.StopAsync(TimeSpan.FromMilliseconds(200));

        _program.IsRunning.Should().BeFalse();
    }

    [Test]
    public async Task TryAdopt_LeftRunningByAnother_TakesItOver()
    {
        Start("echo ready; exec tail -q -f \"$0\"");
        await Eventually.IsTrueAsync(() => _program.LastLines(1) == "ready");
        ChildProgram later = NewProgram();

        later.TryAdopt().Should().BeTrue();
        await later.StopAsync(Grace);

        later.IsRunning.Should().BeFalse();
        await Eventually.IsTrueAsync(() => !_program.IsRunning);
    }

    [Test]
    public void TryAdopt_IdOfAnotherProcess_IsRefused()
    {
        Directory.CreateDirectory(_folder.At("run"));
        File.WriteAllText(_folder.At("run", "thing.pid"), Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));

        NewProgram().TryAdopt().Should().BeFalse();
    }

    [Test]
    public async Task Start_Log_IsForTheOwnerAlone()
    {
        Start("echo secret");
        await _program.WaitForEndAsync(default);

        File.GetUnixFileMode(_program.LogPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _program.LastLines(1).Should().Be("secret");
    }

    private string Mark => $"mark-of-{Path.GetFileName(_folder.Root)}";

    private ChildProgram NewProgram() => new("thing", _folder.Root, Mark);

    private void Start(string script) =>
        _program.Start("/bin/sh", ["-c", script, _folder.File(Mark, "")], NoEnvironment);
}
