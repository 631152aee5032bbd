using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Inventories;

public sealed class PathOrderTests
{
    private static readonly string[] Parts = ["a", "b", "/", "!", "0", "é", "\u0301", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"];

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Compare_AnyTwoTexts_IsTheOrderOfTheirBytes() => Prop.ForAll(
        Gen.Elements(Parts).ListOf().Select(string.Concat).Two().ToArbitrary(),
        pair => Math.Sign(PathOrder.Compare(pair.Item1, pair.Item2))
            == Math.Sign(Encoding.UTF8.GetBytes(pair.Item1).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(pair.Item2))));
}
