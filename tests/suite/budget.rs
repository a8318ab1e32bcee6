//! Instructions per letter, counted by valgrind and held to a budget: clocks differ from machine to machine, and from
//! minute to minute on one.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use composition::LetterComposer;
use composition::{BlockComposer, BlockMap, PieceNumbers, Stamper, facts};
use jiff::civil::date;
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;
use pli::night::intake::{IntakeSettings, take_in};
use print_file::Grid;
use template::{Facts, Template};
use twoddoc::{Algorithm, SigningKey};

use crate::tools::{output, text};

/// Instructions to check and compose one letter, signature included; measured 2026-11-22, see `docs/performance.md`.
const BUDGET: u64 = 445_000;
/// How far a count may be off before somebody has to look: compilers and C libraries differ a little.
const TOLERANCE_PERCENT: u64 = 10;
/// How many letters are counted.
const LETTERS: u32 = 64;

/// The work that is counted: never run by itself.
#[test]
#[ignore = "counted by `a_letter_costs_no_more_than_its_budget`"]
fn letters_to_count() {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/night/inbox/cards.csv");
    let intake = take_in(&[path], &IntakeSettings::default()).unwrap();
    let records: Vec<&Issuance> = intake.records.iter().map(|taken| &taken.issuance).collect();
    let template = Template::find(Path::new("card-letter")).unwrap();
    let record = records.iter().find(|record| record.reason.letter()).unwrap();
    let variant = template.variant_of(&facts(PieceKind::Letter, record));
    let names = ["name", "return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
    let bureau: Facts = names.map(|name| (format!("bureau-{name}"), name.to_owned())).into();
    let compiled = template.compile(&[variant], &bureau).unwrap();
    let stamper = Stamper::new(&compiled, Grid::new(600), 0).unwrap();
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap();
    let night = date(2026, 11, 20);
    let blocks = BlockComposer::new(&BlockMap::default(), key, night).unwrap();
    let press = LetterComposer::new(&stamper, &blocks, night);
    // The first letter fills the tables that the others use.
    count_letters(&press, record, 1);
    count_letters_of_budget(&press, record);
}

fn count_letters(press: &LetterComposer, record: &Issuance, letters: u32) {
    let lot = LotName::parse("26324A").unwrap();
    for sequence in 0..letters {
        let piece_id = format!("26324A{sequence:06}");
        let position = Some(LotPosition { lot: &lot, kind: PieceKind::Letter, sequence });
        let numbers = PieceNumbers { piece_id: &piece_id, tracking_id: "", position };
        let (checked, _) = press.check(black_box(record)).unwrap();
        black_box(press.compose(black_box(checked), &numbers)).unwrap();
    }
}

/// What callgrind counts, by its name.
#[inline(never)]
fn count_letters_of_budget(press: &LetterComposer, record: &Issuance) {
    count_letters(press, record, LETTERS);
}

#[test]
fn a_letter_costs_no_more_than_its_budget() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("callgrind.out");
    let out_file = format!("--callgrind-out-file={}", text(&out));
    let this = std::env::current_exe().unwrap();
    let callgrind = ["--tool=callgrind", "--toggle-collect=*count_letters_of_budget*", &out_file];
    let itself = [text(&this), "--exact", "budget::letters_to_count", "--ignored", "--test-threads=1"];
    let Some(counted) = output("valgrind", &[&callgrind[..], &itself].concat()) else { return };
    let said = String::from_utf8_lossy(&counted.stderr);
    assert!(counted.status.success(), "{said}");
    let counts = fs_err::read_to_string(&out).unwrap();
    let total = counts.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a total");
    let each = total.trim().parse::<u64>().unwrap() / u64::from(LETTERS);
    let (least, most) = (BUDGET * (100 - TOLERANCE_PERCENT) / 100, BUDGET * (100 + TOLERANCE_PERCENT) / 100);
    assert!(each > 1000, "nothing was counted: {said}");
    assert!(each <= most, "a letter takes {each} instructions, and its budget is {BUDGET}");
    assert!(each >= least, "a letter takes {each} instructions only: lower its budget of {BUDGET}");
}
