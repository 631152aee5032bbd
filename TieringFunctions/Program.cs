using Microsoft.Extensions.Hosting;
using Tiering.Functions;
using Tiering.Functions.Access;

try
{
    if (await HostAdapters.CheckReplaysAsync(args) is { } outcome)
        return outcome;

    FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    builder.UseMiddleware<AccessMiddleware>();
    builder.Services.AddTiering(builder.Configuration);
    HostAdapters.AddTo(builder.Services, builder.Configuration);
    await builder.Build().RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailures.WrongSettingIn(failure) is { } wrong)
{
    await Console.Error.WriteLineAsync(StartFailures.Tell(wrong));
    return StartFailures.ExitCode;
}
