using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions;
using Tiering.Functions.Activities;
using Tiering.Functions.Orchestrations;

namespace Tiering.Tests.Catalogue;

/// <summary>
/// What the host writes for an orchestrator, the orchestrator reads: on Azure its <c>GetInput</c> takes the options for JSON from the program's services, and
/// not the worker's serializer, which has written the input.
/// </summary>
public sealed class OrchestrationInputTests
{
    private static readonly OperationKey Key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse("6f0c1a52-6a43-4b1e-9a55-0b6d2f0f5a01"));

    private static readonly object[] Inputs =
    [
        new TransferState(Key) { Attempt = 2 },
        new DeletionState(Key, 1),
        new DeliveryState(7, 1),
        new PlanInput(new OperationRequest(Key, "operator")),
        new NightWindow(new DateOnly(2026, 3, 12), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(6)),
        Key.Project,
    ];

    [TestCaseSource(nameof(Inputs))]
    public void Input_AsItIsWritten_IsReadByTheOrchestrator(object input)
    {
        using ServiceProvider services = new ServiceCollection().AddTieringSerializer().BuildServiceProvider();
        JsonElement written = JsonSerializer.SerializeToElement(input, input.GetType(), TieringJson.Options);

        object? read = written.Deserialize(input.GetType(), services.GetRequiredService<IOptions<JsonSerializerOptions>>().Value);

        read.Should().Be(input);
    }
}
