using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

public sealed class EmulatorProgramTests
{
    private TempFolder _folder = null!;
    private HttpClient _http = null!;

    [SetUp]
    public void Start()
    {
        _folder = new TempFolder();
        _folder.Folder("shares", "hot");
        _http = new HttpClient();
    }

    [TearDown]
    public void Stop()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task Program_Signalled_EndsWellAndKeepsItsLog(string signal)
    {
        _folder.File("shares/hot/f", "content");
        _folder.File("elsewhere/g", "other");
        await using EmulatorProcess program = await EmulatorProcess.StartAsync(
            "all", "--root", _folder.At("shares"), "--share", $"cold={_folder.At("elsewhere")}", "--azurite", "http://127.0.0.1:1", "--control-port", "0",
            "--log", _folder.At("requests.jsonl"));

        program.Addresses.Keys.Should().BeEquivalentTo("files", "blobs", "control");
        (await _http.GetStringAsync($"{program.Addresses["files"]}/hot/f?{StorageLab.Sas()}")).Should().Be("content");
        (await _http.GetStringAsync($"{program.Addresses["files"]}/cold/g?{StorageLab.Sas()}")).Should().Be("other");
        await program.SignalAsync(signal);
        await program.Process.WaitForExitAsync().WaitAsync(Eventually.Limit);

        program.Process.ExitCode.Should().Be(0);
        string[] lines = await File.ReadAllLinesAsync(_folder.At("requests.jsonl"));
        lines.Should().HaveCount(2).And.OnlyContain(line => line.Contains("sig=REDACTED") && line.Contains("\"operation\":\"GetFile\"") && line.Contains("\"status\":200"));
        JsonDocument.Parse(lines[0]).RootElement.GetProperty("path").GetString().Should().Be("hot/f");
    }

    [Test]
    public async Task Program_StandardInputEnds_Ends()
    {
        await using EmulatorProcess program = await EmulatorProcess.StartAsync("files", "--root", _folder.At("shares"));

        program.Process.StandardInput.Close();

        await program.Process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        program.Process.ExitCode.Should().Be(0);
    }

    [TestCase("files")]
    [TestCase("files", "--root", "/none/such")]
    [TestCase("files", "--root", "/tmp", "--share", "hot")]
    [TestCase("files", "--root", "/tmp", "--share", "Hot=/tmp")]
    [TestCase("files", "--root", "/tmp", "--log", "/none/such/log")]
    [TestCase("blob-front", "--azurite", "ftp://host")]
    public async Task Program_BadArguments_AreRefusedWithAReason(params string[] arguments)
    {
        using Process process = EmulatorProcess.Launch(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Limit);

        process.ExitCode.Should().Be(1);
        errors.Should().NotBeEmpty().And.NotContain("   at ");
        (await output).Should().NotContain("ready");
    }

    [Test]
    public async Task Files_KilledUnderWrites_KeepWhatWasAcknowledged()
    {
        for (int round = 0; round < 3; round++)
        {
            Dictionary<string, string> acknowledged = new(StringComparer.Ordinal);
            await using (EmulatorProcess program = await EmulatorProcess.StartAsync("files", "--root", _folder.At("shares")))
            {
                Task writing = WriteUntilItBreaksAsync(program.Addresses["files"], round, acknowledged);
                while (!writing.IsCompleted && CountOf(acknowledged) < 40 + round)
                    await Task.Delay(1);
                program.Process.Kill();
                await writing;
            }
            await using EmulatorProcess again = await EmulatorProcess.StartAsync("files", "--root", _folder.At("shares"));
            foreach ((string name, string etag) in acknowledged)
            {
                using HttpResponseMessage answer = await _http.GetAsync($"{again.Addresses["files"]}/hot/{name}?{StorageLab.Sas()}");
                answer.StatusCode.Should().Be(HttpStatusCode.OK);
                answer.Headers.ETag!.Tag.Should().Be(etag);
                answer.Headers.GetValues("x-ms-file-attributes").Should().Equal("Hidden");
                answer.Headers.GetValues("x-ms-meta-name").Should().Equal(name);
                (await answer.Content.ReadAsStringAsync()).Should().Be("data");
            }
            acknowledged.Count.Should().BeGreaterThanOrEqualTo(40);
        }
    }

    [Test]
    public async Task Control_FaultsAndRequests_AreReachedOverHttp()
    {
        _folder.File("shares/hot/f", "content");
        await using EmulatorProcess program = await EmulatorProcess.StartAsync("files", "--root", _folder.At("shares"), "--control-port", "0");
        Uri file = new($"{program.Addresses["files"]}/hot/f?{StorageLab.Sas()}");
        string control = program.Addresses["control"].ToString();

        using HttpResponseMessage added = await PostAsync($"{control}/faults", """{"operation":"GetFile","status":503,"count":1}""");
        added.StatusCode.Should().Be(HttpStatusCode.Created);
        int id = (await added.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        (await StatusAsync(HttpMethod.Get, file)).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(HttpMethod.Get, file)).Should().Be(HttpStatusCode.OK);
        JsonElement fault = await _http.GetFromJsonAsync<JsonElement>($"{control}/faults/{id}");
        (fault.GetProperty("met").GetInt32(), fault.GetProperty("fired").GetInt32()).Should().Be((2, 1));

        string[] lines = (await _http.GetStringAsync($"{control}/requests")).TrimEnd().Split('\n');
        lines.Should().HaveCount(2);
        lines[0].Should().Contain("\"status\":503").And.Contain($"\"fault\":{id}").And.NotContain(StorageLab.Sas().Split("sig=")[1]);

        (await StatusAsync(HttpMethod.Delete, new Uri($"{control}/faults/{id}"))).Should().Be(HttpStatusCode.NoContent);
        (await StatusAsync(HttpMethod.Delete, new Uri($"{control}/faults/{id}"))).Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync(HttpMethod.Delete, new Uri($"{control}/requests"))).Should().Be(HttpStatusCode.NoContent);
        (await _http.GetStringAsync($"{control}/requests")).Should().BeEmpty();
        (await _http.GetStringAsync($"{control}/faults")).Should().Be("[]");
        (await StatusAsync(HttpMethod.Get, new Uri($"{control}/else"))).Should().Be(HttpStatusCode.NotFound);
    }

    [TestCase("{", "JSON")]
    [TestCase("null", "object")]
    [TestCase("""{"stauts":500}""", "stauts")]
    [TestCase("""{"probability":2}""", "Probability")]
    public async Task Control_BadRule_IsRefusedByName(string rule, string named)
    {
        await using EmulatorProcess program = await EmulatorProcess.StartAsync("files", "--root", _folder.At("shares"), "--control-port", "0");

        using HttpResponseMessage answer = await PostAsync($"{program.Addresses["control"]}/faults", rule);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("error").And.Contain(named);
    }

    private static int CountOf(Dictionary<string, string> acknowledged)
    {
        lock (acknowledged)
            return acknowledged.Count;
    }

    private async Task WriteUntilItBreaksAsync(Uri files, int round, Dictionary<string, string> acknowledged)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"f-{round}-{i}");
                using HttpRequestMessage create = new(HttpMethod.Put, $"{files}/hot/{name}?{StorageLab.Sas()}");
                foreach ((string header, string value) in (IEnumerable<(string, string)>)
                    [("x-ms-type", "file"), ("x-ms-content-length", "4"), ("x-ms-file-attributes", "Hidden"), ("x-ms-meta-name", name)])
                {
                    create.Headers.Add(header, value);
                }
                (await _http.SendAsync(create)).Dispose();
                using HttpRequestMessage write = new(HttpMethod.Put, $"{files}/hot/{name}?comp=range&{StorageLab.Sas()}") { Content = new StringContent("data") };
                write.Headers.Add("x-ms-write", "update");
                write.Headers.Add("x-ms-range", "bytes=0-3");
                using HttpResponseMessage written = await _http.SendAsync(write);
                lock (acknowledged)
                    acknowledged.Add(name, written.Headers.ETag!.Tag);
            }
        }
        catch (HttpRequestException)
        {
            // Killed, as it should be.
        }
    }

    private async Task<HttpResponseMessage> PostAsync(string address, string json)
    {
        using StringContent content = new(json);
        return await _http.PostAsync(address, content);
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, Uri address)
    {
        using HttpRequestMessage request = new(method, address);
        using HttpResponseMessage answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }
}
