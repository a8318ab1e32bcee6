//! Samples, judged by the rooms that will read them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tempfile::TempDir;

use super::defects::{DEFECTS, Spoil};
use super::names::LONGEST_LINE;
use super::reasons::NIGHT;
use super::record::{CardRow, RecordGenerator};
use super::*;
use crate::job::Job;
use crate::night::intake::{Intake, IntakeSettings, take_in};
use crate::vault::{CodesFile, CodesOfNight, OpenedText};
use mail::address::MAX_CHARACTERS;
use mail::calendar::{CUT_OFF, Calendar};
use mail::card::{CardStatus, Generation};
use mail::holder::Holder;
use mail::piece::PieceKind;

struct Sample {
    folder: TempDir,
    summary: SampleSummary,
}

fn sample(count: u32, seed: u64, bad_percent: f64) -> Sample {
    let folder = tempfile::tempdir().expect("a folder");
    let order = SampleOrder { count, seed, bad_percent, out: folder.path(), unsealed: false };
    let summary = make(&order).unwrap_or_else(|error| panic!("{error}"));
    Sample { folder, summary }
}

impl Sample {
    fn intake(&self) -> Intake {
        intake(&self.summary.cards)
    }

    fn codes_text(&self) -> Vec<u8> {
        let identity = self.folder.path().join("keys/codes.identity");
        let plain = vault::open(&self.summary.codes, &identity).unwrap_or_else(|error| panic!("{error}"));
        plain.to_vec()
    }

    fn codes_of_night(&self) -> CodesOfNight {
        let identity = self.folder.path().join("keys/codes.identity");
        let sealed = fs_err::read(&self.summary.codes).unwrap_or_else(|error| panic!("{error}"));
        let text = OpenedText::of_bytes("codes.csv.age", sealed, &identity);
        let file = CodesFile::read("codes.csv", text.unwrap_or_else(|error| panic!("{error}")));
        let mut codes = CodesOfNight::default();
        codes.add(file.unwrap_or_else(|error| panic!("{error}")));
        codes
    }
}

fn intake(cards: &Path) -> Intake {
    take_in(&[cards.to_owned()], &IntakeSettings::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// How often each value comes up.
fn shares<T: Ord>(values: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut shares = BTreeMap::new();
    values.for_each(|value| *shares.entry(value).or_default() += 1);
    shares
}

#[test]
fn without_bad_records_nothing_is_rejected() {
    for seed in [1, 2, 0xDEAD_BEEF] {
        let intake = sample(3000, seed, 0.0).intake();
        assert_eq!((intake.rows, intake.rejected_rows), (3000, 0), "{:?}", intake.rejects.first());
        let warnings = shares(intake.warnings.iter().map(|warning| warning.code.to_string()));
        let known = [
            "address_not_capitals",
            "address_recipient_supplied",
            "civility_without_name",
            "departement_mismatch",
            "replaced_card_missing",
        ];
        assert_eq!(warnings.keys().collect::<Vec<_>>(), known.iter().collect::<Vec<_>>(), "{warnings:?}");
        assert!(warnings.values().sum::<usize>() < 200, "{warnings:?}");
    }
}

#[test]
fn everything_that_is_printed_has_room() {
    let intake = sample(3000, 7, 0.0).intake();
    for issuance in intake.records.iter().map(|taken| &taken.issuance) {
        assert!(issuance.address.lines().all(|line| line.chars().count() <= MAX_CHARACTERS));
        assert!(issuance.address.lines().count() >= 3);
        let line = issuance.holder.display_line(&issuance.organisation);
        assert!(!line.is_empty() && line.chars().count() <= LONGEST_LINE, "{line}");
        assert!(issuance.organisation.chars().count() <= LONGEST_LINE, "{}", issuance.organisation);
    }
}

#[test]
fn records_are_varied() {
    let intake = sample(3000, 1, 0.0).intake();
    let all = || intake.records.iter().map(|taken| &taken.issuance);
    let check = |what: &str, wanted: usize, shares: BTreeMap<String, usize>| {
        assert!(shares.len() >= wanted, "{what}: {shares:?}");
    };
    check("families", 6, shares(all().map(|i| i.family.code().to_owned())));
    check("reasons", 4, shares(all().map(|i| i.reason.code().to_owned())));
    check("holders", 5, shares(all().map(|i| format!("{:?}", i.ps_id_nat.kind()))));
    let structures = all().filter_map(|i| i.structure_id.as_ref());
    check("structures", 5, shares(structures.map(|id| format!("{:?}", id.kind()))));
    check("professions", 15, shares(all().filter_map(|i| i.profession).map(|p| p.code().to_owned())));
    let countries = all().filter_map(|i| i.address.country());
    check("countries", 5, shares(countries.map(|country| country.name().to_owned())));
    let departements = all().filter_map(|i| i.address.departement());
    check("départements", 60, shares(departements.map(str::to_owned)));
    check("generations", 2, shares(all().filter_map(|i| i.replaced_generation).map(|g| g.code().to_owned())));
    let full = all().filter(|i| i.address.lines().any(|line| line.chars().count() == MAX_CHARACTERS));
    assert!(full.count() > 20);
    let some = |what: &str, found: usize| assert!((20..300).contains(&found), "{what}: {found}");
    some("revoked", all().filter(|i| i.status == CardStatus::Revoked).count());
    some("without a name", all().filter(|i| i.holder == Holder::Structure).count());
    some("CPS2ter", all().filter(|i| i.replaced_generation == Some(Generation::CPS2TER)).count());
    some("truncated in the block", all().filter(|i| signed_name(&i.holder).chars().count() > 38).count());
    let post_offices = all().filter_map(|i| i.structure_id.as_ref()).map(|id| id.as_str());
    assert!(post_offices.filter(|id| id.starts_with("3356000000")).count() > 3);
}

/// The name as the signed block holds it before it is reduced.
fn signed_name(holder: &Holder) -> String {
    match holder {
        Holder::Structure => String::new(),
        Holder::Named { civility, last_name, first_name, .. } => {
            format!("{}/{last_name}/{first_name}", civility.map_or("", |civility| civility.code()))
        }
    }
}

#[test]
fn most_pieces_are_due_on_the_night() {
    let intake = sample(3000, 1, 0.0).intake();
    let calendar = Calendar::default();
    let due = intake.records.iter().map(|taken| calendar.first_piece_due(&taken.issuance, CUT_OFF));
    let (tonight, later): (Vec<_>, Vec<_>) = due.partition(|day| *day <= NIGHT);
    assert!((2100..2700).contains(&tonight.len()), "{} of 3000", tonight.len());
    let days: BTreeSet<String> = later.iter().map(ToString::to_string).collect();
    assert!(days.contains("2026-11-23") && days.contains("2026-11-24") && days.len() > 10, "{days:?}");
}

#[test]
fn the_same_seed_gives_the_same_records_and_codes() {
    let (one, same, other) = (sample(400, 9, 5.0), sample(400, 9, 5.0), sample(400, 10, 5.0));
    let cards = |sample: &Sample| fs_err::read(&sample.summary.cards).expect("read");
    assert!(cards(&one) == cards(&same) && cards(&one) != cards(&other));
    assert!(one.codes_text() == same.codes_text() && one.codes_text() != other.codes_text());
    let keys =
        |sample: &Sample| sample.summary.keys.iter().map(|key| fs_err::read(key).expect("read")).collect();
    let (first, second): (Vec<_>, Vec<_>) = (keys(&one), keys(&same));
    assert!(first.len() == 6 && first.iter().zip(&second).all(|(one, other)| one != other));
}

#[test]
fn bad_records_leave_the_good_ones_as_they_are() {
    let lines = |bad| {
        let text = fs_err::read(sample(200, 4, bad).summary.cards).expect("read");
        text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<BTreeSet<_>>()
    };
    let (clean, spoilt) = (lines(0.0), lines(10.0));
    assert_eq!(clean.difference(&spoilt).count(), 20);
}

#[test]
fn bad_records_are_as_many_as_asked_for() {
    for (count, percent, bad) in
        [(1000, 2.5, 25), (1000, 7.0, 70), (333, 1.0, 3), (50, 100.0, 50), (3, 10.0, 0), (0, 50.0, 0)]
    {
        let sample = sample(count, 6, percent);
        let (summary, intake) = (&sample.summary, sample.intake());
        assert_eq!((summary.records, summary.bad_records, summary.test_pins), (count, bad, bad / 10));
        assert_eq!(
            (intake.rows, intake.rejected_rows),
            (u64::from(count), u64::from(bad - bad / 10)),
            "{percent} %"
        );
    }
}

#[test]
fn every_good_card_has_its_codes_and_one_bad_one_in_ten_a_test_pin() {
    let sample = sample(2000, 3, 4.0);
    let (intake, codes) = (sample.intake(), sample.codes_of_night());
    let mut test_pins = Vec::new();
    for issuance in intake.records.iter().map(|taken| &taken.issuance) {
        match codes.of_card(issuance.card_number.as_str()) {
            Some(Ok(_)) => {}
            Some(Err(fault)) => test_pins.push((fault.code, issuance.reason.code())),
            None => panic!("no codes for {}", issuance.card_number),
        }
    }
    assert_eq!(test_pins, [("test_pin", "first"); 8]);
    let plain = sample.codes_text();
    let rows = csv::Reader::from_reader(&plain[..]).into_records().map(|row| row.expect("a row"));
    let pins: BTreeSet<String> = rows.map(|row| row[1].to_owned()).collect();
    assert!(pins.len() > 1500, "{} different PINs", pins.len());
}

#[test]
fn every_defect_has_its_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cards.csv");
    let generator = RecordGenerator::new(8);
    for (index, defect) in DEFECTS.iter().enumerate() {
        for record in 0..40 {
            let good = generator.record(1000 + record);
            let mut text = csv_line(CardRow::COLUMNS).expect("memory");
            text.extend(csv_line(&good.values()).expect("memory"));
            text.extend(bad_line(generator.plain(record), index, Some(&good.card_number)).expect("memory"));
            text.extend(csv_line(&generator.record(2000 + record).values()).expect("memory"));
            fs_err::write(&file, text).expect("written");
            let intake = intake(&file);
            let mut codes: Vec<String> =
                intake.rejects.iter().map(|reject| reject.code.to_string()).collect();
            let mut wanted = defect.codes.to_vec();
            codes.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(codes, wanted, "defect {index}: {:?}", intake.rejects);
            assert_eq!((intake.rows, intake.rejected_rows), (3, 1), "defect {index}");
        }
    }
}

/// The codes of rejects in the table at the head of the intake. A row may begin with what its codes have in common.
fn codes_of_the_intake() -> BTreeSet<String> {
    let table = include_str!("../night/intake/mod.rs").split("codes of warnings").next().unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('|').next());
    let codes = rows.flat_map(|cell| {
        let mut codes: Vec<&str> = cell.split('`').step_by(2).collect();
        let prefix = if codes[0].ends_with('_') { codes.remove(0) } else { "" };
        codes.into_iter().filter(|code| !code.trim().is_empty()).map(move |code| format!("{prefix}{code}"))
    });
    codes.collect()
}

#[test]
fn defects_cover_the_table_of_the_intake() {
    let covered = DEFECTS.iter().flat_map(|defect| defect.codes).map(ToString::to_string).collect();
    let mut codes = codes_of_the_intake();
    // The sample's file has a header.
    codes.retain(|code| !code.starts_with("fixed_"));
    assert_eq!(codes.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(DEFECTS.iter().filter(|defect| defect.codes.len() > 1).count() >= 5);
    assert!(DEFECTS.iter().any(|defect| matches!(defect.spoil, Spoil::RepeatedNumber)));
}

#[test]
fn the_job_loads_and_says_what_it_does_with_mailers() {
    let sample = sample(1, 1, 0.0);
    let job = Job::load(&sample.summary.job).unwrap_or_else(|error| panic!("{error}"));
    assert!(job.seals(PieceKind::Mailer));
    assert_eq!(job.mailers().codes_identity, sample.summary.keys[2]);
    let signing = job.letters();
    assert!(vault::load_signing_key(&signing.key, signing.profile).is_ok());
    let folder = tempfile::tempdir().expect("a folder");
    let order = SampleOrder { count: 1, seed: 1, bad_percent: 0.0, out: folder.path(), unsealed: true };
    let text = fs_err::read_to_string(make(&order).expect("made").job).expect("read");
    assert!(text.contains("DEMONSTRATION ONLY") && text.contains("\nunsealed = true\n"));
    assert!(Job::load(folder.path()).is_ok_and(|job| !job.seals(PieceKind::Mailer)));
}

#[test]
fn a_folder_that_is_taken_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fs_err::write(folder.path().join("job.toml"), "mine").expect("written");
    let order = SampleOrder { count: 5, seed: 1, bad_percent: 0.0, out: folder.path(), unsealed: false };
    assert!(matches!(make(&order), Err(SampleError::Occupied(file)) if file.ends_with("job.toml")));
    assert_eq!(fs_err::read_dir(folder.path()).expect("read").count(), 1);
}

#[test]
fn orders_out_of_range_are_refused_before_anything_is_written() {
    let out = Path::new("/nonexistent/sample");
    for bad_percent in [-0.1, 100.1, f64::NAN] {
        let order = SampleOrder { count: 5, seed: 1, bad_percent, out, unsealed: false };
        assert!(matches!(make(&order), Err(SampleError::BadPercent(_))));
    }
    let order = SampleOrder { count: MAX_RECORDS + 1, seed: 1, bad_percent: 0.0, out, unsealed: false };
    assert!(matches!(make(&order), Err(SampleError::TooMany(_))));
}

#[test]
fn no_code_is_left_beside_the_sealed_file() {
    let sample = sample(20, 1, 0.0);
    let names = fs_err::read_dir(sample.folder.path().join("inbox")).expect("read");
    let names: BTreeSet<String> =
        names.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["cards.csv", "codes.csv.age"]);
    let sealed = fs_err::read(&sample.summary.codes).expect("read");
    assert!(sealed.starts_with(b"age-encryption.org/v1"));
}
