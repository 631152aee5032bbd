using System.Globalization;
using Spectre.Console;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Cli;

/// <summary>Plans for people.</summary>
public static class PlanTexts
{
    private const int NamesShown = 20;

    public static void WritePlan(this IAnsiConsole console, TransferPlan plan)
    {
        string type = plan.Type.ToString().ToUpperInvariant();
        console.MarkupLine($"Dry run: nothing was changed. {type} of {OperationTexts.Safe(plan.Project.Value)}, as of {Texts.Time(plan.MadeAt)}.");
        if (plan.Total is { } total)
            console.WriteFigures(plan, total);
        if (plan.Cost is { } cost)
            console.WriteCost(plan.Type, cost);
        foreach (RefusedNames names in plan.NotRepresentable)
            console.WriteNames($"Cannot be held there, {names.Rule}", names.Count, names.Names);
        if (plan.NotExplained is { } strange)
            console.WriteNames($"Lies there, {strange.Rule}", strange.Count, strange.Names);
        if (plan.Waits)
            console.MarkupLine("It would wait: as many transfers run as may run at once.");
        foreach (OperationError refusal in plan.Refusals)
            console.MarkupLine($"[red]Refused: {OperationTexts.Safe(refusal.Code)}[/]: {OperationTexts.Safe(refusal.Message)}");
    }

    private static void WriteFigures(this IAnsiConsole console, TransferPlan plan, DataSize total)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Add(string name, string value) => grid.AddRow(new Text(name), new Text(Terminal.Printable(value)));
        Add("Would copy", $"{Texts.Size(total)} ({Texts.Count(plan.Folders, "folder")}, {Texts.Count(plan.Links, "link")}), {Kind(plan.Source)} to {Kind(plan.Destination)}");
        Add("Of it there already", $"{Texts.Size(plan.Present)}; written again");
        Add("Removed there first", plan.Removed.Count == 0
            ? "nothing"
            : $"{Texts.Size(plan.Removed.Size)}, {Texts.Count(plan.Removed.Folders, "folder")}, {Texts.Count(plan.Removed.Links, "link")}: {Names(plan.Removed.Names, plan.Removed.Count)}");
        Add("Proof", plan.Proof ?? "");
        if (plan.Duration is { } duration)
        {
            Add("Time", $"about {Time(duration.Seconds)} ({Time(duration.From)} to {Time(duration.To)})");
            Add("", Basis(duration));
        }
        console.Write(grid);
    }

    private static void WriteCost(this IAnsiConsole console, OperationType type, CostEstimate cost)
    {
        console.WriteLine($"Cost by the prices of {cost.Region}, {cost.PricesOf:yyyy-MM-dd}: {Money(cost.Once, cost)} once.");
        foreach (CostLine line in cost.Lines)
            console.WriteLine($"  {line.Code}: {Quantity(line)}, {Money(line.Amount, cost)}");
        console.WriteLine($"  a month: {Money(cost.HotPerMonth, cost)} hot, {Money(cost.CoolPerMonth, cost)} cool");
        if (type == OperationType.Cool)
        {
            console.WriteLine(cost.BreakEven is { } day
                ? $"  saves {Money(cost.SavedPerMonth, cost)} a month once HOT is deleted; has paid for itself on {day:yyyy-MM-dd}"
                : cost.SavedPerMonth < 0 ? $"  never pays for itself: costs {Money(-cost.SavedPerMonth, cost)} more each month" : "  never pays for itself");
            console.WriteLine($"  if it is taken away again at once: {Money(cost.EarlyDeletion, cost)} for early deletion; bringing it back one day: {Money(cost.Return ?? 0, cost)}");
        }
        else if (cost.EarlyDeletion > 0)
        {
            console.WriteLine($"  if COOL is deleted today: {Money(cost.EarlyDeletion, cost)} for early deletion");
        }
    }

    private static void WriteNames(this IAnsiConsole console, string what, long count, IReadOnlyList<string> names)
    {
        console.MarkupLine($"[red]{OperationTexts.Safe(what)}[/]: {Texts.Count(count)}");
        foreach (string name in names.Take(NamesShown))
            console.MarkupLine($"  {OperationTexts.Safe(name)}");
        if (count > NamesShown)
            console.MarkupLine($"  and {Texts.Count(count - Math.Min(NamesShown, names.Count))} more; --json shows {Texts.Count(names.Count)}");
    }

    private static string Names(IReadOnlyList<string> names, long count) =>
        string.Join(", ", names.Take(3)) + (count > 3 ? $" and {Texts.Count(count - 3)} more" : "");

    private static string Basis(DurationEstimate duration) => duration.Basis switch
    {
        "past-operations" => $"known from {Texts.Count(duration.Operations, "operation")} of its size",
        "other-sizes" => $"guessed from {Texts.Count(duration.Operations, "operation")} of other sizes",
        _ => "a guess: nothing of this type has succeeded here yet",
    };

    private static string Time(double seconds) => Texts.Length(TimeSpan.FromSeconds(seconds));

    private static string Money(decimal amount, CostEstimate cost) => $"{Amounts.Text(amount)} {cost.Currency}";

    private static string Quantity(CostLine line) => line.Unit == "requests"
        ? Texts.Count((long)line.Quantity, "request")
        : $"{line.Quantity.ToString("#,0.###", CultureInfo.InvariantCulture)} {line.Unit}";

    private static string Kind(Tiering.Core.Transfers.Locations.LocationKind kind) => kind.ToString().ToLowerInvariant();
}
