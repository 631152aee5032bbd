using Microsoft.Extensions.Hosting;
using Tiering.Functions;
using Tiering.Functions.Access;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<AccessMiddleware>();
builder.Services.AddTiering(builder.Configuration);
HostAdapters.AddTo(builder.Services, builder.Configuration);
builder.Build().Run();
