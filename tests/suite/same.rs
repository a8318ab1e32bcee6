//! Two jobs that must have made the same night.

use std::path::PathBuf;

use rusqlite::types::Value;
use serde_json::Value as Json;

use crate::book;
use crate::job::TestJob;

/// What differs between any two ledgers: what is sealed or hashed under keys of their own, and when an event happened.
const OWN: [&str; 5] = ["body", "marks", "mark", "at", "by_whom"];

/// Everything of a table, in the order it was written; cards by their number, without what is a ledger's own.
pub fn rows(job: &TestJob, table: &str) -> Vec<Vec<String>> {
    let db = book::open(job);
    let cards = book::cards(job);
    let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let columns: Vec<usize> =
        (0..names.len()).filter(|column| !OWN.contains(&names[*column].as_str())).collect();
    let row = |row: &rusqlite::Row| {
        columns.iter().map(|column| row.get(*column)).collect::<Result<Vec<Value>, _>>()
    };
    let rows = statement.query_map([], row).unwrap().map(Result::unwrap);
    let told = |value: Value| match value {
        Value::Blob(hash) => cards.get(&hash).cloned().unwrap_or_else(|| "a hash".to_owned()),
        value => format!("{value:?}"),
    };
    rows.map(|row| row.into_iter().map(told).collect()).collect()
}

/// A summary without times, folder, and what it was merged from; without the digests that sealing makes new each time.
pub fn settled(text: &str) -> Json {
    let mut report: Json = serde_json::from_str(text).unwrap();
    let fields = report.as_object_mut().unwrap();
    for key in ["seconds", "folder", "merged"] {
        fields.remove(key);
    }
    for file in fields["files"].as_array_mut().unwrap() {
        let file = file.as_object_mut().unwrap();
        if file["path"].as_str().unwrap().ends_with(".age") {
            file.remove("sha256");
            file.remove("bytes");
        }
    }
    report
}

/// A certificate without its signature and without the digests of files that any two jobs have of their own.
fn certified(text: &str) -> Json {
    let mut certificate: Json = serde_json::from_str(text).unwrap();
    certificate.as_object_mut().unwrap().remove("signature").expect("a signature");
    for file in certificate["files"].as_array_mut().unwrap() {
        let own = |ending: &str| file["name"].as_str().unwrap().ends_with(ending);
        let own = own(".age") || own(".proof-pieces.csv") || own("work-order.pdf");
        let file = file.as_object_mut().unwrap();
        if own {
            file.remove("sha256");
            file.remove("bytes");
        }
    }
    certificate
}

/// Holds what two jobs have released of a night against each other. Returns whether some of it is sealed.
pub fn assert_same_outputs(whole: &TestJob, merged: &TestJob, night: &str) -> bool {
    let folder = format!("out/{night}");
    let names = |job: &TestJob| -> Vec<PathBuf> {
        let root = job.path("");
        let within = |file: PathBuf| file.strip_prefix(&root).unwrap().to_owned();
        job.files().into_iter().map(within).filter(|file| file.starts_with(&folder)).collect()
    };
    assert_eq!(names(whole), names(merged));
    assert!(names(whole).len() > 5, "something was released");
    let sealed = names(whole).iter().any(|name| name.extension().is_some_and(|ending| ending == "age"));
    for name in names(whole) {
        let name = name.to_str().unwrap();
        let read = |job: &TestJob| fs_err::read(job.path(name)).unwrap();
        if name.ends_with(".age") {
            let open =
                |job: &TestJob| pli::vault::open(&job.path(name), &job.path("keys/press.identity")).unwrap();
            assert!(*open(whole) == *open(merged), "{name}, opened");
        } else if name.contains("/run") {
            assert_eq!(settled(&whole.read(name)), settled(&merged.read(name)));
        } else if name.ends_with(".proof.json") {
            assert_eq!(certified(&whole.read(name)), certified(&merged.read(name)), "{name}");
        } else if name.ends_with(".proof-pieces.csv") {
            let places = |job: &TestJob| {
                let mut rows = job.table(name);
                // Salts follow from the ledger's keys, which are its own.
                for row in &mut rows {
                    for salted in ["texts", "layout"] {
                        assert!(row.insert(salted.to_owned(), String::new()).is_some(), "{salted}");
                    }
                }
                rows
            };
            assert_eq!(places(whole), places(merged), "{name}");
        } else if !(sealed && name.contains("mailers/") && name.ends_with("work-order.pdf")) {
            assert!(read(whole) == read(merged), "{name}");
        }
    }
    sealed
}

/// Holds what two jobs have released of a night, and their ledgers, against each other.
pub fn assert_same(whole: &TestJob, merged: &TestJob, night: &str) {
    let sealed = assert_same_outputs(whole, merged, night);
    for table in [
        "intake_file",
        "record",
        "duty",
        "dead_card",
        "reissue_release",
        "lot",
        "piece",
        "event",
        "run",
        "finding",
    ] {
        let tables = (rows(whole, table), rows(merged, table));
        assert_eq!(tables.0, tables.1, "{table}");
        // Of a record whose file is gone and whose letter waits, no card is known.
        let known = tables.0.iter().filter(|row| table == "record" && row[1] != "a hash").count();
        assert!(table != "record" || known > 10, "{known} cards are compared by their numbers");
    }
    let files = |job: &TestJob| {
        let mut files = rows(job, "print_file");
        // Salts, and with them the digests of a certificate, follow from the ledger's own keys.
        files.retain(|row| !row[2].contains(".proof"));
        // Sealed files differ each time, and the work order names their digests.
        files.retain(|row| {
            !(sealed
                && row[2].contains("mailers/")
                && (row[2].contains(".age") || row[2].contains("work-order")))
        });
        files
    };
    assert_eq!(files(whole), files(merged));
}
