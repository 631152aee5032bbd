using System.Globalization;
using Spectre.Console;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;

namespace Tiering.Cli;

/// <summary>A certificate as people read it.</summary>
public static class CertificateTexts
{
    /// <param name="console">Where to.</param>
    /// <param name="certificate">One that was verified.</param>
    /// <param name="hash">How other certificates name it.</param>
    public static void WriteCertificate(this IAnsiConsole console, CustodyCertificate certificate, string hash)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                grid.AddRow(new Text(name), new Text(Terminal.Printable(value)));
        }
        CertifiedAmount moved = certificate.Moved;
        Add("Operation", certificate.Operation.Id.ToString("D"));
        Add("Project", certificate.Operation.Project.Value);
        Add("Type", Upper(certificate.Operation.Type));
        Add("Asked for by", certificate.RequestedBy);
        Add("Accepted", Texts.Time(certificate.AcceptedAt));
        Add("Started", Texts.Time(certificate.StartedAt));
        Add("Finished", Texts.Time(certificate.FinishedAt));
        Add("From", Side(certificate.Source));
        Add("To", Side(certificate.Destination));
        Add("Moved", $"{Texts.Size(new DataSize(moved.Files, moved.Bytes))}, {Texts.Count(moved.Folders)} folders, {Texts.Count(moved.Links)} links");
        Add("Manifest", $"{certificate.Manifest.Name}, root {certificate.Manifest.Root}");
        Add("Witness", WitnessOf(certificate));
        Add("Proof", ProofOf(certificate.Proof));
        Add("AzCopy", certificate.AzCopyVersion);
        Add("AzCopy jobs", string.Join('\n', certificate.AzCopyJobs));
        Add("Removed before", certificate.Removed.ToString(CultureInfo.InvariantCulture));
        Add("Verdict", certificate.Verdict);
        Add("Signed by", $"{certificate.SignedBy.Algorithm} key {certificate.SignedBy.Fingerprint}");
        Add("Certificate", hash);
        console.Write(grid);
    }

    private static string Side(CertifiedSide side) => $"{Upper(side.Role)}, {side.Kind.ToString().ToLowerInvariant()}, root {side.Root}";

    private static string? WitnessOf(CustodyCertificate certificate) => certificate switch
    {
        { Unwitnessed: true } => "unwitnessed: compared with an inventory taken when it began",
        { Witness: { Operation: { } cool } witness } => $"COOL {cool:D}, root {witness.Root}, certificate {witness.Certificate ?? "none"}",
        { Witness: { } baseline } => $"a baseline, root {baseline.Root}",
        _ => null,
    };

    private static string ProofOf(CertifiedProof proof) =>
        $"{proof.Mode}, {Texts.Count(proof.FilesHashed)} files hashed on both sides{(proof.FilesRechecked > 0 ? $", {Texts.Count(proof.FilesRechecked)} of them because AzCopy doubted their length" : "")}";

    private static string Upper<T>(T value)
        where T : struct, Enum => value.ToString().ToUpperInvariant();
}
