using System.Globalization;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// How much AzCopy downloads at once. Each file gets its full length on the disk when it is begun, under another name, and takes the place of the one that is
/// there when it is whole. Seen with 10.18.1 and 10.32.2: so many files are begun at once, and all whose pieces have found room in the buffers besides.
/// </summary>
/// <param name="Files">AZCOPY_CONCURRENT_FILES: how many files it begins at once; by default 64.</param>
/// <param name="BufferBytes">AZCOPY_BUFFER_GB: what its buffers hold; by default half a gigabyte per processor, 16 at most.</param>
public sealed record AzCopyDownloads(int Files, long BufferBytes)
{
    private const int StandardFiles = 64;
    private const double GbPerProcessor = 0.5, MostGb = 16;

    /// <summary>A larger file is downloaded in pieces of so many bytes.</summary>
    private const long BlockBytes = 8L << 20;

    /// <summary>How many files larger than a piece it can have begun at once.</summary>
    public int MostLargeFiles => (int)Math.Min(int.MaxValue, Files + (BufferBytes / BlockBytes));

    /// <summary>As AzCopy reads the settings: what is no number it leaves out.</summary>
    /// <param name="setting">Gives a setting by its name; null when it is not set.</param>
    public static AzCopyDownloads Read(Func<string, string?> setting)
    {
        int files = int.TryParse(setting("AZCOPY_CONCURRENT_FILES"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : StandardFiles;
        double gb = double.TryParse(setting("AZCOPY_BUFFER_GB"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double buffer) && buffer > 0
            ? buffer
            : Math.Min(GbPerProcessor * Environment.ProcessorCount, MostGb);
        return new AzCopyDownloads(files, (long)(gb * (1L << 30)));
    }
}
