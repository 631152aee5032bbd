using System.Text;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// Keeps what a process printed, redacted, in a file that only its owner reads. Best effort: a full disk or a folder that cannot be
/// written costs the file, never the transfer; past its limit the file holds the beginning and a note. Not safe for concurrent use.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly long limit;
    private FileStream? file;

    public OutputFile(string path, long limit = MaxBytes)
    {
        this.limit = limit;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.Read | FileShare.Delete,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                BufferSize = 0,
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file = null;
        }
    }

    public void WriteLine(string line)
    {
        if (file is null)
            return;
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(SecretRedactor.Redact(line) + "\n");
            if (file.Length + bytes.Length <= limit)
            {
                file.Write(bytes);
                return;
            }
            file.Write("[the rest is not kept]\n"u8);
            Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // Nothing more can be kept.
        }
        file = null;
    }
}
