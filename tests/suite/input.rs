//! Files as issuers send them: other columns, codes, dates and places, compressed and sealed (docs/input.md).

use std::collections::BTreeSet;

use pli::vault::{new_identity, recipients, seal_bytes};

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::tools::{python, text, tool};

/// Rewrites our records as an issuer sends them: in Windows-1252, with its columns, codes and dates; with places instead of
/// delimiters where a width is given. Shares no code with the program.
const ISSUER: &str = r#"
import csv, sys
source, target, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = list(csv.DictReader(open(source, encoding="utf-8", newline="")))
reasons = {"first": "01", "renewal": "02", "incident": "03", "change": "04", "codes_reissue": "05"}
def date(text):
    day, _, time = text.replace(" ", "T").partition("T")
    parts = day.split("-")
    if len(parts) != 3: return text
    if time.count(":") == 1: time += ":00"
    return "/".join(reversed(parts)) + (" " + time if time else "")
for row in rows:
    row["reason"] = reasons.get(row["reason"], row["reason"])
    row["civility"] = {"M": "M.", "MME": "Mme"}.get(row["civility"], row["civility"])
    row["status"] = {"issued": "É", "revoked": "O"}.get(row["status"], row["status"])
    for name in ["requested_at", "issue_date", "expiry_date"]: row[name] = date(row[name])
    row["NOTE"] = "ZZ7f3"
names = list(rows[0])
with open(target, "w", encoding="windows-1252", newline="") as out:
    if width:
        out.write("EN-TÊTE 20261120\r\n\r\n")
        for row in rows: out.write("".join(row[name].ljust(width) for name in names) + "\r\n")
    else:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["X_" + name.upper() + "_É" for name in names])
        for row in rows: writer.writerow(row[name] for name in names)
"#;

const COLUMNS: [&str; 24] = [
    "card_number",
    "card_family",
    "reason",
    "requested_at",
    "issue_date",
    "expiry_date",
    "replaced_card_number",
    "replaced_generation",
    "ps_id_nat",
    "structure_id",
    "civility",
    "title",
    "last_name",
    "first_name",
    "profession_code",
    "organisation",
    "address_1",
    "address_2",
    "address_3",
    "address_4",
    "address_5",
    "address_6",
    "country",
    "status",
];

const REASONS: &str =
    "\"02\" = \"renewal\"\n\"03\" = \"incident\"\n\"04\" = \"change\"\n\"05\" = \"codes_reissue\"\n";
const WORDS: &str = "[input.values.civility]\n\"M.\" = \"M\"\n\"Mme\" = \"MME\"\n[input.values.status]\n\"É\" = \"issued\"\n\"O\" = \"revoked\"\n\
                     [input.dates]\nrequested_at = \"%d/%m/%Y %H:%M:%S\"\nissue_date = \"%d/%m/%Y\"\nexpiry_date = \"%d/%m/%Y\"\n";

/// The width of a column without delimiters.
const WIDTH: usize = 90;

/// The issuer's form of the fixture's file, with a mapping in the job; `None` without Python.
pub fn foreign_job(fixed: bool) -> Option<TestJob> {
    let job = TestJob::new();
    let (source, width) = (job.path("inbox/cards.csv"), if fixed { WIDTH } else { 0 });
    let target = job.path("inbox/cards-issuer.csv");
    python("csv", &["-c", ISSUER, text(&source), text(&target), &width.to_string()])?;
    fs_err::remove_file(source).unwrap();
    let columns: String = match fixed {
        false => {
            let line = |name: &str| format!("{name} = \"X_{}_É\"\n", name.to_uppercase());
            format!("[input.columns]\n{}", COLUMNS.map(line).concat())
        }
        true => {
            let places = (0..)
                .zip(COLUMNS)
                .map(|(index, name)| format!("{name} = [{}, {WIDTH}]\n", 1 + index * WIDTH));
            let places: String = places.collect();
            let ignore = 1 + COLUMNS.len() * WIDTH;
            format!(
                "[input.fixed]\nskip = 1\nignore = [[{ignore}, {WIDTH}]]\n[input.fixed.columns]\n{places}"
            )
        }
    };
    let mapping = format!("{columns}[input.values.reason]\n\"01\" = \"first\"\n{REASONS}{WORDS}\n[output]\n");
    job.replace("job.toml", "[input]\n", "[input]\nencoding = \"windows-1252\"\nignore = [\"X_NOTE_É\"]\n");
    job.replace("job.toml", "[output]\n", &mapping);
    Some(job)
}

/// Line, column and code of what was rejected.
fn rejects(job: &TestJob) -> BTreeSet<(u64, String, String)> {
    let rows = job.table("out/2026-11-20/rejects.csv").into_iter();
    rows.map(|row| (row["line"].parse().unwrap(), row["field"].clone(), row["code"].clone())).collect()
}

fn error(ran: &Ran) -> (i32, String) {
    (ran.code, ran.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// The block of a document after a comment.
fn block(document: &str, comment: &str) -> String {
    let (_, rest) = document.split_once(&format!("<!-- {comment} -->\n```")).expect(comment);
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_example_of_the_document_is_read_as_it_says() {
    let document = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/input.md")).unwrap();
    let job = TestJob::new();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let latin: Vec<u8> =
        block(&document, "the issuer's file").chars().map(|character| character as u8).collect();
    fs_err::write(job.path("inbox/issuer.csv"), latin).unwrap();
    let settings = block(&document, "the job's settings");
    job.replace("job.toml", "[input]\ncards = [\"inbox/cards*.csv\"]\n", &settings);
    // The keys of `[input]` stand before its tables.
    let rest = "codes = [\"inbox/codes*.csv.age\"]\ncodes_identity = \"keys/codes.identity\"\n";
    job.replace("job.toml", rest, "");
    job.replace("job.toml", "[input]\n", &format!("[input]\n{rest}"));
    let ran = job.pli("check", &["--date", FRIDAY]);
    let json = ran.json();
    assert_eq!((ran.code, &json["rows"], &json["rejects"]), (0, &3.into(), &0.into()), "{}", ran.stdout);
    let cell = &json["mapping"][0]["rows"][1]["cells"][2];
    let wanted =
        serde_json::json!({"column": "reason", "from": "MOTIF", "written": "02", "value": "renewal"});
    assert_eq!(cell, &wanted);
    let shown = program().arg("check").arg(job.path("job.toml")).args(["--date", FRIDAY]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let wanted = block(&document, "what pli check shows");
    assert!(!wanted.is_empty() && shown.contains(&wanted), "{shown}");
    let plain = TestJob::new().pli("check", &["--date", FRIDAY]);
    assert_eq!(plain.json().get("mapping"), None, "nothing is shown where nothing is mapped");
}

#[test]
fn the_document_s_places_are_read_and_requests_without_a_time_too() {
    let document = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/input.md")).unwrap();
    let job = TestJob::new();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let sent = ["card_number", "card_family", "requested_at"];
    let constant = |name: &str| {
        let value = match name {
            "reason" => "first",
            "ps_id_nat" => "810003879623",
            "last_name" => "MARTIN",
            "first_name" => "Claire",
            "profession_code" => "10",
            "address_1" => "MME MARTIN CLAIRE",
            "address_4" => "9 RUE HAUTE",
            "address_6" => "75015 PARIS",
            "status" => "issued",
            _ => "",
        };
        format!("{name} = \"{value}\"\n")
    };
    let constants: String = COLUMNS.into_iter().filter(|name| !sent.contains(name)).map(constant).collect();
    let places = block(&document, "fixed places") + "requested_at = [14, 10]\n";
    let times = block(&document, "requests without a time");
    job.replace("job.toml", "inbox/cards*.csv", "inbox/*.txt");
    job.replace(
        "job.toml",
        "[output]\n",
        &format!("[input.constants]\n{constants}{places}{times}[output]\n"),
    );
    let begin = "2400140649CPS19/11/2026";
    let records = format!("HEADER\r\n{begin}\r\n\r\n{begin:<95}other\r\n{begin}?\r\n");
    for (last, code) in [("", "records_trailer_missing"), ("9900000004\r\n", "records_trailer_count")] {
        job.write("inbox/night.txt", &format!("{records}{last}"));
        assert_eq!(error(&job.pli("check", &["--date", FRIDAY])), (2, code.to_owned()));
        let looked = job.pli("doctor", &["--date", FRIDAY, "--look", "inbox"]);
        assert_eq!((looked.code, &looked.json()["findings"][0]["code"]), (2, &code.into()));
    }
    job.write("inbox/night.txt", &format!("{records}9900000003\r\n"));
    let json = job.pli("check", &["--date", FRIDAY]).json();
    let rejects: Vec<(u64, &str)> = json["reject_list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| (reject["line"].as_u64().unwrap(), reject["code"].as_str().unwrap()))
        .collect();
    assert_eq!(rejects, [(4, "duplicate_card_number"), (5, "fixed_outside")], "{json}");
    let requested = &json["mapping"][0]["rows"][0]["cells"][3];
    let wanted = serde_json::json!({
        "column": "requested_at", "from": "characters 14 to 23", "written": "19/11/2026", "value": "2026-11-19T12:00:00"
    });
    assert_eq!(requested, &wanted);
}

#[test]
fn a_foreign_file_prints_the_letters_of_ours() {
    let ours = TestJob::new();
    let ran = ours.run(FRIDAY, &[]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    for fixed in [false, true] {
        let Some(job) = foreign_job(fixed) else { return };
        for key in ["signing.pem", "codes.identity", "codes.pub", "press.pub"] {
            fs_err::copy(ours.path(&format!("keys/{key}")), job.path(&format!("keys/{key}"))).unwrap();
        }
        fs_err::copy(ours.path("inbox/codes.csv.age"), job.path("inbox/codes.csv.age")).unwrap();
        let ran = job.run(FRIDAY, &["--release-reissues", text(&job.path("reissues.csv"))]);
        assert!(ran.code <= 1, "{}", ran.stderr);
        let counts = |ran: &Ran| ["letters", "mailers", "deferred"].map(|name| ran.json()[name].clone());
        assert_eq!(counts(&ran)[0], 22, "{}", ran.stdout);
        let pdf = "out/2026-11-20/letters/26324A-0001.pdf";
        assert!(fs_err::read(job.path(pdf)).unwrap() == fs_err::read(ours.path(pdf)).unwrap(), "{fixed}");
        // A row over several lines has lines of its own here.
        let without_lines = |job: &TestJob| -> Vec<(String, String)> {
            let mut found: Vec<_> = rejects(job).into_iter().map(|(_, field, code)| (field, code)).collect();
            found.sort();
            found
        };
        assert_eq!(without_lines(&job), without_lines(&ours));
    }
}

#[test]
fn letters_open_compressed_and_sealed_files_without_the_key_of_the_codes() {
    let Some(job) = foreign_job(false) else { return };
    let file = job.path("inbox/cards-issuer.csv");
    let Some(gzip) = tool("gzip", &["-c", text(&file)]) else { return };
    fs_err::remove_file(&file).unwrap();
    job.replace("job.toml", "inbox/cards*.csv", "inbox/cards*.csv*");
    new_identity(&job.path("keys/cards.identity"), &job.path("keys/cards.pub")).unwrap();
    let seal = |name: &str, bytes: &[u8]| {
        let recipients = recipients(&["it".to_owned()], |_| job.path(name)).unwrap();
        fs_err::write(job.path("inbox/cards.csv.gz.age"), seal_bytes(&recipients, bytes).unwrap()).unwrap();
    };
    seal("keys/codes.pub", &gzip);
    let release = text(&job.path("reissues.csv")).to_owned();
    let run = |arguments: &[&str]| {
        let mut all = vec!["--release-reissues", &release];
        all.extend(arguments);
        job.run(FRIDAY, &all)
    };
    let ran = run(&["--only", "letters"]);
    assert_eq!(error(&ran), (2, "seal_closed".to_owned()), "{}", ran.stderr);
    assert!(
        ran.json()["error"]["advice"].as_str().unwrap().contains("keys/cards.identity"),
        "{}",
        ran.stdout
    );
    seal("keys/cards.pub", &gzip[..gzip.len() / 2]);
    let ran = run(&["--only", "letters"]);
    assert_eq!(error(&ran), (2, "records_gzip_cut_short".to_owned()), "{}", ran.stderr);
    assert!(!job.path("out").join(FRIDAY).exists(), "nothing was released");
    seal("keys/cards.pub", &gzip);
    let sealed = job.path("inbox/cards.csv.gz.age");
    let sum = tool("sha256sum", &[text(&sealed)]).unwrap();
    let sum = String::from_utf8(sum).unwrap().split(' ').next().unwrap().to_owned();
    let announce = |rows: u32| {
        job.write(
            "inbox/day.announce.toml",
            &format!("night = {FRIDAY}\n[[files]]\nname = \"cards.csv.gz.age\"\nrows = {rows}\nsha256 = \"{sum}\"\n"),
        );
    };
    fs_err::rename(job.path("keys/codes.identity"), job.path("elsewhere")).unwrap();
    announce(36);
    assert_eq!(
        error(&run(&["--only", "letters"])),
        (3, "announcement".to_owned()),
        "the rows are those of the text"
    );
    announce(37);
    let ran = run(&["--only", "letters"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert_eq!((&ran.json()["letters"], &ran.json()["inputs"][0]["sha256"]), (&22.into(), &sum.into()));
    for path in job.files() {
        let bytes = fs_err::read(&path).unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"ZZ7f3"), "{} has the text", path.display());
    }
    fs_err::remove_file(&sealed).unwrap();
    let missing = run(&["--only", "letters"]);
    assert!(missing.code <= 1, "an announced file that was taken in is not missed: {}", missing.stderr);
}

#[test]
fn an_announced_sealed_record_file_is_missed_by_letters() {
    let job = TestJob::new();
    job.replace("job.toml", "inbox/cards*.csv", "inbox/cards*.csv*");
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let announce = |name: &str| {
        let sum = "0".repeat(64);
        job.write(
            "inbox/day.announce.toml",
            &format!("night = {FRIDAY}\n[[files]]\nname = \"{name}\"\nsha256 = \"{sum}\"\n"),
        );
        job.run(FRIDAY, &["--only", "letters"])
    };
    assert_eq!(error(&announce("cards.csv.age")), (3, "announcement".to_owned()));
    assert_eq!(announce("codes2.csv.age").code, 0, "letters need no codes");
}

#[test]
fn the_commonest_fault_and_its_cure_stand_first() {
    let Some(job) = foreign_job(false) else { return };
    job.replace("job.toml", "\"01\" = \"first\"\n", "");
    let release = text(&job.path("reissues.csv")).to_owned();
    let run = || job.run(FRIDAY, &["--release-reissues", &release]);
    let ran = run();
    assert_eq!(error(&ran), (3, "too_many_rejects".to_owned()), "{}", ran.stderr);
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    let begin = "`inbox/cards-issuer.csv`, 19 of 37 rows, the first on line 2: reason: column `X_REASON_É`: `01` is not one of the allowed words";
    assert!(message.starts_with(begin), "{message}");
    assert!(message.contains("records are rejected"), "{message}");
    // The terminal and the log speak English, and the list for the bureau's people French.
    let said = format!("{message}{}", ran.stderr);
    assert!(!said.contains('«') && !said.contains("colonne"), "{said}");
    let list = job.read(&format!("out/{FRIDAY}/rejects.csv"));
    assert!(list.contains("colonne «\u{A0}X_REASON_É\u{A0}»"), "{list}");
    let shown = program().arg("check").arg(job.path("job.toml")).args(["--date", FRIDAY]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("`01` is not one of the allowed words") && !shown.contains('«'), "{shown}");
    let line = message.split("add the line `").nth(1).unwrap().split('`').next().unwrap();
    assert!(message.contains("`[input.values.reason]`"), "{message}");
    let added = format!("[input.values.reason]\n{}\n", line.replace('…', "first"));
    job.replace("job.toml", "[input.values.reason]\n", &added);
    let ran = run();
    assert!(ran.code <= 1 && ran.json()["letters"] == 22, "the advice was followed: {}", ran.stderr);
}

#[test]
fn a_night_with_too_few_records_is_refused() {
    let job = TestJob::new();
    job.replace("job.toml", "[limits]\n", "[limits]\nmin_records = 38\n");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(error(&ran), (3, "too_few_records".to_owned()), "{}", ran.stderr);
    assert!(ran.json()["error"]["message"].as_str().unwrap().contains("has 37 records"), "{}", ran.stdout);
    assert!(!job.path("out").join(FRIDAY).exists(), "nothing was released");
    let alerts = job.pli("check", &["--date", FRIDAY]).json()["alerts"].to_string();
    assert!(alerts.contains("too_few_records"), "{alerts}");
    job.replace("job.toml", "min_records = 38", "min_records = 37");
    assert!(job.run(FRIDAY, &["--only", "letters"]).code <= 1, "the advice was followed");
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let again = job.run(FRIDAY, &["--only", "letters"]);
    assert!(
        again.code <= 1 && again.json()["already_done"] == true,
        "what was taken in counts: {}",
        again.stdout
    );
    assert!(job.run(MONDAY, &["--only", "mailers"]).code <= 1, "mailers are not asked");
    assert_eq!(error(&job.run("2026-11-24", &[])), (3, "too_few_records".to_owned()));
}
