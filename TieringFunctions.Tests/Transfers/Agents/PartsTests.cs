using System.Text.RegularExpressions;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Copies that are too large for one AzCopy job, with a very small limit: one result from many jobs.</summary>
public sealed partial class PartsTests
{
    [Test]
    public async Task CopyOfTwelveParts_KilledInTheNinth_GoesOnWithTheNinth()
    {
        await using AgentLab lab = await AgentLab.StartAsync();
        lab.AgentSettings["AZCOPY_FILES_PER_JOB"] = "2";
        string project = TwelveFolders(lab.Hot("demo"));
        IReadOnlyList<string> before = FolderListing.Of(project);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        string job = lab.Folders.PathOf(key.InstanceId);
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/folder 08/*");
        string log = Path.Combine(Directory.CreateDirectory(Path.Combine(job, "azcopy", "logs")).FullName, "of a resume.log"); // as 10.18.1 names them: not after their job
        await File.WriteAllTextAsync(log, "");
        await lab.StartAgentAsync(key, attempt: 1);
        await lab.UntilAsync(key, view => view.Progress?.AzCopyJobs.Count == 9);
        await held.ArriveAsync();
        await lab.StopAsync(key); // kill -9 of the agent and of its AzCopy
        held.Dispose();
        AgentCheckpoint killed = AtomicFile.ReadJson<AgentCheckpoint>(Path.Combine(job, AgentCheckpoint.FileName))!;
        killed.PartsDone.Should().Be(8);
        string[] kept = [.. Directory.GetFiles(Path.GetDirectoryName(log)!, "*.log").Select(Path.GetFileName)!];
        kept.Should().NotBeEmpty().And.OnlyContain(name => name.StartsWith(killed.AzCopyJobs[8]), "what is done needs no logs");

        await lab.StartAgentAsync(key, attempt: 2);
        TransferVerdict cooled = await lab.VerdictAsync(key);

        cooled.Error.Should().BeNull();
        cooled.Copied.Should().Be(cooled.Total).And.Be(new DataSize(24, 24 * 5));
        cooled.AzCopyJobs.Take(9).Should().Equal(killed.AzCopyJobs);
        cooled.AzCopyJobs.Count.Should().BeInRange(12, 13); // the ninth was resumed, or, without a plan yet, started anew
        PartNumber().Matches(await File.ReadAllTextAsync(Path.Combine(job, "agent.log"))).Select(match => match.Groups["number"].Value)
            .Should().Equal("1", "2", "3", "4", "5", "6", "7", "8", "9", "9", "10", "11", "12");

        Directory.Delete(project, recursive: true);
        lab.AgentSettings["AZCOPY_FILES_PER_JOB"] = "9";
        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);
        restored.Error.Should().BeNull();
        restored.AzCopyJobs.Should().HaveCount(3);
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task CopyInParts_FromAndToAShare_MovesEverything()
    {
        await using AgentLab lab = await AgentLab.StartShareAsync();
        lab.AgentSettings["AZCOPY_FILES_PER_JOB"] = "7";
        string project = Directory.CreateDirectory(lab.Hot("demo")).FullName;
        foreach (string name in (string[])["a b/c%20d", "a b/é;ü", "a b/x+y", "sub/deep/1", "sub/deep/2", "sub/3", "sub!/4", " lead", "#5", "6", "7", "8", "9"])
            Write(project, name);

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);
        cooled.Error.Should().BeNull();
        cooled.AzCopyJobs.Should().HaveCountGreaterThan(1);
        await lab.DeleteSourceAsync("demo", OperationType.Cool);
        (await lab.RunAsync("demo", OperationType.Restore)).Error.Should().BeNull();
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Should().HaveCount(13);
    }

    [Test]
    public async Task CopyFromAShare_UnderABoundBelowItsBlocks_IsCopiedInSmallerOnes()
    {
        await using AgentLab lab = await AgentLab.StartShareAsync();
        lab.AgentSettings["AZCOPY_CAP_MBPS"] = "40"; // 5,000,000 bytes a second: a block of 8 MiB would be refused
        string project = Directory.CreateDirectory(lab.Hot("demo")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(project, "large.bin"), new byte[12_000_000]);

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);

        cooled.Error.Should().BeNull();
        cooled.FilesRechecked.Should().Be(0);
    }

    private static string TwelveFolders(string project)
    {
        for (int i = 0; i < 12; i++)
        {
            Write(project, $"folder {i:D2}/deep/er/x;y");
            Write(project, $"folder {i:D2}/ü%20*");
        }
        Directory.CreateDirectory(Path.Combine(project, "folder 03", "empty", "still empty"));
        File.CreateSymbolicLink(Path.Combine(project, "folder 04", "link"), "deep");
        return project;
    }

    private static void Write(string project, string name)
    {
        string path = Path.Combine(project, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "12345");
    }

    [GeneratedRegex(@"Part (?<number>\d+) of 12", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PartNumber();
}
