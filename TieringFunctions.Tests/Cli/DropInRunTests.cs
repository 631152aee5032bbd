using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Tiering.Cli;
using Tiering.Cli.Showcase;
using Tiering.Emulators.Euphrosyne;
using Tiering.Tests.Support;

namespace Tiering.Tests.Cli;

/// <summary><c>./run --drop-in URL</c> with all that it starts, as the process that it is, beside the emulated client.</summary>
public sealed class DropInRunTests
{
    private const string Secret = "django-11by";

    [Test]
    public async Task Run_DropIn_ServesTheClientAndShowsNoSecret()
    {
        using TempFolder temp = new();
        await using EuphrosyneEmulator client = await EuphrosyneEmulator.StartAsync(new EuphrosyneOptions { Secret = Secret, Prefix = "/euphrosyne" });
        using ReservedPort reserved = new();
        int port = reserved.Number;
        temp.File("data/hot/demo/a.txt", "alpha");
        temp.File("data/hot/demo/run 1/b.txt", "bravo");
        client.Model.Put("demo", "HOT");
        client.Tiering = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        ConcurrentQueue<string> lines = new();
        using Process run = RunProcess.Start(
            temp, port, lines, ["--drop-in", client.Url + "/"], ("JWT_SECRET_KEY", Secret), ("AZCOPY_PATH", Tools.AzCopy), ("TIERING_CALLBACK_DELAY_SECONDS", "1"));
        try
        {
            await Eventually.IsTrueAsync(() => run.HasExited || lines.Any(line => line.Contains("Ctrl-C", StringComparison.Ordinal)));
            run.HasExited.Should().BeFalse(string.Join('\n', lines));

            ClientOperation begun = await client.BeginAsync("demo", "COOL");
            begun.Answer.Should().Be(202);
            await Eventually.IsTrueAsync(() => client.Model.Find(begun.Id)!.IsTerminal);

            client.Model.Find(begun.Id)!.Should().BeEquivalentTo(
                new { Status = "SUCCEEDED", FilesTotal = 2, FilesCopied = 2, BytesTotal = 10, BytesCopied = 10 }, string.Join('\n', lines));
            await RunProcess.EndAsync(run);
            run.ExitCode.Should().Be(0);
            Ports.IsFree(port).Should().BeTrue("the service has ended with it");
        }
        finally
        {
            if (!run.HasExited)
                await RunProcess.EndAsync(run); // it ends what it has started
        }
        string shown = string.Join('\n', lines);
        shown.Should().Contain($"EUPHROSYNE_BACKEND_URL={client.Url}\n").And.Contain("JWT_SECRET_KEY=(set, not shown)").And.Contain("AZURE_STORAGE_ACCOUNT_KEY=(set, not shown)")
            .And.Contain("DATA_BACKEND=folder").And.NotContain(Secret).And.NotContain(AzuriteProgram.AccountKey);
    }
}
