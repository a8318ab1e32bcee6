//! What a night refuses, by which exit code, with which words, and that nothing is released then.

use crate::job::{FRIDAY, MONDAY, Ran, TestJob};

/// Nothing was released, and the message says all of `words`.
fn refused(job: &TestJob, ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` in: {}", ran.stderr);
    }
    let error = &ran.json()["error"];
    assert_eq!(error["exit_code"], code);
    let stable = error["code"].as_str().expect("a stable code");
    assert!(
        stable.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte)),
        "{stable}"
    );
    assert!(!job.path("out/2026-11-20/letters").exists(), "no letter was released");
}

fn header_of(job: &TestJob) -> String {
    job.read("inbox/cards.csv").lines().next().unwrap().to_owned()
}

/// What is done to a job, and the words of its refusal.
struct Spoilt {
    spoil: fn(&TestJob),
    words: &'static [&'static str],
}

fn as_utf16(job: &TestJob) {
    let utf16: Vec<u8> = header_of(job).encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs_err::write(job.path("inbox/cards.csv"), [&[0xFF, 0xFE], &utf16[..]].concat()).unwrap();
}

fn with_the_presss_identity(job: &TestJob) {
    fs_err::remove_file(job.path("keys/codes.identity")).unwrap();
    fs_err::rename(job.path("keys/press.identity"), job.path("keys/codes.identity")).unwrap();
}

#[test]
fn faults_of_a_whole_file_are_told_by_name() {
    let cases = [
        Spoilt {
            spoil: |job| job.replace("inbox/cards.csv", "organisation", "organization"),
            words: &["cards.csv", "organization"],
        },
        Spoilt {
            spoil: |job| job.replace("inbox/cards.csv", ",status", ""),
            words: &["cards.csv", "status"],
        },
        Spoilt { spoil: |job| job.write("inbox/cards.csv", ""), words: &["cards.csv"] },
        Spoilt { spoil: as_utf16, words: &["cards.csv", "UTF-16"] },
        Spoilt {
            spoil: |job| job.replace("job.toml", "inbox/cards*.csv", "inbox/other.csv"),
            words: &["inbox/other.csv", "no such file"],
        },
        Spoilt {
            spoil: |job| fs_err::remove_file(job.path("keys/signing.pem")).unwrap(),
            words: &["signing.pem", "restore it from its backup"],
        },
        Spoilt { spoil: with_the_presss_identity, words: &["codes.csv.age", "sealed"] },
        Spoilt {
            spoil: |job| fs_err::write(job.path("inbox/codes.csv.age"), b"age-encryption.org/v1\nx").unwrap(),
            words: &["codes.csv.age"],
        },
        Spoilt {
            spoil: |job| job.seal_codes(b"card_number,pin,puk,assistance_code,name\n"),
            words: &["codes.csv.age:1", "the columns are card_number, pin, puk, assistance_code"],
        },
    ];
    for case in cases {
        let job = TestJob::new();
        (case.spoil)(&job);
        refused(&job, &job.run(FRIDAY, &[]), 2, case.words);
    }
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let job = TestJob::new();
    fs_err::set_permissions(job.path("keys/signing.pem"), PermissionsExt::from_mode(0o644)).unwrap();
    refused(&job, &job.run(FRIDAY, &[]), 2, &["signing.pem", "chmod 600"]);
}

#[test]
fn too_many_rejects_stop_the_night_and_are_listed() {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 2.0");
    let ran = job.run(FRIDAY, &[]);
    refused(&job, &ran, 3, &["max_reject_percent", "rejects.csv"]);
    assert!(job.table("out/2026-11-20/rejects.csv").len() >= 4);
    job.replace("job.toml", "max_reject_percent = 2.0", "max_reject_percent = 25.0");
    assert_eq!(job.run(FRIDAY, &[]).json()["lots"][0]["first_piece"], "26324A000001", "no number was lost");
    assert_eq!(job.table("out/2026-11-20/rejects.csv").len(), 5);
}

#[test]
fn records_of_another_night_are_refused_by_content() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    fs_err::rename(job.path("inbox/cards.csv"), job.path("inbox/cards-renamed.csv")).unwrap();
    let ran = job.run(MONDAY, &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("cards-renamed.csv") && ran.stderr.contains(FRIDAY), "{}", ran.stderr);
    assert!(!job.path("out/2026-11-23").exists());
}

#[test]
fn the_same_records_with_one_byte_more_are_refused_record_by_record() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    job.write("inbox/cards.csv", &format!("{}\n", job.read("inbox/cards.csv")));
    let ran = job.run(MONDAY, &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let rejects = job.table("out/2026-11-23/rejects.csv");
    assert!(rejects.iter().any(|row| row["code"] == "already_taken_in"), "{rejects:?}");
}

#[test]
fn two_files_with_the_same_records_are_refused() {
    let job = TestJob::new();
    fs_err::copy(job.path("inbox/cards.csv"), job.path("inbox/cards-copy.csv")).unwrap();
    refused(&job, &job.run(FRIDAY, &[]), 3, &["cards-copy.csv", "cards.csv", "the same records"]);
}

#[test]
fn one_wrong_byte_gives_the_right_message() {
    let cases: [(&str, &str, &str, &str); 6] = [
        ("2400140649", "240014064X", "card_number", "card_number"),
        (",first,", ",frist,", "reason", "reason"),
        ("75015 PARIS", "7501S PARIS", "address_6", "address_postcode"),
        ("810003879623", "810003879624", "ps_id_nat", "ps_id_nat_check_digit"),
        ("2026-11-20T", "2026-11-31T", "requested_at", "date_time"),
        ("75015 PARIS", "75015 PARI\u{0}", "address_6", "nul_byte"),
    ];
    for (from, to, field, code) in cases {
        let job = TestJob::new();
        let row = job.row(2);
        if !row.contains(from) {
            continue;
        }
        job.records(&[row.replacen(from, to, 1), job.row(3)]);
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 60.0");
        let report = job.run(FRIDAY, &[]);
        let rejects = job.table("out/2026-11-20/rejects.csv");
        assert_eq!((rejects.len(), report.code), (1, 1), "{to}: {rejects:?} {}", report.stderr);
        assert_eq!((rejects[0]["line"].as_str(), rejects[0]["field"].as_str()), ("2", field), "{to}");
        assert!(rejects[0]["code"].contains(code), "{to}: {}", rejects[0]["code"]);
        assert_eq!(report.json()["letters"], 1, "the rest goes on");
    }
}

#[test]
fn a_windows_1252_file_is_read_when_the_job_says_so() {
    let job = TestJob::new();
    let records = job.read("inbox/cards.csv");
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(&records);
    assert!(!lossy, "the fixture is within Windows-1252");
    fs_err::write(job.path("inbox/cards.csv"), bytes).unwrap();
    let as_utf8 = job.pli("check", &["--date", FRIDAY]).json();
    assert!(as_utf8["reject_list"].to_string().contains("encoding"), "{as_utf8}");
    job.replace("job.toml", "[input]", "[input]\nencoding = \"windows-1252\"");
    assert_eq!(job.run(FRIDAY, &[]).json()["letters"], 22);
}

#[test]
fn mailers_without_anybody_to_open_them_are_refused() {
    let job = TestJob::new();
    fs_err::remove_file(job.path("keys/press.pub")).unwrap();
    let ran = job.run(FRIDAY, &[]);
    refused(&job, &ran, 2, &["keys/press.pub", "age1"]);
}

#[test]
fn two_runs_at_once_are_refused() {
    let job = TestJob::new();
    fs_err::create_dir(job.path("scratch")).unwrap();
    // The second is the lock of earlier versions.
    for file in ["scratch/lock", "ledger.db.lock"] {
        let lock = fs_err::File::create(job.path(file)).unwrap();
        lock.file().try_lock().unwrap();
        refused(&job, &job.run(FRIDAY, &[]), 3, &["another run", file]);
    }
    assert_eq!(job.run(FRIDAY, &[]).code, 1, "both are free again");
}

#[test]
fn a_scratch_folder_is_a_folder_of_this_machine() {
    let job = TestJob::new();
    job.replace("job.toml", "[output]\n", "[output]\nscratch = \"s3://bureau/scratch\"\n");
    refused(&job, &job.run(FRIDAY, &[]), 2, &["scratch", "name one of this machine"]);
    job.replace("job.toml", "s3://bureau/scratch", "job.toml");
    refused(&job, &job.run(FRIDAY, &[]), 2, &["scratch", "need a folder"]);
    job.replace("job.toml", "scratch = \"job.toml\"", "scratch = \"work/tonight\"");
    assert_eq!(job.run(FRIDAY, &[]).code, 1);
    assert!(job.path("work/tonight/lock").is_file() && !job.path("scratch").exists());
}

#[test]
fn files_that_the_ledger_does_not_know_are_not_written_over() {
    let job = TestJob::new();
    fs_err::create_dir_all(job.path("out/2026-11-20/letters")).unwrap();
    job.write("out/2026-11-20/letters/26324A-0001.pdf", "somebody else's");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(job.read("out/2026-11-20/letters/26324A-0001.pdf"), "somebody else's");
    fs_err::remove_dir_all(job.path("out")).unwrap();
    assert_eq!(job.run(FRIDAY, &[]).json()["lots"][0]["first_piece"], "26324A000001");
}

#[test]
fn what_is_no_file_in_the_inbox_is_told() {
    let job = TestJob::new();
    fs_err::create_dir_all(job.path("inbox/cards-folder.csv")).unwrap();
    refused(&job, &job.run(FRIDAY, &[]), 2, &["cards-folder.csv", "not a file"]);
}

#[test]
fn an_empty_inbox_is_said() {
    let job = TestJob::new();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("no record file in the inbox"), "{}", ran.stderr);
    // Mailers are of records that came before.
    let mailers = job.run(MONDAY, &["--only", "mailers"]);
    assert_eq!(mailers.code, 0, "{}", mailers.stderr);
    assert!(!mailers.stderr.contains("no record file"), "{}", mailers.stderr);
}

#[test]
fn letters_need_no_key_of_the_mailers() {
    let job = TestJob::new();
    fs_err::remove_file(job.path("keys/codes.identity")).unwrap();
    fs_err::remove_file(job.path("keys/press.pub")).unwrap();
    let whole = job.row(2);
    job.records(&[whole]);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((ran.code, &ran.json()["letters"]), (0, &1.into()), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("keys/press.pub"),
        "and it is said what the mailers will lack: {}",
        ran.stderr
    );
}
