namespace Tiering.Tests.StandIn;

/// <summary>One call of AzCopy, as its arguments tell it.</summary>
internal sealed class Invocation
{
    public Invocation(string azCopy, string[] arguments)
    {
        AzCopy = azCopy;
        Arguments = arguments;
        Command = arguments[0] == "jobs" ? arguments[1] : arguments[0];
        JobId = arguments[0] == "jobs" ? arguments[2] : Guid.NewGuid().ToString("D");
        if (Command != "copy")
            return;
        Destination = arguments[2];
        if (Directory.Exists(arguments[1]))
        {
            FileInfo[] files = new DirectoryInfo(arguments[1]).GetFiles("*", SearchOption.AllDirectories);
            (Files, Bytes) = (files.Length, files.Sum(file => file.Length));
        }
    }

    /// <summary>The real one.</summary>
    public string AzCopy { get; }

    public string[] Arguments { get; }

    /// <summary>copy, resume or show.</summary>
    public string Command { get; }

    public string JobId { get; }

    /// <summary>Of a copy: a folder, or an address with its SAS.</summary>
    public string Destination { get; } = "";

    /// <summary>What a local source holds.</summary>
    public long Files { get; }

    public long Bytes { get; }
}
