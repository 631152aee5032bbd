namespace Tiering.Emulators.Access;

/// <summary>What an operation asks of a SAS.</summary>
/// <param name="ResourceType">The letter of srt: s service, c container (share), o object (file or directory).</param>
/// <param name="AnyOf">Letters of sp, one of which is enough.</param>
/// <param name="ServiceSas">Whether a service SAS can grant it at all.</param>
internal sealed record AccessDemand(char ResourceType, string AnyOf, bool ServiceSas = true);
