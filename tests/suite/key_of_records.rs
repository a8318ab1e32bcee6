//! The key that opens sealed record files has days and an end as the others do: a night obeys them before it opens a file.

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};
use crate::tools::{pdf_text, text};

fn keys(arguments: &[&str]) -> Ran {
    pli(&[&["keys"], arguments, &["--json"]].concat())
}

/// The codes that the doctor gives each status, by these looks.
fn told(job: &TestJob, looks: &[&str]) -> Vec<(String, String)> {
    let mut arguments = vec!["--date", FRIDAY];
    looks.iter().for_each(|look| arguments.extend(["--look", look]));
    let findings = job.pli("doctor", &arguments).json()["findings"].as_array().expect("findings").clone();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    findings.iter().map(|finding| (word(finding, "status"), word(finding, "code"))).collect()
}

fn pair(status: &str, code: &str) -> (String, String) {
    (status.to_owned(), code.to_owned())
}

/// A job whose record file is sealed to a key of its own, which is valid until a day.
fn sealed_job(to: &str) -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "inbox/cards*.csv", "inbox/cards*.csv*");
    let identity = job.path("keys/cards.identity");
    let made = keys(&["new", "cards", "--output", text(&identity), "--from", "2026-01-01", "--to", to]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    seal(&job, "keys/cards.pub");
    job
}

/// Seals the job's records to a key.
fn seal(job: &TestJob, public: &str) {
    let plain = fs_err::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/cards.csv")).unwrap();
    let to = pli::vault::recipients(&["it".to_owned()], |_| job.path(public)).unwrap();
    fs_err::write(job.path("inbox/cards.csv.age"), pli::vault::seal_bytes(&to, &plain).unwrap()).unwrap();
    let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
}

fn refused(job: &TestJob, code: &str) -> String {
    let releases = job.path("reissues.csv");
    let ran = job.run(FRIDAY, &["--only", "letters", "--release-reissues", text(&releases)]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from(code)), "{}", ran.stdout);
    assert!(!job.path("out").join(FRIDAY).exists(), "nothing was released");
    format!("{} {}", ran.json()["error"]["message"], ran.json()["error"]["advice"])
}

#[test]
fn a_night_opens_no_record_file_with_a_key_that_has_ended() {
    let job = sealed_job("2026-11-19");
    let said = refused(&job, "key_expired");
    assert!(said.contains("input.cards_identity"), "{said}");
    assert_eq!(job.pli("check", &["--date", FRIDAY]).json()["error"]["code"], "key_expired");
    let looks = ["key_dates", "inbox"];
    let expired = [pair("warning", "key_expired"), pair("failure", "key_expired")];
    assert_eq!(told(&job, &looks), expired);

    // What the advice says: a successor, which opens what was sealed to the old one, too.
    let (old, next) = (job.path("keys/cards.identity"), job.path("keys/cards-2.identity"));
    let rotated =
        keys(&["rotate", text(&old), "--output", text(&next), "--from", "2026-11-01", "--to", "2028-12-31"]);
    let line = "[input] cards_identity = \"keys/cards-2.identity\"";
    assert_eq!(rotated.json()["job_line"], line, "{}", rotated.stdout);
    job.replace("job.toml", "[input]\n", "[input]\ncards_identity = \"keys/cards-2.identity\"\n");
    assert_eq!(told(&job, &looks), [pair("ok", "ok"), pair("ok", "ok")]);

    // A retired one beside it is not used either; without its line what is sealed to the new one opens.
    let public = job.read("keys/cards.pub").trim().to_owned();
    let retired = keys(&["retire", &public, "--from", FRIDAY, "--job", text(&job.path("job.toml"))]);
    assert_eq!(retired.code, 0, "{}", retired.stdout);
    let said = refused(&job, "key_retired");
    assert!(said.contains("input.cards_identity") && said.contains("take its line"), "{said}");
    let kept: Vec<String> = job.read("keys/cards-2.identity").lines().take(2).map(str::to_owned).collect();
    job.write("keys/cards-2.identity", &format!("{}\n", kept.join("\n")));
    seal(&job, "keys/cards-2.pub");
    assert_eq!(told(&job, &looks), [pair("ok", "ok"), pair("ok", "ok")]);
    let ran = job.run(FRIDAY, &["--only", "letters"]);
    assert!(ran.code <= 1 && ran.json()["letters"].as_u64() > Some(0), "{}", ran.stdout);
}

#[test]
fn a_key_that_opens_nothing_tonight_stops_no_night() {
    let job = sealed_job("2026-11-19");
    fs_err::remove_file(job.path("inbox/cards.csv.age")).unwrap();
    let plain = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/cards.csv");
    fs_err::copy(plain, job.path("inbox/cards.csv")).unwrap();
    assert_eq!(told(&job, &["key_dates", "inbox"]), [pair("warning", "key_expired"), pair("ok", "ok")]);
    let ran = job.run(FRIDAY, &["--only", "letters"]);
    assert!(ran.code <= 1, "{}", ran.stdout);
}

#[test]
fn its_end_is_told_in_time_to_everybody_who_is_told_of_others() {
    let job = sealed_job("2026-12-01");
    assert_eq!(told(&job, &["key_dates"]), [pair("warning", "key_ends_soon")]);
    let metrics = job.path("pli.prom");
    let ran = job.run(FRIDAY, &["--metrics", text(&metrics)]);
    assert!(ran.code <= 1, "{}", ran.stdout);
    let alerts = ran.json()["alerts"].to_string();
    assert!(alerts.contains("key_ends_soon") && alerts.contains("input.cards_identity"), "{alerts}");
    let written = fs_err::read_to_string(&metrics).unwrap();
    let line = written.lines().find(|line| line.starts_with("pli_key_expiry_timestamp_seconds{"));
    assert!(line.is_some_and(|line| line.contains("key=\"cards.identity\"")), "{written}");
    let order = format!("out/{FRIDAY}/{}", ran.json()["lots"][0]["work_order"].as_str().unwrap());
    let fingerprint =
        keys(&["list", text(&job.path("keys/cards.identity"))]).json()[0]["fingerprint"].clone();
    let fingerprint = fingerprint.as_str().expect("a fingerprint").to_owned();
    if let Some(sheet) = pdf_text(&job.path(&order)) {
        assert!(sheet.concat().contains(&fingerprint), "{sheet:?}");
    }
    fs_err::remove_file(job.path("inbox/cards.csv.age")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let mailers = job.run(MONDAY, &["--only", "mailers"]);
    let alerts = mailers.json()["alerts"].to_string();
    assert!(mailers.code <= 1 && !alerts.contains("cards_identity"), "{alerts}");
}
