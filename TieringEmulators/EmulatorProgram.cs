using System.CommandLine;
using System.Runtime.InteropServices;
using Tiering.Emulators.Access;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.ContainerJobs;
using Tiering.Emulators.Control;
using Tiering.Emulators.Euphrosyne;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Hosting;
using Tiering.Emulators.Identity;
using Tiering.Emulators.Requests;

namespace Tiering.Emulators;

/// <summary>
/// The command <c>tiering-emulators</c>: starts emulators, prints one line <c>NAME ADDRESS</c> for each and then <c>ready</c>, and runs until
/// SIGTERM, SIGINT or, with <c>--with-stdin</c>, the end of its standard input.
/// </summary>
internal static class EmulatorProgram
{
    /// <summary>Holds the account's key; a command line would show it.</summary>
    private const string KeyVariable = "TIERING_EMULATORS_KEY";

    /// <summary>The secret that Tiering and the emulated client share.</summary>
    private const string SecretVariable = "JWT_SECRET_KEY";

    private static readonly Option<DirectoryInfo> Root = new("--root")
    {
        Description = "Folder whose sub-folders are the shares.", Required = true, HelpName = "DIR",
    };

    private static readonly Option<string[]> Shares = new("--share") { Description = "A share that lies elsewhere.", HelpName = "NAME=DIR" };
    private static readonly Option<DirectoryInfo?> State = new("--state") { Description = "Where attributes and metadata are kept (DIR/.emulator).", HelpName = "DIR" };
    private static readonly Option<string> Azurite = new("--azurite") { Description = "Azurite's blob service.", Required = true, HelpName = "URL" };
    private static readonly Option<int> Port = new("--port") { Description = "Port on 127.0.0.1; 0 takes a free one.", HelpName = "N" };
    private static readonly Option<int> FilesPort = new("--files-port") { Description = "Port of the Files service; 0 takes a free one.", HelpName = "N" };
    private static readonly Option<int> BlobPort = new("--blob-port") { Description = "Port of the blob front; 0 takes a free one.", HelpName = "N" };
    private static readonly Option<int?> ControlPort = new("--control-port")
    {
        Description = "Offers faults and the request log at /__control on this port; 0 takes a free one.", HelpName = "N",
    };

    private static readonly Option<string> Tiering = new("--tiering") { Description = "Tiering's base URL.", Required = true, HelpName = "URL" };
    private static readonly Option<string> Prefix = new("--prefix") { Description = "A path before the client's own.", DefaultValueFactory = _ => "", HelpName = "PATH" };
    private static readonly Option<double> CommitDelay = new("--commit-delay") { Description = "Seconds between Tiering's 202 and the client's commit.", HelpName = "S" };
    private static readonly Option<double> ClockSkew = new("--clock-skew") { Description = "Seconds that the client's clock is ahead.", HelpName = "S" };

    private static readonly Option<string> Account = new("--account")
    {
        Description = $"The account's name; its key comes from {KeyVariable}.", DefaultValueFactory = _ => StorageAccount.Development.Name, HelpName = "NAME",
    };

    private static readonly Option<FileInfo> Agent = new("--agent") { Description = "The agent's program: a .dll or an executable.", Required = true, HelpName = "FILE" };
    private static readonly Option<DirectoryInfo> Disks = new("--disks") { Description = "Folder for the executions' own disks and logs.", Required = true, HelpName = "DIR" };
    private static readonly Option<string[]> Variables = new("--env")
    {
        Description = "A variable of the executions' environment; {disk} in it is the execution's own folder.", HelpName = "NAME=VALUE",
    };

    private static readonly Option<int> JobsPort = new("--jobs-port") { Description = "Port of the jobs API; 0 takes a free one.", HelpName = "N" };
    private static readonly Option<FileInfo?> LogFile = new("--log") { Description = "Appends every request to a file, as JSON Lines.", HelpName = "FILE" };
    private static readonly Option<bool> WithStandardInput = new("--with-stdin") { Description = "Also end when standard input ends." };

    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = new("Emulators of Azure storage, for tests and demonstrations.")
        {
            CommandFor("files", "Azure Files on a local folder.", [Root, Shares, State, Port], (parsed, run) => run.StartFilesAsync(parsed, Port)),
            CommandFor("blob-front", "Put Blob and Put Block From URL in front of Azurite.", [Azurite, Port], (parsed, run) => run.StartBlobsAsync(parsed, Port)),
            CommandFor("container-jobs", "Container Apps jobs whose executions are processes; with a blob front that takes their tokens.",
                [Azurite, Agent, Disks, Variables, JobsPort, BlobPort], (parsed, run) => run.StartJobsAsync(parsed)),
            CommandFor("all", "Both, with one request log and one set of faults.", [Root, Shares, State, Azurite, FilesPort, BlobPort], async (parsed, run) =>
            {
                await run.StartFilesAsync(parsed, FilesPort);
                await run.StartBlobsAsync(parsed, BlobPort);
            }),
            CommandFor("client", $"Plays Euphrosyne to Tiering; the shared secret comes from {SecretVariable}.", [Tiering, Port, Prefix, CommitDelay, ClockSkew], (parsed, run) =>
                run.StartClientAsync(parsed)),
        };
        return await root.Parse(args).InvokeAsync();
    }

    private static Command CommandFor(string name, string description, Option[] options, Func<ParseResult, Running, Task> start)
    {
        Command command = new(name, description);
        foreach (Option option in (Option[])[.. options, ControlPort, Account, LogFile, WithStandardInput])
            command.Options.Add(option);
        command.SetAction((parsed, _) => ServeAsync(parsed, start));
        return command;
    }

    private static async Task<int> ServeAsync(ParseResult parsed, Func<ParseResult, Running, Task> start)
    {
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            using RequestLog log = new(parsed.GetValue(LogFile)?.FullName);
            await using Running running = new(AccountOf(parsed), log);
            await start(parsed, running);
            await running.StartControlAsync(parsed.GetValue(ControlPort));
            await Console.Out.WriteLineAsync("ready");
            await Task.WhenAny(stop.Task, parsed.GetValue(WithStandardInput) ? EndOfInputAsync() : stop.Task);
            return 0;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static StorageAccount AccountOf(ParseResult parsed)
    {
        string? key = Environment.GetEnvironmentVariable(KeyVariable);
        try
        {
            return new StorageAccount(parsed.GetValue(Account)!, string.IsNullOrEmpty(key) ? StorageAccount.DevelopmentKey : key);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"{KeyVariable} must be base64.", exception);
        }
    }

    private static Task EndOfInputAsync() => Task.Run(async () =>
    {
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    });

    /// <summary>The emulators that were started, and what they share.</summary>
    private sealed class Running(StorageAccount account, RequestLog log) : IAsyncDisposable
    {
        private readonly FaultSet _faults = new();
        private readonly TokenIssuer _tokens = new();
        private ContainerJobsEmulator? _jobs;
        private readonly List<EmulatorServer> _servers = [];

        public async Task StartFilesAsync(ParseResult parsed, Option<int> port)
        {
            FileShareOptions options = new()
            {
                Root = parsed.GetValue(Root)!.FullName,
                StateFolder = parsed.GetValue(State)?.FullName,
                Port = parsed.GetValue(port),
                Account = account,
                Faults = _faults,
                Log = log,
            };
            foreach (string share in parsed.GetValue(Shares) ?? [])
            {
                string[] parts = share.Split('=', 2);
                if (parts.Length != 2)
                    throw new ArgumentException($"--share must be NAME=DIR: {share}");
                options.Shares[parts[0]] = parts[1];
            }
            FileShareEmulator emulator = await FileShareEmulator.StartAsync(options);
            Add("files", emulator, emulator.Endpoint);
        }

        /// <summary>Prints, beside the addresses, what lets a service sign in here: for one machine's own use.</summary>
        public async Task StartJobsAsync(ParseResult parsed)
        {
            await StartBlobsAsync(parsed, BlobPort);
            string agent = parsed.GetValue(Agent)!.FullName;
            ContainerJobsOptions options = new()
            {
                Program = agent.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ["dotnet", "exec", agent] : [agent],
                Disks = Directory.CreateDirectory(parsed.GetValue(Disks)!.FullName).FullName,
                Tokens = _tokens,
                Port = parsed.GetValue(JobsPort),
                Faults = _faults,
                Log = log,
            };
            foreach (string variable in parsed.GetValue(Variables) ?? [])
            {
                string[] parts = variable.Split('=', 2);
                if (parts.Length != 2 || parts[0].Length == 0)
                    throw new ArgumentException($"--env must be NAME=VALUE: {parts[0]}");
                options.Environment[parts[0]] = parts[1];
            }
            ContainerJobsEmulator emulator = await ContainerJobsEmulator.StartAsync(options);
            _jobs = emulator;
            Console.Out.WriteLine($"jobs {emulator.Endpoint}");
            Console.Out.WriteLine($"job {ContainerJobsEmulator.Job}");
            foreach ((string name, string value) in emulator.IdentityEnvironment)
                Console.Out.WriteLine($"{name} {value}");
        }

        public async Task StartBlobsAsync(ParseResult parsed, Option<int> port)
        {
            string azurite = parsed.GetValue(Azurite)!;
            if (!Uri.TryCreate(azurite, UriKind.Absolute, out Uri? address))
                throw new ArgumentException($"--azurite must be an absolute http address: {azurite}");
            BlobFrontEmulator emulator = await BlobFrontEmulator.StartAsync(new BlobFrontOptions
            {
                Azurite = address, Port = parsed.GetValue(port), Account = account, Faults = _faults, Log = log, Tokens = _tokens,
            });
            Add("blobs", emulator, emulator.Endpoint);
        }

        public async Task StartClientAsync(ParseResult parsed)
        {
            string secret = Environment.GetEnvironmentVariable(SecretVariable) is { Length: > 0 } given ? given : throw new ArgumentException($"{SecretVariable} is not set.");
            EuphrosyneEmulator client = await EuphrosyneEmulator.StartAsync(new EuphrosyneOptions
            {
                Secret = secret,
                Port = parsed.GetValue(Port),
                Prefix = parsed.GetValue(Prefix)!.TrimEnd('/'),
                CommitDelay = TimeSpan.FromSeconds(parsed.GetValue(CommitDelay)),
                ClockSkew = TimeSpan.FromSeconds(parsed.GetValue(ClockSkew)),
            });
            client.Tiering = parsed.GetValue(Tiering)!.TrimEnd('/');
            Add("client", client, new Uri(client.Url));
        }

        public async Task StartControlAsync(int? port)
        {
            if (port is null)
                return;
            ControlEndpoint control = await ControlEndpoint.StartAsync(_faults, log, port.Value);
            Add("control", control, control.Endpoint);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (EmulatorServer server in _servers)
                await server.DisposeAsync();
            if (_jobs is not null)
                await _jobs.DisposeAsync();
        }

        private void Add(string name, EmulatorServer server, Uri address)
        {
            _servers.Add(server);
            Console.Out.WriteLine($"{name} {address}");
        }
    }
}
