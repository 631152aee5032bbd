namespace Tiering.Cli.Api;

/// <summary>What the service answered, understood and as it came.</summary>
public sealed record Answer<T>(T Value, string Json);
