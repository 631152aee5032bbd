using System.Diagnostics;

namespace Tiering.Tests.Support;

/// <summary>A disk of a few megabytes, in memory. Tests that need one are left out where none can be mounted.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="folder">An existing folder, over which it is mounted.</param>
    /// <param name="size">As mount takes it, such as <c>8m</c>.</param>
    public static async Task<SmallDisk> MountAsync(string folder, string size)
    {
        if (!await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "none", folder))
            Assert.Ignore("No small disk can be mounted here.");
        return new SmallDisk(folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (!await RunAsync("umount", "-l", Folder))
            throw new IOException($"{Folder} could not be unmounted.");
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
