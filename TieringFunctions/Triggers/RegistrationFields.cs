using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>A project to be registered, as JSON: alone in a request, or one line of an import.</summary>
public static class RegistrationFields
{
    private static readonly string[] RunNames = ["id", "start", "end", "embargo"];

    public static string[] Names { get; } = ["slug", "state", "createdAt", "runs"];

    /// <exception cref="InvalidFieldException">A field breaks its rule.</exception>
    public static ProjectRegistration Read(JsonFields fields)
    {
        string? slug = fields.Text("slug");
        if (ProjectSlug.Refusal(slug) is { } rule)
            throw new InvalidFieldException("slug", $"is not usable: {rule}");
        return new ProjectRegistration(ProjectSlug.Parse(slug), State(fields.Text("state")))
        {
            CreatedAt = fields.Time("createdAt"),
            Runs = [.. fields.List("runs", RunNames).Select(run => Run(run, run.Text("id") ?? ""))],
        };
    }

    public static ProjectRun Run(JsonFields fields, string id) =>
        new(id) { Start = fields.Time("start"), End = fields.Time("end"), Embargo = fields.Date("embargo") };

    private static LifecycleState? State(string? text) => text switch
    {
        null => null,
        "HOT" => LifecycleState.Hot,
        "COOL" => LifecycleState.Cool,
        _ => throw new InvalidFieldException("state", "must be HOT or COOL"),
    };
}
