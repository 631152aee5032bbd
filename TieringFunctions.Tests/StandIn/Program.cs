using Tiering.Tests.StandIn;

// azcopy-stand-in SCRIPT AZCOPY ARGUMENTS...: an AzCopy that does and says what a script tells it, whatever is true.
(string script, string azCopy, string[] arguments) = (args[0], args[1], args[2..]);
if (arguments.Contains("--version"))
    return await RealAzCopy.RunAsync(azCopy, arguments, speaks: true);
Invocation invocation = new(azCopy, arguments);
int exit = 0;
try
{
    foreach (string line in Script.LinesFor(script, invocation.Command))
        exit = await new Play(invocation, exit).RunAsync(line) ?? exit;
    return exit;
}
catch (Exception failure)
{
    Console.Error.WriteLine($"The stand-in failed: {failure}");
    return 70;
}
