using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>What can be told of the agent's image without building it.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Tools.RepositoryRoot, "TieringAgent", "Dockerfile"));

    [Test]
    public async Task AzCopy_IsTheOneThatTheTestsRun()
    {
        string program = Path.Combine(Tools.RepositoryRoot, "tools", "node_modules", "@azure-tools", "azcopy-linux", "dist", "bin", "azcopy_linux_amd64");
        await using FileStream file = File.OpenRead(program);
        string sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));

        Lines.Should().Contain($"ARG AZCOPY_SHA256={sum}", "a new AzCopy is pinned in both places");
    }

    [Test]
    public void Copies_WhatIsThere_AndWhatTheBuilderGets()
    {
        string[] sent = [.. File.ReadAllLines(Path.Combine(Tools.RepositoryRoot, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..])];
        foreach (string source in Lines.Select(line => Copy().Match(line)).Where(match => match.Success).SelectMany(match => match.Groups["from"].Value.Split(' ')))
        {
            string path = source.TrimEnd('/');
            Path.Exists(Path.Combine(Tools.RepositoryRoot, path)).Should().BeTrue(source);
            sent.Should().Contain(allowed => path == allowed || path.StartsWith(allowed + "/", StringComparison.Ordinal), $"{source} must reach the builder");
        }
    }

    [Test]
    public void Image_RunsAsNobodySpecial_WithWritablePlacesNamed()
    {
        Lines.Should().Contain("USER app").And.Contain("VOLUME [\"/work\", \"/tmp\"]").And.Contain("ENTRYPOINT [\"dotnet\", \"/agent/tiering-agent.dll\"]");
        Array.IndexOf(Lines, "USER app").Should().BeGreaterThan(Array.FindLastIndex(Lines, line => line.Contains("apt-get", StringComparison.Ordinal)));
        Lines.Should().NotContain(line => line.StartsWith("FROM", StringComparison.Ordinal) && line.Contains("latest", StringComparison.Ordinal));
    }

    [Test]
    public void Bases_AreOfAnExactVersion() =>
        Lines.Where(line => line.StartsWith("ARG ", StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal)).Should().HaveCount(3).And.OnlyContain(line => Exact().IsMatch(line));

    [GeneratedRegex(@"^ARG \w+=[\w./-]+:\d+\.\d+\.\d+-[\w-]+$", RegexOptions.None, 1000)]
    private static partial Regex Exact();

    [GeneratedRegex("^COPY (?!--from)(?<from>.+) [^ ]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Copy();
}
