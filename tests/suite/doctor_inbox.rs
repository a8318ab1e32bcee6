//! What `pli doctor` says of the record files that wait: how many rows they have, in every form in which they arrive, and what
//! the run would say of one that can't be opened.

use pli::vault::{new_identity, recipients, seal_bytes};
use serde_json::Value;

use crate::input::foreign_job;
use crate::job::{FRIDAY, TestJob, pli};
use crate::tools::{python, text, tool};

/// Counts the records of a CSV file. Shares no code with the program.
const COUNT: &str =
    "import csv, sys; print(len(list(csv.DictReader(open(sys.argv[1], encoding='utf-8', newline='')))))";

/// What the look at the inbox finds.
fn found(job: &TestJob) -> Vec<Value> {
    let ran = job.pli("doctor", &["--date", FRIDAY, "--look", "inbox"]);
    ran.json()["findings"].as_array().expect("findings").clone()
}

/// Asserts that all is well and says so many rows.
fn assert_waiting(job: &TestJob, rows: &str) {
    let found = found(job);
    assert_eq!((found.len(), &found[0]["status"]), (1, &"ok".into()), "{found:?}");
    assert_eq!(found[0]["message"], format!("waiting: 1 record file, {rows} rows"));
}

/// The one finding: its code and its advice.
fn complaint(job: &TestJob) -> (String, String) {
    let found = found(job);
    assert_eq!((found.len(), &found[0]["status"]), (1, &"failure".into()), "{found:?}");
    let word = |key: &str| found[0][key].as_str().unwrap_or_default().to_owned();
    (word("code"), word("advice"))
}

/// The code and the advice of the run's failure.
fn refusal(job: &TestJob) -> (String, String) {
    let said = job.run(FRIDAY, &["--only", "letters"]).json()["error"].clone();
    let word = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    (word("code"), word("advice"))
}

#[test]
fn rows_are_counted_as_the_intake_reads_them() {
    let job = TestJob::new();
    let file = job.path("inbox/cards.csv");
    // A field of the first record, and one that is not used, get a line break.
    job.replace("inbox/cards.csv", ",,", ",\"a\nb\",");
    let Some(counted) = python("csv", &["-c", COUNT, text(&file)]) else { return };
    let rows = counted.trim();
    let lines = job.read("inbox/cards.csv").lines().count();
    assert_ne!(lines - 1, rows.parse::<usize>().unwrap(), "a quoted field has a line break");
    assert_waiting(&job, rows);
    let Some(fixed) = foreign_job(true) else { return };
    assert_waiting(&fixed, rows);
}

#[test]
fn compressed_and_sealed_files_are_counted_or_told_as_the_run_tells_them() {
    let job = TestJob::new();
    job.replace("job.toml", "inbox/cards*.csv", "inbox/cards*.csv*");
    let plain = job.path("inbox/cards.csv");
    let Some(counted) = python("csv", &["-c", COUNT, text(&plain)]) else { return };
    let Some(gzip) = tool("gzip", &["-c", text(&plain)]) else { return };
    let bytes = fs_err::read(&plain).unwrap();
    fs_err::remove_file(&plain).unwrap();
    let packed = job.path("inbox/cards.csv.gz");
    fs_err::write(&packed, &gzip[..gzip.len() / 2]).unwrap();
    let said = complaint(&job);
    assert_eq!((said.0.as_str(), &said), ("records_gzip_cut_short", &refusal(&job)));
    fs_err::write(&packed, &gzip).unwrap();
    assert_waiting(&job, counted.trim());
    fs_err::remove_file(packed).unwrap();

    let seal = |name: &str, bytes: &[u8]| {
        let recipients = recipients(&["keys/cards.pub".to_owned()], |text| job.path(text)).unwrap();
        fs_err::write(job.path(name), seal_bytes(&recipients, bytes).unwrap()).unwrap();
    };
    let (identity, public) = (job.path("keys/cards.identity"), job.path("keys/cards.pub"));
    new_identity(&identity, &public).unwrap();
    let aside = job.path("keys/aside");
    for (name, bytes) in [("inbox/cards.csv.age", &bytes), ("inbox/cards.csv.gz.age", &gzip)] {
        seal(name, bytes);
        assert_waiting(&job, counted.trim());
        fs_err::rename(&identity, &aside).unwrap();
        let said = complaint(&job);
        assert_eq!(said, refusal(&job), "what the run says");
        assert!(said.1.contains("restore it from its backup"), "{said:?}");
        fs_err::rename(&aside, &identity).unwrap();
        assert_waiting(&job, counted.trim());
        fs_err::remove_file(job.path(name)).unwrap();
    }
    // A job whose first sealed file came before its key was made: done as the advice says, and sealed again, it opens.
    seal("inbox/cards.csv.age", &bytes);
    fs_err::remove_file(&identity).unwrap();
    fs_err::remove_file(&public).unwrap();
    let (code, advice) = complaint(&job);
    let command = advice.split('`').nth(1).unwrap_or_default();
    assert!(code == "key_unreadable" && command.starts_with("pli keys new cards "), "{advice}");
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(pli(&arguments).code, 0, "{command}");
    assert_eq!(complaint(&job).0, "seal_closed");
    seal("inbox/cards.csv.age", &bytes);
    assert_waiting(&job, counted.trim());
}

#[test]
fn lines_are_told_of_an_altered_file_only_where_one_of_them_is_the_header() {
    let Some(fixed) = foreign_job(true) else { return };
    for (job, name, told) in [(TestJob::new(), "cards.csv", true), (fixed, "cards-issuer.csv", false)] {
        let sum = "0".repeat(64);
        job.write(
            "inbox/day.announce.toml",
            &format!("night = {FRIDAY}\n[[files]]\nname = \"{name}\"\nrows = 37\nsha256 = \"{sum}\"\n"),
        );
        let found = found(&job);
        let message = found[0]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(found[0]["code"], "announcement", "{message}");
        assert_eq!(message.contains("it has 38 lines with its header"), told, "{message}");
        assert!(message.contains("not the announced one"), "{message}");
    }
}

#[test]
fn room_is_reckoned_from_the_last_nights_where_one_was_large_enough() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    assert_eq!(pli(&["sample", "--count", "620", "--out", text(&job)]).code, 0);
    let look = || {
        let ran = pli(&["doctor", text(&job), "--date", FRIDAY, "--look", "disk", "--json"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        ran.json()["findings"][0]["message"].as_str().unwrap_or_default().to_owned()
    };
    let first = look();
    assert!(first.contains("a letter 3.4 kB as of the built-in templates"), "{first}");
    assert!(first.contains("a record 4.0 kB as in other ledgers"), "{first}");
    let ran = pli(&["run", text(&job), "--date", FRIDAY, "--only", "letters", "--prove", "none", "--json"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let report = ran.json();
    let sum = |key: &str| {
        report["files"].as_array().unwrap().iter().filter_map(|file| file[key].as_f64()).sum::<f64>()
    };
    let (bytes, pieces) = (sum("bytes"), sum("pieces"));
    assert!(pieces >= 500.0, "{pieces}");
    // What the print files have, a quarter more, and what lies beside them.
    let letter = format!("a letter {:.1} kB as in the last nights", (bytes / pieces * 1.25 + 1600.0) / 1e3);
    let ledger = fs_err::metadata(job.join("ledger.db")).unwrap().len() as f64;
    let record = format!("a record {:.1} kB as in this ledger", ledger / 620.0 * 2.5 / 1e3);
    let next = look();
    assert!(next.contains(&letter) && next.contains(&record), "{next}: {letter}, {record}");
    assert!(next.contains("a mailer 6.4 kB as of the built-in templates"), "{next}");
}
