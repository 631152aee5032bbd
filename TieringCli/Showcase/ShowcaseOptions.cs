using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>What <c>./run</c> was asked to do.</summary>
/// <param name="Root">The folder that holds tools/ and the built programs.</param>
/// <param name="Data">The state folder, absolute.</param>
/// <param name="Port">The service's port.</param>
public sealed record ShowcaseOptions(string Root, string Data, int Port)
{
    /// <summary>End after the showcase instead of staying up.</summary>
    public bool Once { get; init; }

    /// <summary>Only the service, no showcase.</summary>
    public bool Serve { get; init; }

    /// <summary>One JSON object on the output, all else on the error stream.</summary>
    public bool Json { get; init; }

    /// <summary>The user's own project; null for the sample.</summary>
    public GivenProject? Project { get; init; }

    /// <summary>Euphrosyne's base URL; null for Tiering's own catalogue.</summary>
    public Uri? DropIn { get; init; }

    /// <summary>What holds the hot data: a folder, or an emulated file share over that folder.</summary>
    public LocationKind Hot { get; init; } = LocationKind.Folder;

    public string HotFolder => Path.Combine(Data, "hot");

    public string LogFolder => Path.Combine(Data, "logs");

    public Uri Address => new($"http://127.0.0.1:{Port}/");
}

/// <summary>A project of the user's, of which a copy is moved.</summary>
/// <param name="Slug">Its name here.</param>
/// <param name="Folder">The folder that is copied and never changed, absolute.</param>
public sealed record GivenProject(string Slug, string Folder);
