using System.Diagnostics;
using Tiering.Emulators.Requests;

namespace Tiering.Tests.Emulators;

public sealed class RequestLogTests : FilesTest
{
    [Test]
    public async Task Request_Answered_IsRecordedAlready()
    {
        Folder.File("shares/hot/f", "content");
        for (int i = 1; i <= 200; i++)
        {
            await Client.SendAsync("GET", "hot/f");
            Files.Log.Ended.Should().HaveCount(i);
        }
        Files.Log.Active.Should().BeEmpty();
        Files.Log.Ended.Select(request => request.Id).Should().BeInAscendingOrder();
    }

    [Test]
    public async Task Request_Ended_TellsWhatItWas()
    {
        await Client.CreateFileAsync("hot/a b", 4);
        await Client.PutRangeAsync("hot/a b", 0, "data"u8.ToArray());
        await Client.SendAsync("GET", "hot/a b");
        await Client.SendAsync("GET", "hot/none");

        Files.Log.Ended.Select(r => (r.Server, r.Method, r.Operation, r.Path, r.Status, r.Code, r.BytesIn)).Should().Equal(
            ("files", "PUT", "CreateFile", "hot/a b", 201, null, 0),
            ("files", "PUT", "PutRange", "hot/a b", 201, null, 4),
            ("files", "GET", "GetFile", "hot/a b", 200, null, 0),
            ("files", "GET", "GetFile", "hot/none", 404, "ResourceNotFound", 0));
        Files.Log.Ended[1].Range.Should().Be("bytes=0-3");
        Files.Log.Ended[2].BytesOut.Should().Be(4);
        Files.Log.Ended.Should().OnlyContain(r => r.Start <= r.End && r.Complete && r.ClientPort > 0 && r.Connection.Length > 0);
        Files.Log.Ended.Should().OnlyContain(r => r.Query.EndsWith("sig=REDACTED", StringComparison.Ordinal));
    }

    [TestCase("?sp=r&SIG=abc&se=x", "sp=r&sig=REDACTED&se=x")]
    [TestCase("?s%69g=abc", "sig=REDACTED")]
    [TestCase("", "")]
    public async Task Query_WithASignatureInAnySpelling_IsRedacted(string query, string expected)
    {
        await Client.SendRawAsync("GET", $"hot/f{query}", null);

        Files.Log.Ended.Single().Query.Should().Be(expected);
    }

    [Test]
    public void Spans_OfWriters_OverlapOnlyWhenTwoWroteAtOnce()
    {
        RequestRecord[] apart = [Write("a", 0, 10), Write("a", 5, 20), Read("b", 3, 4), Write("b", 20, 30)];
        RequestRecord[] nested = [.. apart, Write("c", 7, 8)];

        WriterSpan.Overlap(WriterSpan.Of(apart, r => r.Agent)).Should().BeNull();
        (WriterSpan First, WriterSpan Second)? overlap = WriterSpan.Overlap(WriterSpan.Of(nested, r => r.Agent));
        (overlap!.Value.First.Writer, overlap.Value.Second.Writer).Should().Be(("a", "c"));
    }

    [Test]
    public async Task AzCopy_WithAUserAgentPrefix_IsToldApart()
    {
        await using StorageLab lab = await StorageLab.StartAsync();
        lab.Folder.File("shares/hot/proj/file.txt", "content");
        foreach (string attempt in (string[])["attempt-1", "attempt-2"])
        {
            using Process process = AzCopyRun.Start(
                lab.Folder, [new("AZCOPY_USER_AGENT_PREFIX", attempt)],
                "copy", lab.ShareUrl("proj"), lab.BlobUrl("p"), "--recursive", "--from-to=FileBlob", "--as-subdir=false", "--output-type=json");
            _ = process.StandardError.ReadToEndAsync();
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
        }

        IReadOnlyList<WriterSpan> spans = WriterSpan.Of(lab.Log.Ended, r => r.Agent.Split('/')[0]);

        spans.Select(span => span.Writer).Should().Equal("attempt-1", "attempt-2");
        WriterSpan.Overlap(spans).Should().BeNull();
    }

    private static RequestRecord Write(string writer, int start, int end) => Record("PUT", writer, start, end);

    private static RequestRecord Read(string writer, int start, int end) => Record("GET", writer, start, end);

    private static RequestRecord Record(string method, string writer, int start, int end) =>
        new(1, "blobs", method, "Any", "cool/p", DateTimeOffset.UnixEpoch.AddSeconds(start)) { End = DateTimeOffset.UnixEpoch.AddSeconds(end), Agent = writer };
}
