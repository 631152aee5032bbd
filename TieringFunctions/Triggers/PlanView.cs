using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Functions.Triggers;

/// <summary>How far a plan is.</summary>
public enum PlanStatus { Running, Ready, Failed }

/// <summary>What <c>/api</c> tells of a plan.</summary>
/// <param name="Id">Asks for it again.</param>
/// <param name="Project">The project.</param>
/// <param name="Type">COOL or RESTORE.</param>
/// <param name="Status">RUNNING, READY or FAILED.</param>
/// <param name="Plan">What the operation would do; null until READY.</param>
/// <param name="Error">Why there is no plan; null unless FAILED.</param>
public sealed record PlanView(Guid Id, ProjectSlug Project, OperationType Type, PlanStatus Status, TransferPlan? Plan = null, OperationError? Error = null);
