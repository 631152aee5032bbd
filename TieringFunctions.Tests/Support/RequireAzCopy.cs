using System.Diagnostics;

namespace Tiering.Tests.Support;

/// <summary>What a test asks of the AzCopy that it runs.</summary>
internal static class RequireAzCopy
{
    /// <summary>Leaves a test out with an AzCopy that cannot do what it is about; docs/transfers.md names these.</summary>
    public static async Task AtLeastAsync(Version least, string why)
    {
        using Process process = Process.Start(new ProcessStartInfo(Tools.AzCopy, ["--version"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string told = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (Version.Parse(told.Split(' ')[^1].Trim()) < least)
            Assert.Ignore($"{told.Trim()}: {why}");
    }
}
