namespace Tiering.Core.Lifecycle;

/// <summary>How much data: files (folders and links are not counted) and the sum of their bytes.</summary>
public readonly record struct DataSize(long Files, long Bytes)
{
    public static DataSize operator +(DataSize left, DataSize right) => new(left.Files + right.Files, left.Bytes + right.Bytes);

    public override string ToString() => $"{Files} files, {Bytes} bytes";
}
