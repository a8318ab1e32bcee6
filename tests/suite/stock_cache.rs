//! Laid-out stock that was kept: a night prints the same bytes with it, and says what was altered.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::same::{assert_same_outputs, settled};

const STOCK: &str = "scratch/stock";

/// The entries with their bytes and the moment when they were written.
fn entries(job: &TestJob) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let entry = |name: String| {
        let path = job.path(&format!("{STOCK}/{name}"));
        let written = fs_err::metadata(&path).unwrap().modified().unwrap();
        (name, (fs_err::read(path).unwrap(), written))
    };
    job.names(STOCK).into_iter().map(entry).collect()
}

/// What a report says of the cache.
fn alerts(report: &Value) -> Vec<String> {
    let alerts = report["alerts"].as_array().into_iter().flatten();
    let of_cache = alerts.filter(|alert| alert["code"] == "stock_cache");
    of_cache.map(|alert| alert["message"].as_str().unwrap().to_owned()).collect()
}

/// A twin of a job that has the entries of another.
fn with_entries(made: &TestJob, other: &TestJob) -> TestJob {
    let job = made.twin();
    fs_err::create_dir_all(job.path(STOCK)).unwrap();
    #[cfg(unix)]
    for folder in ["scratch", STOCK] {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs_err::set_permissions(job.path(folder), private).unwrap();
    }
    for (name, (bytes, _)) in entries(other) {
        fs_err::write(job.path(&format!("{STOCK}/{name}")), bytes).unwrap();
    }
    job
}

#[test]
fn nights_with_kept_stock_print_the_same_bytes_and_lay_out_nothing() {
    let made = TestJob::new();
    let cold = made.twin();
    let (friday, monday) = cold.both_nights();
    assert!(alerts(&friday.json()).is_empty() && alerts(&monday.json()).is_empty());
    assert!(monday.json()["mailers"].as_u64() > Some(0), "{}", monday.stdout);
    assert!(entries(&cold).len() >= 2, "letters and mailers: {:?}", cold.names(STOCK));
    let warm = with_entries(&made, &cold);
    let before = entries(&warm);
    let (friday, monday) = warm.both_nights();
    assert!(alerts(&friday.json()).is_empty() && alerts(&monday.json()).is_empty());
    assert!(entries(&warm) == before, "an entry was written: something was laid out");
    for night in [FRIDAY, MONDAY] {
        assert_same_outputs(&cold, &warm, night);
    }
}

#[test]
fn an_altered_entry_is_laid_out_anew_replaced_and_reported() {
    let made = TestJob::new();
    let cold = made.twin();
    let sound = settled(&cold.run(FRIDAY, &[]).stdout);
    let job = with_entries(&made, &cold);
    let written: BTreeMap<String, Vec<u8>> =
        entries(&job).into_iter().map(|(name, (bytes, _))| (name, bytes)).collect();
    for (name, bytes) in &written {
        let mut bent = bytes.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 0x20;
        fs_err::write(job.path(&format!("{STOCK}/{name}")), bent).unwrap();
    }
    let ran = job.run(FRIDAY, &[]);
    let (report, kept) = (ran.json(), job.read("out/2026-11-20/run.json"));
    assert_eq!(alerts(&report).len(), written.len(), "{report}");
    for name in written.keys() {
        assert!(alerts(&report).iter().any(|message| message.contains(name)), "{report}");
        assert!(ran.stderr.contains(name.as_str()) && kept.contains(name.as_str()), "{}", ran.stderr);
    }
    assert_eq!(settled(&ran.stdout)["files"], sound["files"], "the same bytes");
    let after = entries(&job).into_iter().map(|(name, (bytes, _))| (name, bytes)).collect();
    assert!(written == after, "the entries are as they were written");
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_may_write_is_neither_read_nor_written() {
    use std::os::unix::fs::PermissionsExt;
    let made = TestJob::new();
    let cold = made.twin();
    let sound = settled(&cold.run(FRIDAY, &[]).stdout);
    let job = with_entries(&made, &cold);
    let folder = job.path(STOCK);
    fs_err::set_permissions(&folder, std::fs::Permissions::from_mode(0o770)).unwrap();
    for name in job.names(STOCK) {
        fs_err::write(folder.join(name), "forged").unwrap();
    }
    let ran = job.run(FRIDAY, &[]);
    let said = alerts(&ran.json());
    let advice = format!("chmod go-w {}", folder.display());
    assert!(said.len() == 1 && said[0].contains(&advice), "{said:?}");
    assert_eq!(settled(&ran.stdout)["files"], sound["files"]);
    assert!(entries(&job).values().all(|(bytes, _)| bytes == b"forged"));
    // What the message advises, done.
    let status = std::process::Command::new("chmod").arg("go-w").arg(&folder).status().unwrap();
    assert!(status.success());
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    job.names(STOCK).iter().for_each(|name| fs_err::remove_file(folder.join(name)).unwrap());
    assert_eq!(alerts(&job.run(MONDAY, &[]).json()), [""; 0]);
    assert!(!entries(&job).is_empty());
}
