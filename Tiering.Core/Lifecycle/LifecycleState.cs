namespace Tiering.Core.Lifecycle;

/// <summary>Where a project's data lives, and whether it is moving.</summary>
public enum LifecycleState { Hot, Cooling, Cool, Restoring, Error }

/// <summary>What moves a project from one state to another.</summary>
public enum LifecycleTrigger { CoolStarted, RestoreStarted, Verified, Failed }

/// <summary>What a store is for: hot holds the data that is worked on, cool what is kept.</summary>
public enum StorageRole { Hot, Cool }
