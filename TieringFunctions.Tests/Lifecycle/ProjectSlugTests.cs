using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Lifecycle;

public sealed class ProjectSlugTests
{
    [TestCase("demo")]
    [TestCase("Project_01-x")]
    [TestCase("with space")]
    [TestCase("with.dot")]
    [TestCase("été-日本")]
    [TestCase("projects")]
    public void Parse_AllowedText_IsKeptAsItIs(string text) => ProjectSlug.Parse(text).Value.Should().Be(text);

    [TestCase(null, "project_slug must be provided")]
    [TestCase("", "project_slug must not be empty")]
    [TestCase(" a", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("a\t", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("a\n", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("a/b", @"project_slug must not contain '/' or '\'")]
    [TestCase(@"a\b", @"project_slug must not contain '/' or '\'")]
    [TestCase("../x", @"project_slug must not contain '/' or '\'")]
    [TestCase("a..b", "project_slug must not contain '..'")]
    [TestCase("..", "project_slug must not contain '..'")]
    [TestCase(".", "project_slug contains a character that is not allowed")]
    [TestCase("%2e", "project_slug contains a character that is not allowed")]
    [TestCase("a?b", "project_slug contains a character that is not allowed")]
    [TestCase("a#b", "project_slug contains a character that is not allowed")]
    [TestCase("a*b", "project_slug contains a character that is not allowed")]
    [TestCase("a:b", "project_slug contains a character that is not allowed")]
    [TestCase("a\u0001b", "project_slug contains a character that is not allowed")]
    public void Refusal_BrokenRule_IsNamedInTheContractsWords(string? text, string rule) => ProjectSlug.Refusal(text).Should().Be(rule);

    [Test]
    public void Refusal_LoneSurrogate_IsNotAllowed() => // not a test case: attributes are stored as UTF-8, which has no lone surrogates
        ProjectSlug.Refusal("a" + (char)0xD800 + "b").Should().Be("project_slug contains a character that is not allowed");

    [Test]
    public void Refusal_Length_CountsTo255()
    {
        ProjectSlug.Refusal(new string('a', 255)).Should().BeNull();
        ProjectSlug.Refusal(new string('a', 256)).Should().Contain("255");
        ProjectSlug.Refusal(new string('é', 128)).Should().Contain("255");
    }

    [Test]
    public void InstanceId_IsStable()
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Restore, Guid.Parse("8F0C2D6E-7B0A-4B5E-9C61-2F6D3A1B7E55"));

        key.InstanceId.Should().Be("2a97516c354b6884-restore-8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55");
        key.DeletionInstanceId.Should().Be("2a97516c354b6884-delete-cool-8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55");
    }
}
