using System.Globalization;
using System.Text.Json.Nodes;
using Tiering.Core.Identity;

namespace Tiering.Core.Transfers.Jobs.Containers;

/// <summary>
/// Starts agents as executions of one manually triggered job of Azure Container Apps. An execution gets the job folder's name and the attempt
/// as arguments and nothing else: whoever may read executions learns no secret.
/// Source: https://github.com/Azure/azure-rest-api-specs, Microsoft.App, Jobs, 2025-01-01.
/// </summary>
public sealed class ContainerJobHost : IJobHost
{
    private const string Version = "api-version=2025-01-01";

    private readonly ManagementRequests requests;
    private readonly ContainerJobSettings settings;
    private readonly TimeProvider clock;

    /// <param name="http">Without a time limit of its own, and without redirects.</param>
    /// <param name="tokens">Signs the requests.</param>
    /// <param name="settings">Which job, and how patient.</param>
    /// <param name="clock">Measures patience.</param>
    public ContainerJobHost(HttpClient http, ITokenSource tokens, ContainerJobSettings settings, TimeProvider clock)
    {
        requests = new ManagementRequests(http, tokens, settings, clock);
        (this.settings, this.clock) = (settings, clock);
    }

    public async Task StartAsync(string instanceId, int attempt, CancellationToken cancellation)
    {
        IReadOnlyList<JobExecution> known = await ListAsync(instanceId, cancellation);
        if (known.Any(execution => execution.Attempt == attempt))
            return; // by an earlier call, whose caller did not learn of it
        await EndAsync(instanceId, known, cancellation); // what hangs, or has lost its lease, must not write beside the new one
        JsonNode template = await TemplateAsync(instanceId, attempt, cancellation);
        long start = clock.GetTimestamp();
        for (int trial = 1; ; trial++)
        {
            ManagementAnswer answer = await requests.TryAsync(HttpMethod.Post, Address("/start"), template, cancellation);
            if (answer.IsSuccess)
                return;
            if (!answer.MayHelpAgain || clock.GetElapsedTime(start) > settings.Patience)
                throw answer.Failure(HttpMethod.Post);
            await requests.PauseAsync(trial, answer, cancellation);
            // A request without an answer may have been carried out. (If the list does not show it yet, two agents of one attempt meet at the lease.)
            if ((await ListAsync(instanceId, cancellation)).Any(execution => execution.Attempt == attempt))
                return;
        }
    }

    public async Task<AgentPresence> LookAsync(string instanceId, int attempt, CancellationToken cancellation)
    {
        try
        {
            List<JobExecution> started = [.. (await ListAsync(instanceId, cancellation, patient: false)).Where(execution => execution.Attempt == attempt)];
            if (started.Count == 0)
                return AgentPresence.Unknown; // a new execution may not be listed yet
            return started.Exists(execution => execution.IsLive) ? AgentPresence.Present : AgentPresence.Gone;
        }
        catch (JobHostException)
        {
            return AgentPresence.Unknown; // a look that fails says nothing about the agent
        }
    }

    public async Task StopAsync(string instanceId, CancellationToken cancellation) =>
        await EndAsync(instanceId, await ListAsync(instanceId, cancellation), cancellation);

    /// <summary>Tells executions to end, and waits until they have.</summary>
    private async Task EndAsync(string instanceId, IReadOnlyList<JobExecution> executions, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        HashSet<string> told = new(StringComparer.Ordinal);
        while (executions.Any(execution => execution.IsLive))
        {
            foreach (JobExecution execution in executions.Where(execution => execution.IsLive && told.Add(execution.Name)))
                await requests.SendAsync(HttpMethod.Post, Address($"/executions/{Uri.EscapeDataString(execution.Name)}/stop"), cancellation);
            if (clock.GetElapsedTime(start) > settings.EndLimit)
                throw new JobHostException("An execution of the container job does not end.");
            await Task.Delay(settings.Look, clock, cancellation);
            executions = await ListAsync(instanceId, cancellation);
        }
    }

    private async Task<List<JobExecution>> ListAsync(string instanceId, CancellationToken cancellation, bool patient = true)
    {
        List<JobExecution> found = [];
        string? address = Address("/executions");
        for (HashSet<string> seen = new(StringComparer.Ordinal); address is not null && seen.Add(address);)
        {
            JsonNode page = await GetAsync(address, patient, cancellation);
            try
            {
                if (page["value"] is not JsonArray entries)
                    throw new InvalidOperationException("no list");
                found.AddRange(entries.Select(JobExecution.Read).OfType<JobExecution>().Where(execution => execution.InstanceId == instanceId));
                address = NextOf(page);
            }
            catch (InvalidOperationException other)
            {
                throw new JobHostException("The management API's list of executions cannot be understood.", other);
            }
        }
        return found;
    }

    /// <summary>A page's link to the next, if it leads to the same service: the token is for no other.</summary>
    private string? NextOf(JsonNode page)
    {
        if (page["nextLink"]?.GetValue<string>() is not { Length: > 0 } link)
            return null;
        return Uri.TryCreate(settings.Endpoint, link, out Uri? next) && next.Authority == settings.Endpoint.Authority && next.Scheme == settings.Endpoint.Scheme
            ? next.PathAndQuery
            : throw new JobHostException("The management API's list of executions leads elsewhere.");
    }

    /// <summary>
    /// The job's own template with the arguments of this execution: a template given at a start replaces the job's own as a whole, image,
    /// environment and resources included.
    /// </summary>
    private async Task<JsonNode> TemplateAsync(string instanceId, int attempt, CancellationToken cancellation)
    {
        JsonNode job = await GetAsync(Address(""), patient: true, cancellation);
        if (job["properties"]?["template"]?["containers"] is not JsonArray { Count: 1 } containers || containers[0] is not JsonObject container)
            throw new JobHostException("The container job must have exactly one container.");
        JsonObject execution = [];
        foreach (string name in (string[])["name", "image", "command", "env", "resources"]) // what an execution's container may have
        {
            if (container[name] is { } value)
                execution[name] = value.DeepClone();
        }
        if (execution["resources"] is JsonObject resources)
            resources.Remove("ephemeralStorage"); // told, not taken
        execution["args"] = new JsonArray(instanceId, attempt.ToString(CultureInfo.InvariantCulture));
        return new JsonObject { ["containers"] = new JsonArray(execution) };
    }

    private async Task<JsonNode> GetAsync(string address, bool patient, CancellationToken cancellation)
    {
        const string missing = "The container job does not exist.";
        if (patient)
            return await requests.SendAsync(HttpMethod.Get, address, cancellation) ?? throw new JobHostException(missing);
        ManagementAnswer answer = await requests.TryAsync(HttpMethod.Get, address, body: null, cancellation);
        return answer is { IsSuccess: true, Body: { } body } ? body : throw answer.Failure(HttpMethod.Get);
    }

    private string Address(string below) => $"{settings.Job}{below}?{Version}";
}
