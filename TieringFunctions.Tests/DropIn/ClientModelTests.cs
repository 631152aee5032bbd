using System.Text;
using System.Text.Json.Nodes;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Emulators.Euphrosyne;

namespace Tiering.Tests.DropIn;

/// <summary>How the client treats callbacks (chapter 7.2 and 7.3): the emulated one does what the contract says, with Tiering's own bodies.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ClientModelTests
{
    private static readonly DataSize Size = new(7, 1024);
    private readonly ClientModel model = new();

    [Test]
    public void Callback_OfAnUnknownOperation_Is404() => model.Take(Succeeded(Guid.NewGuid())).Should().Be(404);

    [Test]
    public void Callback_Failed_MovesAMovingProjectToError()
    {
        Guid id = Running("COOL");

        model.Take(Failed(id)).Should().Be(200);

        model.Find(id).Should().BeEquivalentTo(new { Status = "FAILED", ErrorMessage = "The source changed.", FilesTotal = (long?)null });
        model.StateOf("demo").Should().Be("ERROR");
    }

    [TestCase("COOL", "COOL")]
    [TestCase("RESTORE", "HOT")]
    public void Callback_Verified_MovesTheProject(string type, string state)
    {
        Guid id = Running(type);

        model.Take(Succeeded(id)).Should().Be(200);

        (model.Find(id)!.Status, model.StateOf("demo")).Should().Be(("SUCCEEDED", state));
    }

    [TestCase("bytes_copied", "1023")]
    [TestCase("files_copied", "6")]
    [TestCase("bytes_total", "null")]
    [TestCase("files_total", "null")]
    public void Callback_CountsDoNotAgree_IsErrorWithTheMismatch(string field, string value)
    {
        Guid id = Running("COOL");
        JsonObject body = JsonNode.Parse(Succeeded(id))!.AsObject();
        body[field] = JsonNode.Parse(value);

        model.Take(Encoding.UTF8.GetBytes(body.ToJsonString())).Should().Be(200);

        model.Find(id)!.ErrorMessage.Should().Be("Verification failed.");
        model.Find(id)!.ErrorDetails.Should().Contain("verification_mismatch");
        model.StateOf("demo").Should().Be("ERROR");
    }

    [Test]
    public void Callback_AfterTheEnd_ChangesNothing()
    {
        Guid id = Running("COOL");
        model.Take(Succeeded(id));

        model.Take(Failed(id)).Should().Be(200);

        (model.Find(id)!.Status, model.StateOf("demo")).Should().Be(("SUCCEEDED", "COOL"));
    }

    [Test]
    public void Callback_FailedWhileHot_LeavesTheProjectHot()
    {
        Guid id = Running("COOL");
        model.Put("demo", "HOT");

        model.Take(Failed(id));

        (model.Find(id)!.Status, model.StateOf("demo")).Should().Be(("FAILED", "HOT"));
    }

    [Test]
    public void Callback_OfADeletion_TouchesTheSubStateOnly()
    {
        Guid id = Running("COOL");
        model.Take(Succeeded(id));
        model.Change(id, operation => operation with { Deletion = "RUNNING" });

        model.Take(Deletion(id, null)).Should().Be(200);

        model.Find(id).Should().BeEquivalentTo(new { Status = "SUCCEEDED", Deletion = "SUCCEEDED", DeletionError = (string?)null });
        model.StateOf("demo").Should().Be("COOL");
    }

    [Test]
    public void Callback_OfAFailedDeletionWithoutError_HasTheDefaultOne()
    {
        Guid id = Running("COOL");
        model.Change(id, operation => operation with { Deletion = "RUNNING" });

        model.Take(Encoding.UTF8.GetBytes($$"""{"operation_id":"{{id:D}}","phase":"FROM_DATA_DELETION","from_data_deletion_status":"FAILED"}"""));

        model.Find(id)!.DeletionError.Should().Be("Tools API reported source data deletion failure.");
    }

    [TestCase("NOT_REQUESTED")]
    [TestCase("SUCCEEDED")]
    [TestCase("FAILED")]
    public void Callback_OfADeletionNobodyWaitsFor_IsIgnored(string state)
    {
        Guid id = Running("COOL");
        model.Change(id, operation => operation with { Deletion = state });

        model.Take(Deletion(id, new OperationError("x", "y"))).Should().Be(200);

        model.Find(id)!.Deletion.Should().Be(state);
    }

    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":null}""")]
    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55"}""")]
    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"RUNNING"}""")]
    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"FAILED","phase":null}""")]
    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"FAILED","bytes_total":-1}""")]
    [TestCase("""{"operation_id":"8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55","status":"FAILED","bytes_total":1.5}""")]
    [TestCase("")]
    public void Callback_BreachesTheRules_Is400(string body) => model.Take(Encoding.UTF8.GetBytes(body)).Should().Be(400);

    private Guid Running(string type)
    {
        ClientOperation operation = new(Guid.NewGuid(), "demo", type, DateTimeOffset.UtcNow);
        model.Put(operation);
        model.CommitStart(operation.Id, 202);
        return operation.Id;
    }

    private static byte[] Succeeded(Guid id) =>
        Encoding.UTF8.GetBytes(ClientResult.Of(Operation(id).Succeed(DateTimeOffset.UnixEpoch, Size, Size, "full", unwitnessed: false)));

    private static byte[] Failed(Guid id) =>
        Encoding.UTF8.GetBytes(ClientResult.Of(Operation(id).Fail(DateTimeOffset.UnixEpoch, new OperationError("source-changed", "The source changed."))));

    private static byte[] Deletion(Guid id, OperationError? error) => Encoding.UTF8.GetBytes(
        ClientResult.Of(Operation(id).Key, new SourceDeletion(error is null ? DeletionStatus.Succeeded : DeletionStatus.Failed) { Error = error }));

    private static LifecycleOperation Operation(Guid id) => new(new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, id), DateTimeOffset.UnixEpoch);
}
