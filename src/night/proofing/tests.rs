//! A sound file is proved without a finding; one whose records, rows or bytes are others is refused by name.

use std::collections::{BTreeMap, BTreeSet};

use composition::fact_values;
use jiff::civil::date;
use mail::holder::Holder;
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

use super::judge::{Fault, FileProof, PrintedFile, prove_file};
use super::*;
use crate::job::Job;
use crate::night::intake::{IntakeSettings, take_in};
use crate::night::lot::{LotNumbers, SheetLayout};
use crate::night::order::NightOrder;
use crate::night::planning::DuePiece;
use crate::night::production::{StockCache, find_template, lay_out, stamper};
use crate::night::run;
use crate::sample::{SampleOrder, make};
use crate::vault::load_signing_key;

/// What is proved: altered by a test before it is.
struct Printed {
    bytes: Vec<u8>,
    rows: Vec<ManifestRow>,
    pieces: Vec<NumberedPiece>,
    /// The stock as the template has it.
    stock: Vec<u8>,
}

/// Runs a night of letters, alters what was printed, and proves it.
fn proved(alter: impl Fn(&mut Printed)) -> FileProof {
    let folder = tempfile::tempdir().unwrap();
    make(&SampleOrder { count: 40, seed: 7, bad_percent: 0.0, out: folder.path(), unsealed: false }).unwrap();
    let job = Job::load(folder.path()).unwrap();
    let (night, kind) = (date(2026, 11, 20), PieceKind::Letter);
    let order = NightOrder { only: Some(kind), ..NightOrder::new(&job, night) };
    let report = run(&order, &NoProgress).unwrap();
    assert_eq!(report.proof.failures, 0);
    let (lot, out) = (&report.lots[0], folder.path().join(format!("out/{night}")));
    let mut table = csv::Reader::from_path(out.join(&lot.manifest)).unwrap();
    let rows: Vec<ManifestRow> = table.deserialize().map(Result::unwrap).collect();
    let records = take_in(&[folder.path().join("inbox/cards.csv")], &IntakeSettings::default()).unwrap();
    let records: BTreeMap<String, Issuance> =
        records.records.into_iter().map(|row| (row.issuance.card_number.to_string(), row.issuance)).collect();
    let pieces: Vec<NumberedPiece> = rows
        .iter()
        .map(|row| NumberedPiece {
            piece: DuePiece { entry: 0, issuance: records[&row.card_number].clone() },
            sequence: row.sequence,
            piece_id: row.piece_id.clone(),
            reprint_of: None,
            tracking: None,
        })
        .collect();
    let facts: BTreeSet<_> = pieces.iter().map(|piece| fact_values(kind, &piece.piece.issuance)).collect();
    let template = find_template(&job, kind).unwrap();
    let compiled =
        lay_out(&order, &NoProgress, &StockCache::of(&job), &template, &job.bureau().facts(), facts).unwrap();
    let stamper = stamper(&compiled, job.press(), job.machine(kind).clone()).unwrap();
    let numbers =
        LotNumbers { name: LotName::parse(&lot.lot).unwrap(), kind, first_tracking: None, again: None };
    let (settings, mark) = (job.letters(), report.ledger.clone().unwrap());
    let key = load_signing_key(&settings.key, settings.profile).unwrap().verifying_key();
    let rules = LotRules::new(LotRulesOrder {
        stamper: &stamper,
        layout: SheetLayout::of(job.press(), &compiled).unwrap(),
        numbers: &numbers,
        mark: &mark,
        block_map: Some(&settings.block_map),
        key: Some(&key),
        codes: None,
        sealed: false,
        night,
        day: night,
    });
    let rules = rules.unwrap_or_else(|failure| panic!("{}", failure.in_one_line()));
    let path = &report.files[0].path;
    let mut printed = Printed {
        bytes: fs_err::read(out.join(path)).unwrap(),
        rows,
        pieces,
        stock: compiled.stock.objects.clone(),
    };
    alter(&mut printed);
    let file = PrintedFile {
        name: path.rsplit('/').next().unwrap(),
        bytes: Arc::new(printed.bytes),
        pieces: &printed.pieces,
        rows: Some(&printed.rows),
        last: true,
    };
    prove_file(&file, &rules, &NoProgress)
}

/// The names of what is found.
fn found(alter: impl Fn(&mut Printed)) -> BTreeSet<&'static str> {
    proved(alter).findings.iter().map(|finding| finding.fault.name()).collect()
}

#[test]
fn a_sound_file_is_proved_whole() {
    let proof = proved(|_| ());
    assert_eq!(proof.findings, []);
    assert_eq!((proof.symbols, proof.signatures), (2 * proof.pieces, proof.pieces));
    assert!(proof.pieces > 20 && proof.texts > 5 * proof.pieces, "{proof:?}");
}

#[test]
fn a_record_that_says_something_else_is_refused_by_text_and_block() {
    let names = found(|printed| {
        for piece in &mut printed.pieces {
            if let Holder::Named { last_name, .. } = &mut piece.piece.issuance.holder {
                last_name.push('X');
            }
        }
    });
    assert!(
        names.contains(Fault::TextDiffers.name()) && names.contains(Fault::BlockDiffers.name()),
        "{names:?}"
    );
}

#[test]
fn two_records_that_change_places_are_refused() {
    let names = found(|printed| {
        let (one, other) = printed.pieces.split_at_mut(1);
        std::mem::swap(&mut one[0].piece, &mut other[0].piece);
    });
    assert!(
        names.contains("text_differs") && names.contains("symbol_differs") && names.contains("row"),
        "{names:?}"
    );
}

#[test]
fn rows_that_change_places_or_are_lost_are_refused() {
    assert!(found(|printed| printed.rows.swap(0, 1)).contains("row"));
    assert!(found(|printed| drop(printed.rows.pop())).contains("row"));
    assert!(found(|printed| printed.rows[0].variant.push('x')).contains("row"));
}

#[test]
fn a_bit_of_the_stock_is_refused() {
    let names = found(|printed| {
        let begin = printed.bytes.windows(64).position(|part| part == &printed.stock[..64]).unwrap();
        let stream = printed.stock.windows(6).position(|part| part == b"stream").unwrap() + 30;
        printed.bytes[begin + stream] ^= 1;
    });
    assert!(names.contains("stock"), "{names:?}");
}
