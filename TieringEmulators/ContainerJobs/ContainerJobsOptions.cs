using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.ContainerJobs;

/// <summary>The one job that is offered, and how its executions run here.</summary>
public sealed class ContainerJobsOptions : EmulatorOptions
{
    /// <summary>The program that stands for the container's image; an execution's arguments are put behind these.</summary>
    public required IReadOnlyList<string> Program { get; set; }

    /// <summary>A folder that gets one folder per execution, for what a container has as its own disk.</summary>
    public required string Disks { get; set; }

    /// <summary>The job's environment. <c>{disk}</c> in a value stands for the execution's own folder.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>How long an execution is on its way before its program starts.</summary>
    public TimeSpan StartDelay { get; set; }

    /// <summary>How long a list does not show a new execution.</summary>
    public TimeSpan ListLag { get; set; }

    /// <summary>How long a program that is told to end may take before it is killed; the service gives 30 seconds.</summary>
    public TimeSpan EndGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Executions that a page of the list holds.</summary>
    public int PageSize { get; set; } = 20;
}
