using System.Runtime.InteropServices;

namespace Tiering.Bench.Transfers;

internal static class RuntimeDescription
{
    public static string Text => $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}";
}
