using System.Globalization;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.AzCopy;

/// <summary>What every captured output of the real AzCopy means, written by hand.</summary>
public static class Scenarios
{
    /// <summary>Folder, exit code ('-': not known), state, AzCopy's status; then total, completed, failed, skipped, bytes transferred, errors.</summary>
    private const string CopyTable = """
        azcopy/azurite_strict_version                 0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/bad_flag                               1 Failed    -                        0    0 0 0          0 0
        azcopy/corrupt_plan_list_100bytes             0 Unknown   -                        0    0 0 0          0 0
        azcopy/dest_unreachable                       1 Canceled  Cancelled                7    0 0 0          0 0
        azcopy/download_ok                            0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/download_ok_assubdir                   0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/download_zero_files                    0 Succeeded Completed                0    0 0 0          0 0
        azcopy/download_zero_files_container          0 Succeeded Completed                0    0 0 0          0 0
        azcopy/expired_sas_upload                     1 Failed    Cancelled                7    0 1 0          0 0
        azcopy/jobs_list                              0 Unknown   -                        0    0 0 0          0 0
        azcopy/log_dir_is_file                        1 Failed    -                        0    0 0 0          0 0
        azcopy/missing_container_download             1 Failed    -                        0    0 0 0          0 1
        azcopy/missing_container_upload               1 Failed    Failed                   7    0 7 0          0 0
        azcopy/missing_source_blob                    1 Failed    -                        0    0 0 0          0 1
        azcopy/missing_source_local                   1 Failed    -                        0    0 0 0          0 1
        azcopy/nested_new_dirs                        0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/no_sas_upload                          1 Failed    Cancelled                7    0 1 0          0 0
        azcopy/not_startable_badelf                 126 Failed    -                        0    0 0 0          0 0
        azcopy/not_startable_eacces                 126 Failed    -                        0    0 0 0          0 0
        azcopy/not_startable_enoent                 127 Failed    -                        0    0 0 0          0 0
        azcopy/partial_download_403_one               1 Canceled  Cancelled                8    3 0 0          0 0
        azcopy/partial_download_404_one               1 Failed    CompletedWithErrors      8    7 1 0   12000007 0
        azcopy/partial_resume_fixed                   0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/partial_resume_still_failing           1 Failed    CompletedWithErrors      7    6 1 0   12000002 0
        azcopy/partial_upload_403_one                 1 Failed    Cancelled                7    0 1 0          0 0
        azcopy/partial_upload_leased412               1 Failed    CompletedWithErrors      7    6 1 0   12000002 0
        azcopy/partial_upload_unreadable              1 Failed    CompletedWithErrors      7    6 1 0    9000008 0
        azcopy/partial_upload_unreadable_dir          0 Succeeded Completed                5    5 0 0    9000008 0
        azcopy/plan_dir_uncreatable                   1 Failed    -                        0    0 0 0          0 0
        azcopy/resume_after_cancel                    0 Succeeded Completed               10   10 0 0   60000000 0
        azcopy/resume_after_kill                      0 Succeeded Completed               10   10 0 0   60000000 0
        azcopy/resume_after_kill_in_scan              1 Failed    -                        0    0 0 0          0 1
        azcopy/resume_after_kill_nosas                1 Failed    Cancelled               10    0 1 0          0 0
        azcopy/resume_completed                       - Unknown   InProgress              10   10 0 0   60000000 1
        azcopy/resume_unknown                         1 Failed    -                        0    0 0 0          0 1
        azcopy/resume_while_alive                     0 Succeeded Completed               10    0 0 0          0 0
        azcopy/resume_while_alive/resume              - Succeeded Completed               10   10 0 0   60000000 0
        azcopy/rt_verify_download                     0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_503_retry_ok                       0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_blobfile_dirstub                   0 Succeeded Completed               15   15 0 0   57000008 0
        azcopy/s2s_blobfile_list_prefix_403           1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_blobfile_list_prefix_404           1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_blobfile_nodir                     0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_blobfile_partial409                1 Failed    CompletedWithErrors      8    7 1 0   57000002 0
        azcopy/s2s_blobfile_preserveinfo              1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_dst403_one                         1 Failed    Cancelled                8    5 1 0   45554434 0
        azcopy/s2s_fileblob_12000_acked               - Unknown   InProgress           12000 1900 0 0       5515 0
        azcopy/s2s_fileblob_8GiB_acked                0 Succeeded Completed                2    2 0 0 8589934592 0
        azcopy/s2s_fileblob_dirstub                   0 Succeeded Completed               16   16 0 0   57000008 0
        azcopy/s2s_fileblob_ok                        0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_fileblob_overwrite_false           0 Succeeded CompletedWithSkipped     8    0 0 8          0 0
        azcopy/s2s_fileblob_preserveinfo              1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_fileblob_single                    0 Succeeded Completed                1    1 0 0          6 0
        azcopy/s2s_fileblob_zero                      0 Succeeded Completed                0    0 0 0          0 0
        azcopy/s2s_flag_check-length                  0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_flag_check-md5                     0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_flag_preserve-last-modified-time   1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_flag_preserve-posix-properties     1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_flag_put-md5                       0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_flag_s2s-detect-source-changed     0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_flag_s2s-preserve-properties       0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_flag_trusted-microsoft-suffixes    0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_head_403                           0 Succeeded Completed                7    7 0 0   57000002 0
        azcopy/s2s_head_404                           0 Succeeded Completed                7    7 0 0   57000002 0
        azcopy/s2s_kill9                            137 Unknown   InProgress               8    2 0 0    9000002 0
        azcopy/s2s_kill9_resume                       0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_list_subdir_403                    0 Succeeded Completed                6    6 0 0   54000008 0
        azcopy/s2s_list_subdir_404                    0 Succeeded Completed                6    6 0 0   54000008 0
        azcopy/s2s_list_subdir_500                  137 Unknown   -                        0    0 0 0          0 0
        azcopy/s2s_missing_container                  0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_missing_dir                        1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_missing_share                      1 Failed    -                        0    0 0 0          0 1
        azcopy/s2s_partial_dst409                     1 Failed    CompletedWithErrors      8    7 1 0   57000002 0
        azcopy/s2s_partial_src404                     1 Failed    CompletedWithErrors      8    7 1 0   57000002 0
        azcopy/s2s_resume_both                        0 Succeeded Completed                8    8 0 0   57000008 0
        azcopy/s2s_resume_dest_only                   1 Failed    CompletedWithErrors      8    6 2 0    3000008 0
        azcopy/s2s_src403_data                        1 Failed    Cancelled                8    2 1 0          0 0
        azcopy/s2s_src_bad_sas                        1 Failed    -                        0    0 0 0          0 1
        azcopy/scan_TERM_noanswer                   137 Unknown   -                        0    0 0 0          0 0
        azcopy/scan_TERM_y                            1 Failed    -                        0    0 0 0          0 1
        azcopy/scan_stdin_cancel                    137 Unknown   -                        0    0 0 0          0 0
        azcopy/sig_INT                                1 Canceled  Cancelled               10    0 0 0          0 0
        azcopy/sig_KILL                             137 Unknown   InProgress              10    0 0 0          0 0
        azcopy/sig_TERM                               1 Canceled  Cancelled               10    0 0 0          0 0
        azcopy/stdin_cancel                           1 Canceled  Cancelled               10    0 0 0          0 0
        azcopy/upload_no_fromto                       1 Failed    -                        0    0 0 0          0 1
        azcopy/upload_ok                              0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/upload_ok_essential                    0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/upload_ok_quiet                        0 Unknown   -                        0    0 0 0          0 0
        azcopy/upload_ok_text                         0 Succeeded Completed                7    7 0 0   12000008 0
        azcopy/upload_only_empty_dirs                 0 Succeeded Completed                3    3 0 0          0 0
        azcopy/upload_skipped                         0 Succeeded CompletedWithSkipped     7    0 0 7          0 0
        azcopy/upload_some_skipped                    0 Succeeded CompletedWithSkipped     8    1 0 7          5 0
        azcopy/upload_zero_files                      0 Succeeded Completed                0    0 0 0          0 0
        azcopy/wrong_sas_download                     1 Failed    -                        0    0 0 0          0 1
        azcopy/wrong_sas_upload                       1 Failed    Cancelled                7    0 1 0          0 0
        azcopy-versions/10.10.0-assubdir              1 Failed    -                        0    0 0 0          0 0
        azcopy-versions/10.10.0-ok                    0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.10.0-skipped               0 Succeeded CompletedWithSkipped     3    0 0 3          0 0
        azcopy-versions/10.10.0-text                  0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.10.0-wrong-sas             1 Failed    Cancelled                3    0 2 0          0 0
        azcopy-versions/10.14.1-assubdir              0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.14.1-ok                    0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.14.1-skipped               0 Succeeded CompletedWithSkipped     3    0 0 3          0 0
        azcopy-versions/10.14.1-text                  0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.14.1-wrong-sas             1 Failed    Cancelled                3    0 1 0          0 0
        azcopy-versions/10.17.0-assubdir              0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.17.0-ok                    0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.17.0-skipped               0 Succeeded CompletedWithSkipped     3    0 0 3          0 0
        azcopy-versions/10.17.0-text                  0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.17.0-wrong-sas             1 Failed    Cancelled                3    0 1 0          0 0
        azcopy-versions/10.18.1-assubdir              0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.18.1-ok                    0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.18.1-skipped               0 Succeeded CompletedWithSkipped     3    0 0 3          0 0
        azcopy-versions/10.18.1-text                  0 Succeeded Completed                3    3 0 0          8 0
        azcopy-versions/10.18.1-wrong-sas             1 Failed    Cancelled                3    0 1 0          0 0
        """;

    /// <summary>Folder and file, exit code, what it means for a resume, AzCopy's status; then total, completed, failed, skipped, bytes transferred.</summary>
    private const string ShowTable = """
        azcopy/corrupt_plan_show_100bytes                    2 Corrupt     -                        0    0 0 0          0
        azcopy/corrupt_plan_show_empty                       1 NoPlan      -                        0    0 0 0          0
        azcopy/corrupt_plan_show_scribbled                   0 Completed   Completed                8    8 0 0   57000008
        azcopy/corrupt_plan_show_truncated                   2 Corrupt     -                        0    0 0 0          0
        azcopy/dest_unreachable/jobs_show_after_term         0 Ended       Cancelled                7    0 0 0          0
        azcopy/download_ok/jobs_show_after                   0 Completed   Completed                7    7 0 0   12000008
        azcopy/jobs_show_garbage                             1 Unknown     -                        0    0 0 0          0
        azcopy/jobs_show_unknown                             1 NoPlan      -                        0    0 0 0          0
        azcopy/missing_source_local/jobs_show_after          1 NoPlan      -                        0    0 0 0          0
        azcopy/partial_download_403_one/jobs_show_after      0 Ended       Cancelled                8    3 1 0          0
        azcopy/partial_download_404_one/jobs_show_after      0 Ended       CompletedWithErrors      8    7 1 0   12000007
        azcopy/partial_download_404_one/jobs_show_failed     0 Unknown     -                        0    0 0 0          0
        azcopy/partial_resume_fixed/jobs_show_after          0 Completed   Completed                7    7 0 0   12000008
        azcopy/partial_resume_still_failing/jobs_show_after  0 Ended       CompletedWithErrors      7    6 1 0   12000002
        azcopy/partial_upload_403_one/jobs_show_after        0 Ended       Cancelled                7    0 1 0          0
        azcopy/partial_upload_leased412/jobs_show_after      0 Ended       CompletedWithErrors      7    6 1 0   12000002
        azcopy/partial_upload_leased412/jobs_show_all        0 Unknown     -                        0    0 0 0          0
        azcopy/partial_upload_leased412/jobs_show_failed     0 Unknown     -                        0    0 0 0          0
        azcopy/partial_upload_unreadable/jobs_show_after     0 Ended       CompletedWithErrors      7    6 1 0    9000008
        azcopy/partial_upload_unreadable/jobs_show_failed    0 Unknown     -                        0    0 0 0          0
        azcopy/partial_upload_unreadable_dir/jobs_show_after 0 Completed   Completed                5    5 0 0    9000008
        azcopy/resume_after_cancel/jobs_show_after           0 Completed   Completed               10   10 0 0   60000000
        azcopy/resume_after_kill/jobs_show_after             0 Completed   Completed               10   10 0 0   60000000
        azcopy/resume_after_kill_in_scan/jobs_show_before    0 Interrupted InProgress           10000    0 0 0          0
        azcopy/resume_after_kill_nosas/jobs_show_after       0 Ended       Cancelled               10    0 1 0          0
        azcopy/resume_completed/jobs_show_after_term         0 Completed   Completed               10   10 0 0   60000000
        azcopy/resume_completed/jobs_show_s2s_after          0 Completed   Completed                8    8 0 0   57000008
        azcopy/resume_while_alive/jobs_show_after            0 Completed   Completed               10   10 0 0   60000000
        azcopy/s2s_blobfile_nodir/jobs_show_after            0 Completed   Completed                8    8 0 0   57000008
        azcopy/s2s_blobfile_partial409/jobs_show_after       0 Ended       CompletedWithErrors      8    7 1 0   57000002
        azcopy/s2s_dst403_one/jobs_show_after                0 Ended       Cancelled                8    5 1 0   12000002
        azcopy/s2s_fileblob_12000_acked/jobs_show_after      0 Interrupted InProgress           12000 2542 0 0       7374
        azcopy/s2s_fileblob_12000_acked/jobs_show_p0         1 NoPlan      -                        0    0 0 0          0
        azcopy/s2s_fileblob_12000_acked/jobs_show_p1         1 NoPlan      -                        0    0 0 0          0
        azcopy/s2s_fileblob_12000_acked/jobs_show_p2         1 NoPlan      -                        0    0 0 0          0
        azcopy/s2s_fileblob_12000_acked/jobs_show_p3         1 NoPlan      -                        0    0 0 0          0
        azcopy/s2s_fileblob_12000_acked/jobs_show_p4         0 Interrupted InProgress           10000   83 0 0        241
        azcopy/s2s_fileblob_12000_acked/jobs_show_p5         0 Interrupted InProgress           10000  583 0 0       1691
        azcopy/s2s_fileblob_12000_acked/jobs_show_p6         0 Interrupted InProgress           10000 1197 0 0       3486
        azcopy/s2s_fileblob_12000_acked/jobs_show_p7         0 Interrupted InProgress           12000 1908 0 0       5538
        azcopy/s2s_fileblob_8GiB_acked/jobs_show_after       0 Completed   Completed                2    2 0 0 8589934592
        azcopy/s2s_fileblob_ok/jobs_show_after               0 Completed   Completed                8    8 0 0   57000008
        azcopy/s2s_fileblob_overwrite_false/jobs_show_after  0 Completed   CompletedWithSkipped     8    0 0 8          0
        azcopy/s2s_fileblob_zero/jobs_show_after             0 Completed   Completed                0    0 0 0          0
        azcopy/s2s_kill9/jobs_show_after                     0 Interrupted InProgress               8    2 0 0    9000002
        azcopy/s2s_kill9/jobs_show_alive                     0 Interrupted InProgress               8    2 0 0    9000002
        azcopy/s2s_kill9_resume/jobs_show_after              0 Completed   Completed                8    8 0 0   57000008
        azcopy/s2s_list_subdir_403/jobs_show_after           0 Completed   Completed                6    6 0 0   54000008
        azcopy/s2s_list_subdir_404/jobs_show_after           0 Completed   Completed                6    6 0 0   54000008
        azcopy/s2s_list_subdir_500/jobs_show_after           0 Completed   Completed                6    6 0 0   54000008
        azcopy/s2s_missing_dir/jobs_show_after               1 NoPlan      -                        0    0 0 0          0
        azcopy/s2s_partial_dst409/jobs_show_after            0 Ended       CompletedWithErrors      8    7 1 0   57000002
        azcopy/s2s_partial_src404/jobs_show_after            0 Ended       CompletedWithErrors      8    7 1 0   57000002
        azcopy/s2s_partial_src404/jobs_show_failed           0 Unknown     -                        0    0 0 0          0
        azcopy/s2s_resume_both/jobs_show_after               0 Completed   Completed                8    8 0 0   57000008
        azcopy/s2s_resume_dest_only/jobs_show_after          0 Ended       CompletedWithErrors      8    6 2 0    3000008
        azcopy/s2s_src403_data/jobs_show_after               0 Ended       Cancelled                8    2 1 0          0
        azcopy/sig_INT/jobs_show_after                       0 Ended       Cancelled               10    0 0 0          0
        azcopy/sig_INT/jobs_show_after1s                     0 Ended       Cancelled               10    0 0 0          0
        azcopy/sig_INT/jobs_show_alive                       0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_INT/jobs_show_t0                          0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_KILL/jobs_show_after                      0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_KILL/jobs_show_after1s                    0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_KILL/jobs_show_after6s                    0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_KILL/jobs_show_alive                      0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_KILL/jobs_show_t0                         0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_TERM/jobs_show_after                      0 Ended       Cancelled               10    0 0 0          0
        azcopy/sig_TERM/jobs_show_after1s                    0 Ended       Cancelled               10    0 0 0          0
        azcopy/sig_TERM/jobs_show_alive                      0 Interrupted InProgress              10    0 0 0          0
        azcopy/sig_TERM/jobs_show_t0                         0 Interrupted InProgress              10    0 0 0          0
        azcopy/stdin_cancel/jobs_show_after                  0 Ended       Cancelled               10    0 0 0          0
        azcopy/stdin_cancel/jobs_show_alive                  0 Interrupted InProgress              10    0 0 0          0
        azcopy/upload_ok/jobs_show_after                     0 Completed   Completed                7    7 0 0   12000008
        azcopy/upload_ok_essential/jobs_show_after           0 Completed   Completed                7    7 0 0   12000008
        azcopy/upload_skipped/jobs_show_after                0 Completed   CompletedWithSkipped     7    0 0 7          0
        azcopy/upload_skipped/jobs_show_after_with_skipped   1 Unknown     -                        0    0 0 0          0
        azcopy/upload_some_skipped/jobs_show_after           0 Completed   CompletedWithSkipped     8    1 0 7          5
        azcopy/upload_zero_files/jobs_show_after             0 Completed   Completed                0    0 0 0          0
        azcopy/wrong_sas_upload/jobs_show_after              0 Ended       Cancelled                7    0 1 0          0
        azcopy-versions/10.10.0-show                         0 Completed   Completed                3    3 0 0          8
        azcopy-versions/10.14.1-show                         0 Completed   Completed                3    3 0 0          8
        azcopy-versions/10.17.0-show                         0 Completed   Completed                3    3 0 0          8
        azcopy-versions/10.18.1-show                         0 Completed   Completed                3    3 0 0          8
        """;

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static IEnumerable<TestCaseData> Copies() => Rows(CopyTable).Select(row => new TestCaseData(
        row[0], Exit(row[1]), Enum.Parse<AzCopyState>(row[2]), Status(row[3]),
        new Expected(Number(row[4]), Number(row[5]), Number(row[6]), Number(row[7]), Number(row[8])), Number(row[9])).SetArgDisplayNames(row[0]));

    public static IEnumerable<TestCaseData> Shows() => Rows(ShowTable).Select(row => new TestCaseData(
        row[0], Exit(row[1]), Enum.Parse<AzCopyPlanState>(row[2]), Status(row[3]),
        new Expected(Number(row[4]), Number(row[5]), Number(row[6]), Number(row[7]), Number(row[8]))).SetArgDisplayNames(row[0]));

    /// <summary>The names of all scenarios that the tables know.</summary>
    public static IEnumerable<string> Names() => Rows(CopyTable).Concat(Rows(ShowTable)).Select(row => row[0]);

    /// <summary>The two streams of a scenario: of its copy, or of the question after a '/'.</summary>
    public static (string Output, string Errors) Read(string scenario)
    {
        string[] parts = scenario.Split('/');
        string prefix = $"{Folder}/{parts[0]}/{parts[1]}/{(parts.Length > 2 ? parts[2] + "." : "")}";
        string errors = prefix + "stderr.txt"; // two killed runs have none
        return (File.ReadAllText(prefix + "stdout.txt"), File.Exists(errors) ? File.ReadAllText(errors) : "");
    }

    private static IEnumerable<string[]> Rows(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static int? Exit(string text) => text == "-" ? null : int.Parse(text, CultureInfo.InvariantCulture);

    private static string? Status(string text) => text == "-" ? null : text;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>The counts that a scenario must give.</summary>
public sealed record Expected(long Total, long Completed, long Failed, long Skipped, long Bytes)
{
    public static Expected Of(AzCopyCounts counts) => new(counts.Total, counts.Completed, counts.Failed, counts.Skipped, counts.BytesTransferred);
}
