using System.Text.Json;
using System.Text.Json.Nodes;
using Tiering.Core;
using Tiering.Core.Costs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Costs;

public sealed class PriceTableTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void SetUp() => folder = new TempFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void Read_WhatWasWritten_IsTheSame() =>
        PriceTable.Read(folder.File("prices.json", JsonSerializer.Serialize(PriceTable.Default, TieringJson.Indented))).Should().Be(PriceTable.Default);

    [Test]
    public void Read_TheExampleOfTheDocumentation_IsTheDefault() =>
        PriceTable.Read(Path.Combine(Tools.RepositoryRoot, "docs", "prices.json")).Should().Be(PriceTable.Default);

    [TestCase("cool.blob.retrievalPerGiB", "-0.01")]
    [TestCase("hot.share.capacityPerGiBMonth", "2000000")]
    [TestCase("cool.blob.earlyDeletionDays", "4000")]
    [TestCase("cool.blob.minimumObjectBytes", "-1")]
    [TestCase("currency", "\"euro\"")]
    [TestCase("region", "\" \"")]
    public void Read_AValueThatBreaksItsRule_IsRefusedByName(string field, string value)
    {
        JsonNode table = JsonSerializer.SerializeToNode(PriceTable.Default, TieringJson.Options)!;
        string[] path = field.Split('.');
        JsonNode parent = path[..^1].Aggregate(table, (node, name) => node[name]!);
        parent[path[^1]] = JsonNode.Parse(value);

        Reading(table.ToJsonString()).Should().Throw<ConfigurationException>().WithMessage($"*{field}*");
    }

    [Test]
    public void Read_AnUnknownField_IsRefusedByName()
    {
        JsonNode table = JsonSerializer.SerializeToNode(PriceTable.Default, TieringJson.Options)!;
        table["cool"]!["blob"]!["writePer10000"] = 1; // a slip of the pen must not be a price of zero

        Reading(table.ToJsonString()).Should().Throw<ConfigurationException>().WithMessage("*cool.blob.writePer10000*");
    }

    [TestCase("hot.folder.capacityPerGiBMonth")]
    [TestCase("cool.blob.capacityPerGiBMonth")]
    [TestCase("cool.share")]
    [TestCase("hot")]
    [TestCase("date")]
    public void Read_AFieldThatIsMissing_IsRefusedByItsPlace(string field)
    {
        JsonNode table = JsonSerializer.SerializeToNode(PriceTable.Default, TieringJson.Options)!;
        string[] path = field.Split('.');
        path[..^1].Aggregate(table, (node, name) => node[name]!).AsObject().Remove(path[^1]);

        Reading(table.ToJsonString()).Should().Throw<ConfigurationException>().WithMessage($"TIERING_PRICES: {field} must be there");
    }

    [TestCase("\"cool\":{\"folder\":{", "\"capacityPerGiBMonth\":9,", "cool.folder.capacityPerGiBMonth")]
    [TestCase("{", "\"currency\":\"EUR\",", "currency")]
    public void Read_AFieldThatIsThereTwice_IsRefusedByItsPlace(string place, string again, string field)
    {
        string table = JsonSerializer.Serialize(PriceTable.Default, TieringJson.Options); // of two, a reader takes the last

        Reading(table.Insert(table.IndexOf(place, StringComparison.Ordinal) + place.Length, again))
            .Should().Throw<ConfigurationException>().WithMessage($"TIERING_PRICES: {field} must be there only once");
    }

    [TestCase("{}", "region")]
    [TestCase("not json", "price table")]
    public void Read_NoTable_IsRefused(string text, string named) => Reading(text).Should().Throw<ConfigurationException>().WithMessage($"*{named}*");

    [Test]
    public void Read_NoFile_IsRefusedWithoutItsPath() =>
        FluentActions.Invoking(() => PriceTable.Read(folder.At("absent.json"))).Should().Throw<ConfigurationException>().Which.Message.Should().NotContain(folder.Root);

    [TestCase("0")]
    [TestCase("soon")]
    [TestCase("1201")]
    public void VetoMonths_ThatAreNone_AreRefused(string text) => FluentActions
        .Invoking(() => new CostSettings(name => name == "TIERING_COST_VETO_MONTHS" ? text : null))
        .Should().Throw<ConfigurationException>().WithMessage("*TIERING_COST_VETO_MONTHS*");

    private Func<PriceTable> Reading(string text) => () => PriceTable.Read(folder.File("prices.json", text));
}
