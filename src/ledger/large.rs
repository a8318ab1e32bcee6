//! A large ledger to measure with: `docs/performance.md` says how.

use jiff::ToSpan;
use jiff::civil::date;

use super::conformance::record;
use super::database::Purpose;
use super::event::{Change, PiecePlace};
use super::*;
use crate::job::Job;
use mail::card::CardNumber;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// How many pieces a lot has.
const LOT: u32 = 50_000;
/// How many pieces share a print file.
const FILE: u32 = 2_000;
/// SQLite's page cache in KiB while the ledger is made: the index of cards grows at random places.
const CACHE: u32 = 4 << 20;

/// Makes the ledger of the job `PLI_JOB` with `PLI_PIECES` pieces, a lot of letters and a lot of mailers a night.
#[test]
#[ignore = "makes a ledger of millions of pieces"]
fn a_large_ledger() {
    let job = std::env::var("PLI_JOB").expect("PLI_JOB: a job's folder");
    let pieces: u32 = std::env::var("PLI_PIECES").expect("PLI_PIECES: how many").parse().expect("a number");
    let home = Job::load(std::path::Path::new(&job)).expect("a job").ledger();
    let ledger = Ledger::open(&home).expect("a ledger");
    if let LedgerLocation::File(_) = home.location {
        ledger
            .db
            .script(&format!("PRAGMA cache_size = -{CACHE}; PRAGMA synchronous = OFF"))
            .expect("a cache");
    }
    let nights = pieces.div_ceil(2 * LOT);
    for night in 0..nights {
        release(&ledger, night, LOT.min(pieces / 2));
    }
    ledger.db.begin(Purpose::Reading).expect("a state");
    let count = ledger.count("SELECT count(*) FROM piece", &[]).expect("a count");
    assert_eq!(count, u64::from(2 * LOT.min(pieces / 2) * nights));
}

/// Books 20,000 letters of the first lots of such a ledger as a pile that came back, and keeps nothing. How long the test
/// takes is the result.
#[test]
#[ignore = "needs the ledger of the test before"]
fn a_large_pile_of_returns() {
    let job = std::env::var("PLI_JOB").expect("PLI_JOB: a job's folder");
    let home = Job::load(std::path::Path::new(&job)).expect("a job").ledger();
    let ledger = Ledger::open(&home).expect("a ledger");
    let writer = ledger.begin_returns(&author()).expect("a writer");
    let lot = LotName::new(date(2026, 1, 1), 0).expect("a lot");
    for sequence in 1..=20_000 {
        let place = PiecePlace { lot: lot.clone(), kind: PieceKind::Letter, sequence };
        let new = NewReturn {
            place: &place,
            on: date(2026, 2, 1),
            reason: "unknown",
            text: Some("NPAI"),
            batch: "a",
            box_number: Some(1),
        };
        assert_eq!(writer.book(&new).expect("booked"), Booked::Returned);
    }
}

fn author() -> Author {
    Author { name: "operator".to_owned() }
}

/// Enters a night of `pieces` letters and as many mailers, releases it, dispatches its letters and moves a few pieces.
fn release(ledger: &Ledger, night: u32, pieces: u32) {
    let day = date(2026, 1, 1).checked_add(i64::from(night).days()).expect("a day");
    let name = LotName::new(day, 0).expect("a lot");
    let writer = ledger.begin(day, day, author()).expect("a writer");
    let mut issuance = record();
    issuance.requested_at = day.at(10, 0, 0, 0);
    for sequence in 1..=pieces {
        let number = night * LOT + sequence;
        issuance.card_number = CardNumber::parse(&format!("24{number:08}")).expect("a card");
        let body = serde_json::to_vec(&issuance).expect("JSON");
        let (reason, source_file) = ("first", "inbox/cards.csv");
        let line = u64::from(sequence);
        let key = &ledger.record_key(&issuance);
        let new = NewRecord { key, reason, source_file, line, body: &body };
        let record = writer.insert_record(&new).expect("a record");
        for kind in PieceKind::ALL {
            let duty = writer.insert_leaving(record, kind).expect("a duty");
            let file = u16::try_from((sequence - 1) / FILE).expect("few files");
            let entry =
                PieceEntry { sequence, attempt: 0, file, first_page: (sequence - 1) % FILE + 1, pages: 1 };
            writer.insert_piece(kind, duty, &entry).expect("a piece");
        }
    }
    for kind in PieceKind::ALL {
        let path = |file: u32| (format!("{}/{name}-{:04}.pdf", kind.folder(), file + 1), "0".repeat(64));
        let files: Vec<_> = (0..pieces.div_ceil(FILE)).map(path).collect();
        let first = u64::from(night * LOT) + 1;
        let first_tracking = (kind == PieceKind::Mailer).then_some(first);
        let (template, pieces) = ("card-letter 0000000000000000", u64::from(pieces));
        let entry = LotEntry {
            name: &name,
            kind,
            template,
            pieces,
            first_tracking,
            files: &files,
            cause: "composed",
        };
        writer.insert_lot(&entry).expect("a lot");
    }
    let last = ledger.stamp().expect("a history");
    let mark = last.map_or_else(|| ReleaseMark::first("large", ["0"].into_iter()), |last| last.mark.next());
    writer.commit(&mark, "{}").expect("entered");
    ledger.settle(&author()).expect("settled");
    move_some(ledger, &name, pieces);
}

fn move_some(ledger: &Ledger, name: &LotName, pieces: u32) {
    let kind = PieceKind::Letter;
    let author = author();
    let change = |state| Change { state, cause: "camera", author: &author };
    let places: Vec<PiecePlace> = (1..=pieces)
        .filter(|sequence| sequence % 2_500 == 7)
        .map(|sequence| PiecePlace { lot: name.clone(), kind, sequence })
        .collect();
    ledger.move_pieces(&places, &change(State::Missing)).expect("missing");
    ledger.move_lot(name, kind, &change(State::Inserted)).expect("inserted");
    ledger.move_lot(name, kind, &change(State::Dispatched)).expect("dispatched");
}
