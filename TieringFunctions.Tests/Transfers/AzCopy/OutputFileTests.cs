using Tiering.Core.Transfers.AzCopy;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class OutputFileTests
{
    [Test]
    public void Write_PastTheLimit_KeepsTheBeginningAndSaysSo()
    {
        using TempFolder temp = new();
        using (OutputFile file = new(temp.At("out"), limit: 20))
        {
            file.WriteLine("first");
            file.WriteLine("a line that is too long");
            file.WriteLine("third");
        }

        File.ReadAllLines(temp.At("out")).Should().Equal("first", "[the rest is not kept]");
    }

    [Test]
    public void Write_FolderMissing_IsSilent()
    {
        using TempFolder temp = new();
        using OutputFile file = new(temp.At("no", "such", "folder"));

        FluentActions.Invoking(() => file.WriteLine("x")).Should().NotThrow();
    }

    [Test]
    public void Write_DiskFull_IsSilent()
    {
        using OutputFile file = new("/dev/full");

        FluentActions.Invoking(() => file.WriteLine("x")).Should().NotThrow();
    }
}
