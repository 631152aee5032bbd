using System.Text.Json.Nodes;
using Tiering.Emulators.Euphrosyne;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>Chapter 6.3: what is deleted when the client asks for it, and what is not, in the contract's words.</summary>
public sealed class SourceDeletionTests : DropInJourney
{
    [Test]
    public async Task Accept_AnswersTheFiveFields()
    {
        Guid id = Guid.NewGuid();

        (await AskAsync(HttpMethod.Post, $"/data/projects/whoever/delete/HOT?operation_id={id:D}&file_count=8000000000&total_size=9223372036854775807")).Should().Be(
            (202, $$"""{"project_slug":"whoever","operation_id":"{{id:D}}","storage_role":"HOT","phase":"FROM_DATA_DELETION","status":"ACCEPTED"}"""));
    }

    [Test]
    public async Task EarlierCool_CountIsRight_HotIsDeleted()
    {
        string folder = HotProject("made-before", files: 5);
        await CoolCopyAsync("made-before", files: 5);
        ClientOperation cool = Earlier("made-before", "COOL", 5, 500, "COOL");

        (await DeleteAsync(cool.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);

        Directory.Exists(folder).Should().BeFalse();
        CallbacksOf(cool.Id).Single().Body.Should().Be(
            $$"""{"operation_id":"{{cool.Id:D}}","phase":"FROM_DATA_DELETION","from_data_deletion_status":"SUCCEEDED","error":null}""");
    }

    [Test]
    public async Task EarlierRestore_CountIsRight_CoolIsDeleted()
    {
        HotProject("came-back");
        await CoolCopyAsync("came-back");
        ClientOperation restore = Earlier("came-back", "RESTORE", 3, 300, "HOT");

        (await DeleteAsync(restore.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);

        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("came-back/", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(Service.Hot, "came-back")).Should().BeTrue();
    }

    [Test]
    public async Task EarlierCool_ContentsDiffer_NothingIsRemoved()
    {
        string folder = HotProject("altered");
        await CoolCopyAsync("altered");
        await Azurite.PutBlobAsync("cool", "altered/run 0/0.bin", Content(99, 100));
        ClientOperation cool = Earlier("altered", "COOL", 3, 300, "COOL");

        await RefusedAsync(cool, "*do not hold the same*0.bin*");

        FolderListing.Of(folder).Should().HaveCountGreaterThan(3);
    }

    [Test]
    public async Task Target_AlreadyAbsent_IsSuccess()
    {
        await CoolCopyAsync("gone");
        ClientOperation cool = Earlier("gone", "COOL", 3, 300, "COOL");

        (await DeleteAsync(cool.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
    }

    [TestCase("HOT", "COOL", "Cannot delete active storage side HOT")]
    [TestCase("COOL", "RESTORE", "Cannot delete active storage side COOL")]
    [TestCase("COOLING", "COOL", "Project data is not in a stable state (HOT or COOL)")]
    [TestCase("RESTORING", "RESTORE", "Project data is not in a stable state (HOT or COOL)")]
    [TestCase("ERROR", "COOL", "Project data is not in a stable state (HOT or COOL)")]
    [TestCase("FROZEN", "COOL", "Project data is not in a stable state (HOT or COOL)")]
    public async Task State_DoesNotAllowIt_IsAcceptedAndFails(string state, string type, string message)
    {
        string slug = $"state-{state}-{type}".ToLowerInvariant();
        string folder = HotProject(slug);
        await CoolCopyAsync(slug);

        await RefusedAsync(Earlier(slug, type, 3, 300, state), message);

        FolderListing.Of(folder).Should().HaveCountGreaterThan(3);
        (await Azurite.ListAsync("cool")).Count(name => name.StartsWith(slug + "/", StringComparison.Ordinal)).Should().Be(3);
    }

    [TestCase(8, 300, "Active storage side COOL stats mismatch: expected file_count=8 total_size=300; actual file_count=3 total_size=300")]
    [TestCase(3, 1024, "Active storage side COOL stats mismatch: expected file_count=3 total_size=1024; actual file_count=3 total_size=300")]
    public async Task RetainedSide_CountOrSizeIsWrong_FailsAndNothingIsRemoved(int files, int bytes, string message)
    {
        string slug = $"mismatch-{files}-{bytes}";
        string folder = HotProject(slug);
        await CoolCopyAsync(slug);

        await RefusedAsync(Earlier(slug, "COOL", files, bytes, "COOL"), message);

        FolderListing.Of(folder).Should().HaveCountGreaterThan(3);
    }

    [TestCase("COOL")]
    [TestCase("RESTORE")]
    public async Task RetainedSide_Absent_IsNeverTakenForEmpty(string type)
    {
        string slug = $"absent-{type}".ToLowerInvariant();
        string retained = type == "COOL" ? "COOL" : "HOT";
        if (type == "COOL")
            HotProject(slug);
        else
            await CoolCopyAsync(slug);

        await RefusedAsync(Earlier(slug, type, 0, 0, retained), $"Active storage side {retained} project data directory not found");
    }

    [Test]
    public async Task LookUp_NotAnswerable_FailsAndTheSameIdCanTryAgain()
    {
        string folder = HotProject("silent");
        await CoolCopyAsync("silent");
        ClientOperation cool = Earlier("silent", "COOL", 3, 300, "COOL");
        Client.Add(new ClientFault("lifecycle", ClientFaultKind.Status) { Status = 503, Times = 2, Matching = "/silent/" });

        await RefusedAsync(cool, "Storage backend is unavailable (fetch_project_lifecycle)", "LifecycleUnavailableError");
        Directory.Exists(folder).Should().BeTrue();

        (await DeleteAsync(cool.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        Directory.Exists(folder).Should().BeFalse();
    }

    [Test]
    public async Task LookUp_UnknownProjectOrNonsense_Fails()
    {
        HotProject("unknown");
        ClientOperation first = Earlier("unknown", "COOL", 3, 300, "COOL");
        Client.Add(new ClientFault("lifecycle", ClientFaultKind.Status) { Status = 404, Matching = "/unknown/" }); // however often: it is asked again when it answers late
        await RefusedAsync(first, "Project not found (fetch_project_lifecycle)", "LifecycleProjectNotFoundError");

        Client.ClearFaults();
        Client.Add(new ClientFault("lifecycle", ClientFaultKind.Garbage) { Matching = "/unknown/" });
        await RefusedAsync(first, "Storage backend returned an invalid response (fetch_project_lifecycle)", "LifecycleMalformedError");
    }

    [Test]
    public async Task LookUp_StateChangesBeforeTheFirstRemoval_NothingIsRemoved()
    {
        string folder = HotProject("turning");
        await CoolCopyAsync("turning");
        ClientOperation cool = Earlier("turning", "COOL", 3, 300, "COOL");
        int before = LookUpsOf("turning");
        Client.Add(new ClientFault("lifecycle", ClientFaultKind.Garbage) { Times = 1, Body = """{"lifecycle_state":"COOL","last_operation_id":null}""", Matching = "/turning/" });
        Client.Model.Put("turning", "RESTORING"); // from the second look on

        await RefusedAsync(cool, "Project data is not in a stable state (HOT or COOL)");

        (LookUpsOf("turning") - before).Should().BeGreaterThanOrEqualTo(2, "it is asked again right before the first removal, and whenever it answers late");
        FolderListing.Of(folder).Should().HaveCountGreaterThan(3);
    }

    [Test]
    public async Task Repeat_AfterSuccess_TellsSuccessAgainAndDeletesNothing()
    {
        HotProject("twice");
        ClientOperation cooled = await MoveAsync("twice", "COOL");
        await DeleteAsync(cooled.Id);
        HotProject("twice"); // somebody made it anew: a second deletion would be seen
        Client.Model.Put("twice", "COOL");

        (await DeleteAsync(cooled.Id)).Deletion.Should().Be("SUCCEEDED");

        Directory.Exists(Path.Combine(Service.Hot, "twice")).Should().BeTrue();
        CallbacksOf(cooled.Id).Where(request => request.Body.Contains("FROM_DATA_DELETION", StringComparison.Ordinal)).Select(request => request.Body).Should()
            .HaveCount(2).And.OnlyContain(body => body.Contains("\"SUCCEEDED\"", StringComparison.Ordinal));
    }

    [Test]
    public async Task Source_HoldsWhatWasNotCopied_NothingIsRemoved()
    {
        string folder = HotProject("grown");
        ClientOperation cooled = await MoveAsync("grown", "COOL");
        await File.WriteAllTextAsync(Path.Combine(folder, "new.txt"), "new");

        await RefusedAsync(cooled, "*holds what was not copied*new.txt*");

        FolderListing.Of(folder).Should().HaveCountGreaterThan(4);
    }

    [Test]
    public async Task WhileAnOperationRuns_IsAcceptedAndFails()
    {
        HotProject("moving");
        HeldRequests held = Faults.HoldWrites("cool/moving/*");
        ClientOperation earlier = Earlier("moving", "COOL", 3, 300, "HOT");
        ClientOperation running = await Client.BeginAsync("moving", "COOL");
        Client.Model.StateOf("moving").Should().Be("COOLING");

        await RefusedAsync(earlier, "Project data is not in a stable state (HOT or COOL)");
        held.Dispose();

        (await EndOfAsync(running.Id)).Status.Should().Be("SUCCEEDED", "a refused deletion does not disturb it");
    }

    private int LookUpsOf(string slug) => Client.Requests.Count(request => request.Target.Contains($"/{slug}/lifecycle", StringComparison.Ordinal));

    private async Task RefusedAsync(ClientOperation operation, string message, string title = "FromDataDeletionValidationError")
    {
        ClientOperation told = await DeleteAsync(operation.Id);
        told.Deletion.Should().Be("FAILED", Service.Output);
        JsonNode error = JsonNode.Parse(told.DeletionError!)!;
        error["title"]!.GetValue<string>().Should().Be(title);
        error["message"]!.GetValue<string>().Should().Match(message);
    }
}
