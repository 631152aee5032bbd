using System.Net;

namespace Tiering.Tests.Transfers.Inventories;

/// <summary>A storage service that answers as a test says; the last answer is given for ever.</summary>
internal sealed class ScriptedService(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
{
    private int asked;

    /// <summary>How many requests came.</summary>
    public int Asked => asked;

    public static HttpResponseMessage Status(HttpStatusCode status, string? code = null)
    {
        HttpResponseMessage answer = new(status) { Content = new StringContent("") };
        if (code is not null)
            answer.Headers.Add("x-ms-error-code", code);
        return answer;
    }

    public static HttpResponseMessage Text(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text) };

    /// <summary>A page of a listing with blobs of one byte.</summary>
    public static HttpResponseMessage Page(string nextMarker, params string[] names) => Text(
        "<?xml version=\"1.0\"?><EnumerationResults><Prefix>x</Prefix><Blobs>"
        + string.Concat(names.Select(name => $"<Blob><Name>{name}</Name><Properties><Etag>0x1</Etag><Content-Length>1</Content-Length></Properties></Blob>"))
        + $"</Blobs><NextMarker>{nextMarker}</NextMarker></EnumerationResults>");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref asked) - 1;
        return Task.FromResult(answers[Math.Min(number, answers.Length - 1)](request));
    }
}
