//! What was approved is what is used: whoever replaces a key or a template while the night runs is found out.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::*;
use crate::approvals::{Asking, Used, note_use, press_keys, signing_key, template};
use crate::job::{Job, KeyLocation};
use crate::ledger::present;
use crate::night::order::{NoProgress, Prove};
use crate::night::production::{find_template, recipients_of_mailers};
use crate::sample::{SampleOrder, make};
use crate::vault::{describe, new_identity, new_signing_key};
use mail::piece::PieceKind;

const FRIDAY: Date = date(2026, 11, 20);
const MONDAY: Date = date(2026, 11, 23);

/// A sample's job that lists approvers, and whose production knows its templates and keys.
fn job(folder: &Path) -> Job {
    make(&SampleOrder { count: 60, seed: 7, bad_percent: 0.0, out: folder, unsealed: false }).unwrap();
    let text = fs_err::read_to_string(folder.join("job.toml")).unwrap();
    let approvals = "\n[approvals]\nkeys = [\"keys/a.pub\", \"keys/b.pub\"]\ncodes_reissues = 1000\n";
    fs_err::write(folder.join("job.toml"), text + approvals).unwrap();
    let job = Job::load(folder).unwrap();
    for name in ["a.pem", "b.pem"] {
        new_signing_key(&KeyLocation::File(folder.join("keys").join(name)), job.letters().profile).unwrap();
    }
    let templates = PieceKind::ALL.map(|kind| {
        let found = find_template(&job, kind, FRIDAY).unwrap();
        template(kind, found.version())
    });
    let mut used = Used::from(templates);
    used.extend([signing_key(&describe(&job.letters().key).unwrap())]);
    used.extend(press_keys(recipients_of_mailers(&job).unwrap().as_ref()));
    note_use(&job, &Ledger::open(&job.ledger()).unwrap(), &used).unwrap();
    job
}

/// Runs a night as [`run`] does. `approved` happens once it is permitted, `printed` once its lots are printed.
fn night(order: &NightOrder, approved: impl FnOnce(), printed: impl FnOnce()) -> Result<Report, Failure> {
    let progress = &NoProgress;
    let _lock = lock_alone(order.job)?;
    let ledger = resumed_ledger(order.job, &order.asking)?;
    let output = NightOutput::of(order.job, order.night)?;
    let mut night = Night::plan(order, &output, &ledger, progress)?;
    night.permitted(&ledger)?;
    approved();
    let lots = LotNumbers::tonight(order, &ledger, &night.plan)?;
    output.fresh_staging()?;
    let (mark, salts) = (night.mark.clone(), ledger.proof_salts());
    let lot_output =
        LotOutput { staging: output.staging(), lots: &lots, shard: None, mark: &mark, salts: Some(&salts) };
    let mut writer = night.ledger_writer(&ledger)?;
    let lots = night.produce(lot_output, writer.as_mut(), &ledger, progress)?;
    printed();
    night.finish(lots, writer, &ledger, Instant::now(), progress)
}

fn refused(result: Result<Report, Failure>, what: &str) {
    let failure = result.unwrap_err();
    assert_eq!((failure.code(), failure.exit().code()), ("approved_changed", 4), "{failure}");
    assert!(failure.to_string().contains(what), "{failure}");
}

#[test]
fn a_key_or_a_template_that_takes_the_place_of_an_approved_one_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path());
    let keys = folder.path().join("keys");
    let copy = |from: &str, to: &str| {
        fs_err::copy(keys.join(from), keys.join(to)).unwrap();
    };
    copy("signing.pem", "kept.pem");
    let [foreign, recipient] = ["foreign.pem", "foreign.identity"].map(|name| keys.join(name));
    new_signing_key(&KeyLocation::File(foreign), job.letters().profile).unwrap();
    new_identity(&recipient, &keys.join("other.pub")).unwrap();
    let letters = NightOrder { only: Some(PieceKind::Letter), ..NightOrder::new(&job, FRIDAY) };
    let released = || folder.path().join("out/2026-11-20").exists();
    let nothing = || ();
    // The key, before letters and before their certificate.
    refused(night(&letters, || copy("foreign.pem", "signing.pem"), nothing), "signing key");
    copy("kept.pem", "signing.pem");
    refused(night(&letters, nothing, || copy("foreign.pem", "signing.pem")), "signing key");
    copy("kept.pem", "signing.pem");
    // The template.
    let own = folder.path().join("templates/card-letter");
    let other_template = || {
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/card-letter");
        fs_err::create_dir_all(&own).unwrap();
        for entry in fs_err::read_dir(built_in).unwrap().map(Result::unwrap) {
            fs_err::copy(entry.path(), own.join(entry.file_name())).unwrap();
        }
        let page = own.join("card-letter.typ");
        fs_err::write(&page, fs_err::read_to_string(&page).unwrap() + "\n// another\n").unwrap();
    };
    refused(night(&letters, other_template, nothing), "letter template");
    fs_err::remove_dir_all(folder.path().join("templates")).unwrap();
    assert!(!released(), "nothing was released");
    assert!(night(&letters, nothing, nothing).unwrap().letters > 0 && released());
    // The key of the press.
    let mailers =
        NightOrder { only: Some(PieceKind::Mailer), prove: Prove::None, ..NightOrder::new(&job, MONDAY) };
    refused(night(&mailers, || copy("other.pub", "press.pub"), nothing), "press key");
    let staged = folder.path().join("out/.staging-2026-11-23/mailers");
    let sealed = fs_err::read_dir(staged).map_or(0, Iterator::count);
    assert_eq!(sealed, 0, "nothing was sealed to it");
}

#[test]
fn codes_sent_again_are_counted_by_the_day_of_the_clock_whatever_the_night() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path());
    let nothing = || ();
    let whole = |day| NightOrder { prove: Prove::None, ..NightOrder::new(&job, day) };
    let inbox = folder.path().join("inbox");
    let records = fs_err::read_to_string(inbox.join("cards.csv")).unwrap();
    night(&whole(FRIDAY), nothing, nothing).unwrap();
    fs_err::remove_file(inbox.join("cards.csv")).unwrap();
    night(&whole(MONDAY), nothing, nothing).unwrap();
    // Codes are asked again for cards of these nights, one each on two nights.
    let (header, again) = reissues(&records);
    let one_allowed = fs_err::read_to_string(&job.file).unwrap().replace("= 1000", "= 1");
    fs_err::write(&job.file, one_allowed).unwrap();
    let job = Job::load(folder.path()).unwrap();
    let send = |day: Date, record: &str, now: Timestamp| {
        let file = inbox.join(format!("cards-{day}.csv"));
        fs_err::write(&file, format!("{header}\n{record}\n")).unwrap();
        let asking = Asking { now: Some(now), ..Asking::default() };
        let order = NightOrder { asking, prove: Prove::None, ..NightOrder::new(&job, day) };
        let sent = night(&order, nothing, nothing).map(|report| report.mailers);
        fs_err::remove_file(file).unwrap();
        sent
    };
    let today: Timestamp = present().parse().unwrap();
    let (first, second) = (date(2026, 11, 25), date(2026, 11, 26));
    assert!(send(first, &again[0], today).unwrap() > 0);
    let refused = send(second, &again[1], today).unwrap_err();
    assert_eq!((refused.code(), refused.exit().code()), ("approval_needed", 3), "{refused}");
    let tomorrow = today + jiff::SignedDuration::from_hours(48);
    assert!(send(second, &again[1], tomorrow).unwrap() > 0, "a day has its own number");
}

/// The header of a table of records, and two records that ask again for the codes of cards that got letter and mailer.
fn reissues(records: &str) -> (&str, Vec<String>) {
    let mut lines = records.lines();
    let header = lines.next().unwrap();
    let column = |name: &str| header.split(',').position(|column| column == name).unwrap();
    let (reason, requested) = (column("reason"), column("requested_at"));
    let again = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        let usable =
            !line.contains('"') && cells[reason] == "first" && cells[requested] < "2026-11-20T17:00:00";
        (cells[reason], cells[requested]) = ("codes_reissue", "2026-11-24T10:15:00");
        (usable && line.ends_with("issued")).then(|| cells.join(","))
    };
    (header, lines.filter_map(again).take(2).collect())
}
