using Tiering.Bench;

// engine-bench [FOLDER]            speed, with full fsync
// engine-bench hub N [FOLDER]      the same work in an empty hub and in one with N finished instances
// engine-bench idle SERVICE_DLL    what the idle service takes in a minute
return args switch
{
    ["hub", { } count, .. string[] rest] => await HubSize.RunAsync(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture), rest is [{ } folder] ? folder : null),
    ["idle", { } service] => await Idle.RunAsync(service),
    [] => await Speed.RunAsync(null),
    [{ } folder] => await Speed.RunAsync(folder),
    _ => throw new ArgumentException("Usage: engine-bench [FOLDER] | hub N [FOLDER] | idle SERVICE_DLL"),
};
