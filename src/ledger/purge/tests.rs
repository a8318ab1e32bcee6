//! A byte search of a ledger's files: what a purge removed is in none of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use mail::issuance::Issuance;
use mail::piece::PieceKind;

use super::super::conformance::{Book, record};
use super::super::{Author, Ledger, LedgerError, LotEntry, NewRecord, PieceEntry};
use super::PurgeOrder;
use crate::job::Retention;
use crate::vault::{LedgerKeysError, Month};
use mail::lot::LotName;

const RETENTION: Retention = Retention { names: 90, findings: 90, files: 30, inputs: 30, events: 365 };
const AUGUST: Date = date(2026, 8, 20);
const SEPTEMBER: Date = date(2026, 9, 21);
/// August was over 90 days ago, September was not.
const DAY: Date = date(2026, 12, 1);
const PERSONS: u64 = 3_000;

/// The numbers from 1 to [`PERSONS`], in an order that depends on nothing else.
fn shuffled() -> Vec<u64> {
    let mut numbers: Vec<u64> = (1..=PERSONS).collect();
    let mut state = 7_u64;
    for last in (1..numbers.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers.swap(last, (state >> 33) as usize % (last + 1));
    }
    numbers
}

fn card(person: u64) -> String {
    format!("{}", 2_400_000_000 + person * 199_999 % 99_999_989)
}

/// A name that no other person has.
fn name(person: u64) -> String {
    let letter = |place: u32| char::from(b'A' + (person / 26_u64.pow(place) % 26) as u8);
    format!("Zorglub{}", (0..4).map(letter).collect::<String>())
}

fn person(number: u64) -> Issuance {
    let text = serde_json::to_string(&record()).expect("JSON");
    let text = text.replace("2400140649", &card(number)).replace("Martin", &name(number));
    serde_json::from_str(&text.replace("9 RUE HAUTE", &format!("{number} ALLEE DU TEST"))).expect("a record")
}

/// Enters a night of persons; the letter of every tenth waits.
fn enter(ledger: &Ledger, night: Date, persons: &[u64]) {
    let author = Author { name: "operator".to_owned() };
    let writer = ledger.begin(night, night, author.clone()).expect("a writer");
    let mut sequence = 0;
    for number in persons {
        let issuance = person(*number);
        let body = serde_json::to_vec(&issuance).expect("JSON");
        let source_file = "inbox/cards.csv";
        let key = &ledger.record_key(&issuance);
        let new = NewRecord { key, reason: "first", source_file, line: *number, body: &body };
        let id = writer.insert_record(&new).expect("a record");
        if number % 10 == 0 {
            writer.insert_waiting(id, PieceKind::Letter, Some(night)).expect("a duty");
            continue;
        }
        sequence += 1;
        let duty = writer.insert_leaving(id, PieceKind::Letter).expect("a duty");
        let piece = PieceEntry { sequence, attempt: 0, file: 0, first_page: sequence, pages: 1 };
        writer.insert_piece(PieceKind::Letter, duty, &piece).expect("a piece");
    }
    let lot = LotName::new(night, 0).expect("a lot");
    let (kind, template, pieces) = (PieceKind::Letter, "card-letter 00", u64::from(sequence));
    let entry =
        LotEntry { name: &lot, kind, template, pieces, first_tracking: None, files: &[], cause: "composed" };
    writer.insert_lot(&entry).expect("a lot");
    let mark = ledger.stamp().expect("a stamp").map(|last| last.mark.next());
    let first = || super::super::ReleaseMark::first("2026-08-20", ["aa"].into_iter());
    writer.commit(&mark.unwrap_or_else(first), "{}").expect("entered");
    ledger.settle(&author).expect("settled");
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// How many of these needles are somewhere in the files of a folder, by their last 16 bytes: sealed bodies of one process begin
/// alike, and each ends with a check of its own.
fn found(folder: &Path, needles: &[Vec<u8>]) -> usize {
    let ends: HashSet<&[u8]> = needles.iter().map(|needle| &needle[needle.len() - 16..]).collect();
    let mut seen = HashSet::new();
    for file in files(folder) {
        let bytes = fs_err::read(file).expect("a file");
        seen.extend(bytes.windows(16).filter(|window| ends.contains(window)).map(<[u8]>::to_vec));
    }
    seen.len()
}

fn holds_text(folder: &Path, text: &str) -> bool {
    let holds = |file: &PathBuf| {
        let bytes = fs_err::read(file).expect("a file");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files(folder).iter().any(holds)
}

/// The sealed bodies of the records of a night's month, of those that wait or of the others.
fn bodies(ledger: &Ledger, night: Date, waiting: bool) -> Vec<Vec<u8>> {
    let sql = "SELECT body FROM record WHERE substr(night, 1, 7) = ?1 AND body IS NOT NULL
        AND EXISTS (SELECT 1 FROM duty WHERE duty.record = record.id AND duty.state = 'waiting') = (?2 = 1)";
    let month = Month::of(night).to_string();
    let values = [super::Text(&month), super::Integer(i64::from(waiting))];
    ledger.list(sql, &values, |row| Ok(row.bytes(0)?.expect("a body").to_vec())).expect("bodies")
}

#[test]
fn no_byte_of_what_was_purged_is_left_in_any_file() {
    let mut book = Book::in_a_file();
    let persons = shuffled();
    let (august, september) = persons.split_at(persons.len() / 2);
    enter(&book.ledger, AUGUST, august);
    enter(&book.ledger, SEPTEMBER, september);
    let folder = book.home.keys.parent().and_then(Path::parent).expect("the job").to_owned();
    let gone = bodies(&book.ledger, AUGUST, false);
    let waiting = bodies(&book.ledger, AUGUST, true);
    let stay = bodies(&book.ledger, SEPTEMBER, false);
    assert!(gone.len() > 1_300 && waiting.len() > 100 && stay.len() > 1_300);
    assert_eq!(found(&folder, &gone), gone.len(), "the search finds what is there");
    let key_file = book.home.keys.join("2026-08.key");
    let key = fs_err::read_to_string(&key_file).expect("a key")[8..72].to_owned();
    assert!(holds_text(&folder, &key));
    let copy = tempfile::tempdir().expect("a folder");
    for file in
        ["ledger.db", "ledger.db-wal"].map(|name| folder.join(name)).iter().filter(|file| file.exists())
    {
        fs_err::copy(file, copy.path().join(file.file_name().expect("a name"))).expect("copied");
    }

    let order = PurgeOrder { day: DAY, retention: RETENTION, dry_run: false };
    let purged = book.ledger.purge(&order).expect("purged");
    assert_eq!(purged.keys, ["2026-08"]);
    assert_eq!(purged.rows["records"].values().sum::<u64>(), gone.len() as u64);
    assert_eq!(purged.stay.iter().map(|stay| stay.records).sum::<u64>(), waiting.len() as u64);
    assert_eq!(found(&folder, &gone), 0, "bodies of purged records");
    assert_eq!(found(&folder, &waiting), 0, "of those that stay none is under the old key");
    assert_eq!(found(&folder, &stay), stay.len());
    assert!(!key_file.exists() && !holds_text(&folder, &key));
    for number in persons.iter().filter(|number| *number % 50 == 0) {
        for text in [card(*number), name(*number), format!("{number} ALLEE DU TEST")] {
            assert!(!holds_text(&folder, &text), "{text}");
        }
    }
    let known = august
        .iter()
        .filter(|number| book.ledger.night_of_card(&card(**number)).expect("an answer") == Some(AUGUST));
    assert_eq!(known.count(), august.len(), "a late return's card is known");

    // The copy of before, with the keys of after.
    let location = crate::job::LedgerLocation::File(copy.path().join("ledger.db"));
    let home = crate::job::LedgerHome { location, keys: book.home.keys.clone() };
    let restored = Ledger::open(&home).expect("the ledger of before");
    assert_eq!(bodies(&restored, AUGUST, false).len(), gone.len());
    let told = restored.due(AUGUST, None, |_| Ok::<_, LedgerError>(()));
    assert!(matches!(told, Err(LedgerError::Keys(LedgerKeysError::Destroyed { .. }))));
    let record = restored.person(&card(august[0])).expect("an answer").records;
    assert_eq!((record.len(), &record[0].record), (1, &None), "no name comes back");
    assert_eq!(restored.apply_forgotten().expect("applied").lost_pieces, waiting.len() as u64);
    assert_eq!(found(copy.path(), &gone), 0);
}
