using System.Globalization;
using Tiering.Agent;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

// tiering-agent FOLDER ATTEMPT: works on the transfer job in FOLDER until it has a verdict. In a container, FOLDER is the name of a job
// folder in the blob container that TIERING_JOBS names, and no path.
if (args is not [{ Length: > 0 } job, { } number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int attempt) || attempt < 1)
{
    Console.Error.WriteLine("usage: tiering-agent FOLDER ATTEMPT");
    return 2;
}

using CancellationTokenSource end = new();
using IDisposable term = AgentSignals.EndOn(end);
StandardErrorLog log = new(TimeProvider.System);
try
{
    StorageSettings storage = new(Environment.GetEnvironmentVariable);
    storage.Check();
    AzCopyOptions options = AzCopyOptions.Read(Environment.GetEnvironmentVariable);
    using HttpClient http = ProjectStores.CreateClient();
    using HttpClient platform = ManagedIdentity.CreateClient();
    ManagedIdentity identity = new(platform, IdentityEndpoint.Read(Environment.GetEnvironmentVariable), TimeProvider.System);
    IJobFolder folder = AgentFolders.Open(job, http, identity);
    AzCopyDataCopy copy = new(options, TimeProvider.System, log);
    ProjectStores stores = new(http, identity);
    TransferAgent agent = new(folder, stores, copy, new LocalOrphans(folder.LocalPath), storage, TimeProvider.System, log);
    AgentEnd outcome = await agent.RunAsync(attempt, end.Token);
    return outcome == AgentEnd.LeaseHeld ? 3 : 0;
}
catch (OperationCanceledException)
{
    return 4; // asked to end, or the lease is lost: the next attempt goes on
}
catch (ConfigurationException wrong)
{
    Console.Error.WriteLine(SecretRedactor.Redact($"{wrong.Code}: {wrong.Message}"));
    return 2; // as for a wrong command line
}
catch (TieringException failure)
{
    Console.Error.WriteLine(SecretRedactor.Redact($"{failure.Code}: {failure.Message}"));
    return 5; // without a verdict: the next attempt goes on
}
