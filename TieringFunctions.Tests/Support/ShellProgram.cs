using System.Diagnostics;

namespace Tiering.Tests.Support;

/// <summary>
/// Programs that tests write. Another process makes the file: one that this process has open for writing, if only for a moment, may be held open by a
/// child that another thread is just starting, and then it cannot be run.
/// </summary>
public static class ShellProgram
{
    /// <param name="path">Where it is written.</param>
    /// <param name="script">Lines of a shell.</param>
    public static string Write(string path, string script)
    {
        string draft = path + ".draft";
        File.WriteAllText(draft, $"#!/bin/sh\n{script}\n");
        using Process install = Process.Start("install", ["-m", "700", draft, path]);
        install.WaitForExit();
        install.ExitCode.Should().Be(0);
        return path;
    }
}
