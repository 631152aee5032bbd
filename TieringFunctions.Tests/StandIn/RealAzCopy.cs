using System.Diagnostics;

namespace Tiering.Tests.StandIn;

/// <summary>Calls the real AzCopy.</summary>
internal static class RealAzCopy
{
    /// <param name="path">The program.</param>
    /// <param name="arguments">As they were given, or others.</param>
    /// <param name="speaks">Whether what it prints is printed.</param>
    public static async Task<int> RunAsync(string path, IEnumerable<string> arguments, bool speaks)
    {
        using Process process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await using Stream output = speaks ? Console.OpenStandardOutput() : Stream.Null;
        await using Stream errors = speaks ? Console.OpenStandardError() : Stream.Null;
        await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(output), process.StandardError.BaseStream.CopyToAsync(errors), process.WaitForExitAsync());
        return process.ExitCode;
    }
}
