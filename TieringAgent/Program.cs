using System.Globalization;
using Tiering.Agent;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

// tiering-agent FOLDER ATTEMPT: works on the transfer job in FOLDER until it has a verdict.
if (args is not [{ } path, { } number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int attempt) || attempt < 1)
{
    Console.Error.WriteLine("usage: tiering-agent FOLDER ATTEMPT");
    return 2;
}

using CancellationTokenSource end = new();
using IDisposable term = AgentSignals.EndOn(end);
StandardErrorLog log = new(TimeProvider.System);
StorageSettings storage = new(Environment.GetEnvironmentVariable);
DirectoryJobFolder folder = new(path);
AzCopyDataCopy copy = new(AzCopyOptions.Read(Environment.GetEnvironmentVariable), TimeProvider.System, log);
TransferAgent agent = new(folder, new ProjectStores(ProjectStores.CreateClient()), copy, new LocalOrphans(path), storage, TimeProvider.System, log);
try
{
    AgentEnd outcome = await agent.RunAsync(attempt, end.Token);
    return outcome == AgentEnd.LeaseHeld ? 3 : 0;
}
catch (OperationCanceledException)
{
    return 4; // asked to end: the next attempt goes on
}
