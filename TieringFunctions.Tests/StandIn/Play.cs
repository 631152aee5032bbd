using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tiering.Tests.StandIn;

/// <summary>Plays one command of a script.</summary>
/// <param name="call">The call that the script answers.</param>
/// <param name="lastExit">The exit code of the real AzCopy that was called before; 0 when none was.</param>
internal sealed class Play(Invocation call, int lastExit)
{
    /// <returns>The exit code from now on; null for the one before. Some commands never return.</returns>
    public async Task<int?> RunAsync(string line)
    {
        string[] words = line.Split(' ', 2);
        string rest = words.Length > 1 ? words[1].Replace("{id}", call.JobId, StringComparison.Ordinal) : "";
        switch (words[0])
        {
            case "real" or "quiet": // with further arguments for it
                return await RealAzCopy.RunAsync(call.AzCopy, call.Arguments.Concat(rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)), speaks: words[0] == "real");
            case "out":
                await WriteAsync(Console.OpenStandardOutput(), Encoding.UTF8.GetBytes(rest));
                return null;
            case "err":
                await WriteAsync(Console.OpenStandardError(), Encoding.UTF8.GetBytes(rest));
                return null;
            case "hex": // bytes that are no text
                await WriteAsync(Console.OpenStandardOutput(), Convert.FromHexString(rest));
                return null;
            case "long": // one line of so many bytes
                await WriteAsync(Console.OpenStandardOutput(), Encoding.UTF8.GetBytes(new string('x', int.Parse(rest, CultureInfo.InvariantCulture))));
                return null;
            case "init":
                Tell("Init", new { LogFileLocation = "", JobID = rest.Length > 0 ? rest : call.JobId, IsCleanupJob = false });
                return null;
            case "progress" or "end" or "summary": // JobStatus, then the counts that differ from those of a good end, as NAME=VALUE
                Tell(words[0] switch { "progress" => "Progress", "end" => "EndOfJob", _ => "GetJobSummary" }, Counts(rest.Split(' ')));
                return null;
            case "prompt":
                Tell("Prompt", rest);
                return null;
            case "error":
                Tell("Error", rest);
                return null;
            case "captured": // the output of the real one, from a file
                await WriteAsync(Console.OpenStandardOutput(), await File.ReadAllBytesAsync(rest));
                return null;
            case "delete":
                await new Target(call.Destination).DeleteAsync(rest);
                return null;
            case "truncate":
                await new Target(call.Destination).ChangeAsync(rest, content => content[..(content.Length / 2)]);
                return null;
            case "alter":
                await new Target(call.Destination).ChangeAsync(rest, content => [(byte)(content[0] ^ 1), .. content.AsSpan(1)]);
                return null;
            case "leave": // a program whose parent has ended, that holds the output open
                using (Process shell = Process.Start("/bin/sh", ["-c", "setsid sleep 1000 &"]))
                    await shell.WaitForExitAsync();
                return null;
            case "endless":
                Endless(rest);
                return null;
            case "hang":
                await Task.Delay(Timeout.Infinite);
                return null;
            case "die":
                Process.GetCurrentProcess().Kill();
                return null;
            case "exit":
                Environment.Exit(rest == "last" ? lastExit : int.Parse(rest, CultureInfo.InvariantCulture));
                return null;
            default:
                throw new ArgumentException($"The script says what nobody understands: {line}");
        }
    }

    private Dictionary<string, string> Counts(string[] words)
    {
        (string files, string bytes) = (call.Files.ToString(CultureInfo.InvariantCulture), call.Bytes.ToString(CultureInfo.InvariantCulture));
        Dictionary<string, string> counts = new(StringComparer.Ordinal)
        {
            ["JobID"] = call.JobId,
            ["JobStatus"] = words[0],
            ["TotalTransfers"] = files,
            ["FileTransfers"] = files,
            ["TransfersCompleted"] = files,
            ["TransfersFailed"] = "0",
            ["TransfersSkipped"] = "0",
            ["TotalBytesEnumerated"] = bytes,
            ["TotalBytesTransferred"] = bytes,
            ["PercentComplete"] = "100",
        };
        foreach (string[] pair in words[1..].Select(word => word.Split('=', 2)))
            counts[pair[0]] = pair[1];
        return counts;
    }

    private static void Tell(string type, object content) => Console.Out.WriteLine(JsonSerializer.Serialize(new
    {
        TimeStamp = "2026-11-20T12:00:00Z",
        MessageType = type,
        MessageContent = content as string ?? JsonSerializer.Serialize(content),
    }));

    private static void Endless(string text)
    {
        using Stream output = Console.OpenStandardOutput();
        byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text + "\n", 1000)));
        while (true)
            output.Write(block);
    }

    private static async Task WriteAsync(Stream stream, byte[] line)
    {
        await using (stream)
        {
            await stream.WriteAsync(line);
            await stream.WriteAsync("\n"u8.ToArray());
        }
    }
}
