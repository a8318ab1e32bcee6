//! Job files that are good, and what is said of others.

use super::*;
use crate::failure::Failure;
use mail::Language;

fn load(text: &str) -> Result<Job, JobError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("job.toml");
    fs_err::write(&file, text).expect("written");
    Job::load(&file)
}

const SMALLEST: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";

#[test]
fn every_key_but_two_has_a_default() {
    let job = load(SMALLEST).expect("a job");
    assert_eq!(job.sections.output.pieces_per_file, 2000);
    assert_eq!(job.sections.signing.fields.len(), 4);
    assert_eq!(job.cut_off(), Time::constant(17, 0, 0, 0));
    assert_eq!(job.bureau_left_out().len(), 5);
    let said = load(&SMALLEST.replace("[input]", "phone = \"1\"\n[input]")).expect("a job");
    assert!(said.bureau_left_out().len() == 4 && !said.bureau_left_out().contains(&"phone"));
}

#[test]
fn the_bureau_speaks_french_unless_it_says_english() {
    assert_eq!(load(SMALLEST).expect("a job").language(), Language::French);
    let speaking =
        |code: &str| load(&SMALLEST.replace("[input]", &format!("language = \"{code}\"\n[input]")));
    assert_eq!(speaking("fr").expect("a job").language(), Language::French);
    assert_eq!(speaking("en").expect("a job").language(), Language::English);
    let failure = Failure::from(speaking("de").expect_err("German"));
    let said = failure.to_string();
    assert!(said.contains("job.toml:3:12") && said.contains("`de`"), "{said}");
    assert!(said.contains("fr") && said.contains("en"), "{said}");
}

#[test]
fn an_unknown_key_is_reported_with_its_line() {
    let error = load(&format!("{SMALLEST}colour = 3\n")).expect_err("an unknown key");
    let error = Failure::from(error).to_string();
    assert!(error.contains("job.toml:5:1") && error.contains("colour"), "{error}");
}

#[test]
fn object_stores_take_no_credential_no_clear_mailer_and_no_ledger() {
    let url = "s3://bureau/nights";
    let job = load(&format!("{SMALLEST}[output]\ndir = \"{url}\"\n")).expect("a job");
    assert!(matches!(&job.sections.output.dir, OutputLocation::Objects(found) if found.to_string() == url));
    for (extra, position, word) in [
        ("[output]\ndir = \"s3://a:zpqm@bureau/out\"", ":6:", "environment"),
        ("[output]\ndir = \"ftp://bureau/out\"", ":6:", "s3://"),
        ("[output]\ndir = \"s3://bureau/out\"\nunsealed = true", ":7:1", "in clear"),
        ("[ledger]\nurl = \"s3://bureau/ledger.db\"", ":6:1", "never an object"),
        ("[ledger]\nurl = \"postgres://db:zpqm/ledger\"", ":6:1", "port"),
        ("[ledger]\nurl = \"postgres://pli:zpqm@db/ledger\"", ":6:8", "`PGPASSWORD`"),
    ] {
        let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
        assert!(error.contains(position) && error.contains(word) && !error.contains("zpqm"), "{error}");
    }
    let announced = "cards = [\"s3://b/cards.csv\"]\ncodes = [\"s3://b/codes.csv.age\"]\nannounced = true";
    let announced = SMALLEST.replace("cards = [\"cards.csv\"]", announced);
    let error = Failure::from(load(&announced).expect_err("no folder")).to_string();
    assert!(error.contains(":6:1") && error.contains("looked for in folders"), "{error}");
    let cards = SMALLEST.replace("cards.csv", "s3://a:zpqm@bureau/cards.csv");
    let error = Failure::from(load(&cards).expect_err("a password")).to_string();
    assert!(error.contains(":4:1") && error.contains("environment") && !error.contains("zpqm"), "{error}");
}

#[test]
fn a_missing_name_and_values_out_of_range_are_errors() {
    assert!(load("[bureau]\n[input]\ncards=[\"a\"]\n").is_err());
    for extra in [
        "[inserter.letters]\ncode_content = \"{lot}{pin}\"",
        "[inserter.mailers]\nomr_marks = [\"staple\"]",
        "[inserter.letters.results]\ndelimiter = \"ab\"",
        "[inserter.letters.results.fields]\nvalue = 0",
        "[inserter.mailers]\nresults = { fields = { value = { start = 0, length = 3 } } }",
        "[inserter.letters.results.fields]\nvalue = true",
        "[inserter.letters.results.fields]\nvalue = -1",
        "[inserter.letters.results.fields]\nvalues = 1",
        "[inserter.letters.results.status]\n7 = \"broken\"",
    ] {
        let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
        assert!(error.contains(":6:"), "{error}");
    }
    let machines =
        "[inserter.letters.results]\nend_mark = \"T\"\n[inserter.mailers.results]\nend_mark = \" \"";
    let error = Failure::from(load(&format!("{SMALLEST}{machines}\n")).expect_err("a blank")).to_string();
    assert!(error.contains(":8:1: `inserter.mailers.results.end_mark`: can't begin"), "{error}");
    for extra in [
        "[press]\ndpi = 7",
        "[mailers]\npaper_opacity = 49",
        "[mailers]\npaper_opacity = nan",
        "[limits]\nmax_reject_percent = 101",
        "[limits]\nmax_working_days = 0",
        "[calendar]\ncut_off = \"5pm\"",
        "[ledger]\nkeys = \"\"",
        "[retention]\nnames_days = 0",
        "[returns]\nhold_after = 0",
        "[returns.disposition]\nmoved = \"hold\"",
        "[returns.reasons.moved]\nwords = \"\"",
    ] {
        let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
        assert!(error.contains(":6:1"), "{error}");
    }
}

#[test]
fn what_a_night_could_not_use_is_refused_when_the_job_is_read() {
    let later =
        "[{ path = \"a\" }, { from = 2026-12-01, path = \"b\" }, { from = 2026-12-01, path = \"c\" }]";
    for (extra, position, word) in [
        ("[mailers]\ntracking_prefix = \"xx\"".to_owned(), ":6:1", "two capitals or digits"),
        ("[mailers]\nfirst_tracking_number = 10000000000".to_owned(), ":6:1", "at most ten digits"),
        (format!("[letters]\ntemplate = {later}"), ":6:1", "a later `from` than the one before"),
        (format!("[letters]\ntemplate = \"a\"\n[mailers]\ntemplate = {later}"), ":8:1", "a later `from`"),
    ] {
        let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(&extra)).to_string();
        assert!(error.contains(position) && error.contains(word), "{error}");
    }
    assert!(load(&format!("{SMALLEST}[mailers]\nfirst_tracking_number = 9999999999\n")).is_ok());
}

#[test]
fn what_is_kept_has_defaults_and_what_can_t_be_kept_is_said() {
    let job = load(SMALLEST).expect("a job");
    let days = job.retention();
    assert_eq!((days.names, days.findings, days.files, days.inputs, days.events), (90, 90, 30, 30, 365));
    assert!(job.ledger_keys().ends_with("keys/ledger") && job.ledger_recovery().is_empty());
    assert_eq!(job.max_working_days(), 10);
    for (extra, position, word) in [
        ("[ledger]\ndispatch = \"posted\"", ":6:12", "`posted` is no value"),
        ("[retention]\nnames_days = 30\nfiles_days = 31", ":7:1", "at most the 30 days"),
        ("[retention]\nevents_days = -1", ":6:15", "`-1`"),
        ("[retention]\nnames = 30", ":6:1", "`names`"),
    ] {
        let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
        assert!(error.contains(position) && error.contains(word), "{error}");
    }
}
