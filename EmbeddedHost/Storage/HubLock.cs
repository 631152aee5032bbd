using System.Globalization;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>Makes one process the owner of a task hub. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class HubLock : IDisposable
{
    private readonly FileStream file;

    private HubLock(FileStream file) => this.file = file;

    /// <summary>Keeps owners away while it is read. Null for a copy that never had one.</summary>
    /// <exception cref="TaskHubUnavailableException">A process has it.</exception>
    public static HubLock? ToRead(string hub)
    {
        try
        {
            return new(new FileStream(hub + ".lock", FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new TaskHubUnavailableException($"The task hub {hub} is in use by another process. Stop it, or look at a back-up of the hub.", denied);
        }
    }

    /// <exception cref="TaskHubUnavailableException">Another process has it.</exception>
    public HubLock(string hub)
    {
        string path = hub + ".lock";
        try
        {
            file = new FileStream(path, HubFile.Options(FileShare.None));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new TaskHubUnavailableException(
                $"The task hub {hub} is in use by another process, or its folder cannot be written ({denied.Message}). "
                + "One process owns a task hub: stop the other one, or give this one another data folder.",
                denied);
        }
        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
    }

    public void Dispose() => file.Dispose();
}
