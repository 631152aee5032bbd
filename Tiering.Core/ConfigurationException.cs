namespace Tiering.Core;

/// <summary>A setting is missing or wrong; the message names it and the rule. Nothing was started.</summary>
/// <param name="message">The sentence that callers see, in the words of Euphrosyne's contract where it has some.</param>
public sealed class ConfigurationException(string message) : TieringException("configuration", message, isTransient: false);
