using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>A place in a list of instances: behind the instance that it was made of.</summary>
internal sealed record InstanceCursor(DateTime Created, long Number, string Id)
{
    public static InstanceCursor Of(StoredInstance instance) => new(instance.Created, instance.Number, instance.Id);

    /// <summary>Null for nothing: the first page.</summary>
    /// <exception cref="ArgumentException">It is no token of this task hub.</exception>
    public static InstanceCursor? Parse(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        return token.Split('.') is [{ } created, { } number, { } id]
            && long.TryParse(created, NumberStyles.None, CultureInfo.InvariantCulture, out long ticks) && ticks <= DateTime.MaxValue.Ticks
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long place)
            && Base64Url.IsValid(id)
                ? new(new DateTime(ticks, DateTimeKind.Utc), place, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(id)))
                : throw new ArgumentException($"'{token}' is not a continuation token of this task hub.", nameof(token));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Created.Ticks}.{Number}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Id))}");
}
