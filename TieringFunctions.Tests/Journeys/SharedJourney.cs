using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Transfers.Plans;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>One Azurite and one service for all tests of a fixture; each test has projects of its own.</summary>
public abstract class SharedJourney
{
    private BlobFrontEmulator front = null!;

    protected TempFolder Temp { get; private set; } = null!;

    protected AzuriteServer Azurite { get; private set; } = null!;

    protected ServiceProcess Service { get; private set; } = null!;

    /// <summary>What goes wrong, or waits, between the transfers and COOL.</summary>
    protected FaultSet Faults => front.Faults;

    protected virtual IReadOnlyDictionary<string, string>? Settings => null;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Temp = new TempFolder();
        Azurite = await AzuriteServer.StartAsync();
        front = await BlobFrontEmulator.StartAsync(new() { Azurite = Azurite.Endpoint });
        Dictionary<string, string> settings = new(Settings ?? new Dictionary<string, string>(), StringComparer.Ordinal) { ["AZURE_STORAGE_BLOB_ENDPOINT"] = front.Endpoint.ToString() };
        Service = await ServiceProcess.StartAsync(Temp.Folder("data"), Azurite, settings);
    }

    [TearDown]
    public void ForgetFaults() => Faults.Clear();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await Service.DisposeAsync();
        await front.DisposeAsync();
        await Azurite.DisposeAsync();
        Temp.Dispose();
    }

    /// <inheritdoc cref="ServiceProcess.MakeProjectAsync"/>
    protected Task<string> ProjectAsync(string slug, int bigBytes = 0) => Service.MakeProjectAsync(slug, bigBytes);

    /// <summary>A dry run.</summary>
    protected async Task<TransferPlan> PlanAsync(string slug, string what, object? body = null)
    {
        JsonElement asked = await Service.SendAsync(HttpMethod.Post, $"/api/projects/{slug}/{what}?dry_run=true", body);
        string id = asked.GetProperty("id").GetString()!;
        JsonElement made = await Service.WaitAsync(
            () => Service.SendAsync(HttpMethod.Get, $"/api/plans/{id}"), view => view.GetProperty("status").GetString() != "RUNNING", $"the plan {id}");
        made.GetProperty("status").GetString().Should().Be("READY", made.ToString());
        return made.GetProperty("plan").Deserialize<TransferPlan>(TieringJson.Options)!;
    }

    protected async Task<JsonElement> SucceedAsync(string slug, string what) => Succeeded(await Service.MoveAsync(slug, what));

    protected JsonElement Succeeded(JsonElement operation)
    {
        operation.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{operation}\n{Service.Output}");
        return operation;
    }

    /// <summary>The operation failed with this code, and its message names these.</summary>
    protected static JsonElement Failed(JsonElement operation, string code, params string[] names)
    {
        operation.GetProperty("status").GetString().Should().Be("FAILED", operation.ToString());
        operation.GetProperty("error").GetProperty("code").GetString().Should().Be(code, operation.ToString());
        foreach (string name in names)
            operation.GetProperty("error").GetProperty("message").GetString().Should().Contain(name);
        return operation;
    }
}
