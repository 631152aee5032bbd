using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Embedded;

/// <summary>Backs the service up while it works. Only the embedded host keeps what it knows in files of its own.</summary>
public sealed class BackupTrigger(Backup backup)
{
    [Function("backup")]
    [Query(Action = AuditActions.Backup)]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/backups")] HttpRequest request,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Backup, Project: null).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["directory"], cancellation);
        string folder = body.Text("directory") ?? throw new InvalidFieldException("directory", "must be given");
        Core.Backups.BackupList list = await backup.CreateAsync(folder, request.Caller(), cancellation);
        return ApiAnswers.Json(
            new { Directory = folder, list.CreatedAt, Files = list.Files.Count, Bytes = list.Files.Sum(file => file.Bytes) }, StatusCodes.Status201Created);
    }
}
