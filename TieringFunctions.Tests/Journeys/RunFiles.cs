using System.Globalization;

namespace Tiering.Tests.Journeys;

/// <summary>Files of one size in some folders, as measurements leave them; the same for the same seed.</summary>
internal static class RunFiles
{
    public static string Write(string project, int files, int bytesEach, int seed)
    {
        Random random = new(seed);
        byte[] content = new byte[bytesEach];
        for (int i = 0; i < files; i++)
        {
            string path = Path.Combine(project, $"run {i % 5}", string.Create(CultureInfo.InvariantCulture, $"ä{i}.bin"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            random.NextBytes(content);
            File.WriteAllBytes(path, content);
        }
        return project;
    }
}
