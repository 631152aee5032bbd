using System.Text;
using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class LineReaderTests
{
    [Test]
    public async Task Read_LinesLongerThanTheLimit_AreCutAndTheNextIsWhole()
    {
        List<string> lines = await ReadAsync($"{new string('a', 300_000)}\nshort\r\n\nlast", limit: 1000);

        lines.Should().Equal(new string('a', 1000), "short", "", "last");
    }

    [Test]
    public async Task Read_MultiByteCharactersAcrossBlocks_AreWhole()
    {
        string line = new('é', 100_001);

        (await ReadAsync("x" + line + "\n" + line, limit: int.MaxValue)).Should().Equal("x" + line, line);
    }

    private static async Task<List<string>> ReadAsync(string text, int limit)
    {
        List<string> lines = [];
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        await LineReader.ReadAsync(stream, lines.Add, limit);
        return lines;
    }
}
