namespace Tiering.Core.Nights;

/// <summary>How nights are named where it is said who asked.</summary>
public static class NightCaller
{
    public const string Name = "night";
}
