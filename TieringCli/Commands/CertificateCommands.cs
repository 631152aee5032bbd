using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering certificate get|show|verify</c>. Showing and verifying need no service.</summary>
public sealed class CertificateCommands(Terminal terminal, ConnectionOptions connection)
{
    public Command Create()
    {
        Command command = new("certificate", "Custody certificates: what moved, and the proof of it, signed.");
        command.Subcommands.Add(CreateGet());
        command.Subcommands.Add(CreateShow());
        command.Subcommands.Add(CreateVerify());
        return command;
    }

    private Command CreateGet()
    {
        Argument<Guid> id = Arguments.OperationId();
        Option<string?> output = new("--output") { Description = "The file to write. [default: standard output]", HelpName = "FILE" };
        Command command = new("get", "Fetches the certificate of an operation that has succeeded, byte for byte.") { id, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<JsonElement> certificate = await api.GetAsync<JsonElement>(ApiPaths.OperationAction(parsed.GetValue(id), "certificate"), cancellation);
            if (parsed.GetValue(output) is { } path)
                WriteFile(path, certificate.Json);
            else
                await terminal.OutputWriter.WriteAsync(certificate.Json); // its own last line ends it
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateShow()
    {
        Argument<string> file = File();
        Option<string?> key = Key();
        Command command = new("show", "Checks a certificate, and shows what it says.") { file, key };
        command.SetAction(parsed =>
        {
            byte[] bytes = ReadFile(parsed.GetValue(file)!);
            CustodyCertificate certificate = Check(bytes, parsed.GetValue(key));
            if (connection.WantsJson(parsed))
                terminal.OutputWriter.WriteLine(JsonSerializer.Serialize(certificate, TieringJson.Indented));
            else
                terminal.Output.WriteCertificate(certificate, CertificateFile.HashOf(bytes));
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateVerify()
    {
        Argument<string> file = File();
        Option<string?> key = Key();
        Option<string?> manifest = new("--manifest") { Description = "The operation's manifest: its root is computed again and compared.", HelpName = "FILE" };
        Command command = new("verify", "Says whether a certificate is what was signed; exit code 1 if it is not.") { file, key, manifest };
        command.SetAction(async (parsed, cancellation) =>
        {
            CustodyCertificate certificate = Check(ReadFile(parsed.GetValue(file)!), parsed.GetValue(key));
            if (parsed.GetValue(manifest) is { } path)
                await CheckManifestAsync(certificate, path, cancellation);
            terminal.Output.WriteLine(Terminal.Printable($"{certificate.Operation}: the certificate is what was signed."));
            terminal.Output.WriteLine($"Signed by the key {certificate.SignedBy.Fingerprint}.");
            if (parsed.GetValue(key) is null)
                terminal.Output.WriteLine("Whose key that is, --key PUBLIC.pem decides; without it, compare the fingerprint with the one that you know.");
            if (parsed.GetValue(manifest) is not null)
                terminal.Output.WriteLine($"The manifest is the certified one, root {certificate.Manifest.Root}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static CustodyCertificate Check(byte[] file, string? keyPath)
    {
        try
        {
            return CertificateFile.Verify(file, keyPath is null ? null : ReadKey(keyPath));
        }
        catch (CertificateRefusedException refused)
        {
            throw new CliException(ExitCode.Failed, refused.Message, refused);
        }
    }

    private static async Task CheckManifestAsync(CustodyCertificate certificate, string path, CancellationToken cancellation)
    {
        ReadFile(path, most: 0); // a file that is not there is no damaged manifest
        try
        {
            ManifestTrailer found = await ManifestReader.VerifyAsync(path, cancellation);
            if (found.Root != certificate.Manifest.Root)
                throw new CliException(ExitCode.Failed, $"The manifest is another one: its root is {found.Root}, the certificate names {certificate.Manifest.Root}.");
        }
        catch (ManifestCorruptException damaged)
        {
            throw new CliException(ExitCode.Failed, damaged.Message, damaged);
        }
    }

    private static CertificateKey ReadKey(string path)
    {
        try
        {
            return CertificateKey.OfPem(Encoding.UTF8.GetString(ReadFile(path)));
        }
        catch (ArgumentException none)
        {
            throw new CliException(ExitCode.Usage, $"--key: {path} holds no public key (EC, curve P-256) in PEM.", none);
        }
    }

    /// <summary>The beginning of a file; a certificate, or a key, that is longer is none.</summary>
    private static byte[] ReadFile(string path, int most = CertificateFile.MaxBytes + 1)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[Math.Min(most, file.Length)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"The file {path} cannot be read: {denied.Message}", denied);
        }
    }

    private static void WriteFile(string path, string text)
    {
        try
        {
            System.IO.File.WriteAllText(path, text); // UTF-8 without a mark
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"The file {path} cannot be written: {denied.Message}", denied);
        }
    }

    private static Argument<string> File() => new("FILE") { Description = "The certificate." };

    private static Option<string?> Key() => new("--key")
    {
        Description = "The public key (PEM) that must have signed it; the service keeps its own in <TIERING_DATA>/signing-key.pub.pem.",
        HelpName = "PUBLIC.pem",
    };
}
