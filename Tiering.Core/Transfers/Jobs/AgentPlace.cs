namespace Tiering.Core.Transfers.Jobs;

/// <summary>Where agents run.</summary>
/// <param name="JobFolders">The folder that holds the folders of all jobs, when agents are processes of this machine and use its AzCopy; null when they are containers, which bring their own.</param>
public sealed record AgentPlace(string? JobFolders);
