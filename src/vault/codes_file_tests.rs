//! Codes files: each fault by column, and by-card reading against a plain reading of the whole text.

use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use proptest::prelude::*;

use super::super::codes_of_night::CodesOfNight;
use super::super::held_bytes::HeldBytes;
use super::*;
use crate::failure::{Exit, Explained};
use crate::vault::opened_text::tests::sealed_and_opened;
use crate::vault::{new_identity, recipients, seal_bytes};

const HEADER: &str = "card_number,pin,puk,assistance_code\n";
const CARD: &str = "2400140649";

fn read(text: &str) -> Result<CodesFile, CodesError> {
    CodesFile::read("codes.csv", sealed_and_opened(text.as_bytes()))
}

fn night(texts: &[&str]) -> CodesOfNight {
    let mut codes = CodesOfNight::default();
    texts.iter().for_each(|text| codes.add(read(text).unwrap_or_else(|error| panic!("{error}"))));
    codes
}

/// The codes of a card as text, or the fault's code.
fn found(codes: &CodesOfNight, card: &str) -> Result<[String; 3], &'static str> {
    match codes.of_card(card) {
        Some(Ok(card)) => {
            Ok([card.pin.expose(), card.puk.expose(), card.assistance.expose()].map(str::to_owned))
        }
        Some(Err(fault)) => Err(fault.code),
        None => Err("missing"),
    }
}

fn fault(text: &str) -> &'static str {
    found(&night(&[text]), CARD).err().unwrap_or("ok")
}

/// The warnings of a file, with its counts.
fn warned(text: &str) -> Vec<(&'static str, String)> {
    let file = read(text).unwrap_or_else(|error| panic!("{error}"));
    file.warnings().iter().map(|warning| (warning.code, warning.message.to_string())).collect()
}

#[test]
fn an_empty_assistance_code_is_the_beginning_of_the_puk() {
    let codes = night(&[&format!("{HEADER}{CARD},4821,90817263,\r\n")]);
    assert_eq!(found(&codes, CARD), Ok(["4821", "90817263", "908"].map(str::to_owned)));
}

#[test]
fn faults_are_named_by_column_and_never_by_value() {
    assert_eq!(fault(&format!("{HEADER}{CARD},1234,90817263,\n")), "test_pin");
    assert_eq!(fault(&format!("{HEADER}{CARD},482,90817263,\n")), "pin_format");
    assert_eq!(fault(&format!("{HEADER}{CARD},4821,9081726,\n")), "puk_format");
    assert_eq!(fault(&format!("{HEADER}{CARD},4821,90817263,a b\n")), "assistance_code_format");
    let twice = format!("{HEADER}{CARD},4821,90817263,\n{CARD},4821,90817263,\n");
    assert_eq!(fault(&twice), "ok", "the same line again says nothing new");
    assert_eq!(fault(&twice.replacen("4821", "4822", 1)), "codes_contradicted");
    assert_eq!(fault(&twice.replacen("63,", "63,908", 1)), "ok", "what an empty assistance code stands for");
    assert_eq!(fault(&twice.replacen("63,", "63,909", 1)), "codes_contradicted");
    assert_eq!(fault(HEADER), "missing");
    assert_eq!(fault(&format!("{HEADER}\u{feff}{CARD},4821,90817263,\n")), "missing");
}

#[test]
fn columns_come_in_any_order_with_either_delimiter() {
    let text = format!("\u{FEFF}puk;card_number;assistance_code;pin\n90817263;{CARD};A1B2;4821\n");
    assert_eq!(fault(&text), "ok");
    let text = "pin;card_number;assistance_code;puk\n\u{feff}4821;2400140649;;90817263\n";
    assert_eq!(fault(text), "pin_format", "a byte order mark within the file is none");
    assert!(read("card_number,pin,puk\n").is_err());
    assert!(read("card_number,pin,puk,assistance_code,name\n").is_err());
    for text in ["", "\n \r\n", &format!("\u{feff}{}", " ".repeat(200_000))] {
        assert_eq!(read(text).err().map(|error| error.code), Some("codes_empty"));
    }
}

#[test]
fn cards_that_repeat_their_codes_count_once() {
    let rows: Vec<String> = (0..6000)
        .map(|n| format!("{},{},{},\n", 2_400_000_000u64 + n, 5000 + n % 7 * 13, 10_000_000 + 9973 * n))
        .collect();
    let once = format!("{HEADER}{}", rows.concat());
    let expected = warned(&once);
    assert!(expected.iter().any(|(code, _)| *code == "pin_repeated"), "{expected:?}");
    assert!(expected.iter().any(|(_, message)| message.contains("of 6000 cards")), "{expected:?}");
    let thrice = format!("{once}{}{}", rows.concat(), rows.iter().rev().cloned().collect::<String>());
    assert_eq!(warned(&thrice), expected);
    let one = rows[0].repeat(40);
    assert_eq!(warned(&format!("{HEADER}{one}")), []);
    let contradicted: String = (0..9).map(|n| format!("{CARD},482{n},90817263,\n").repeat(2)).collect();
    let warnings = warned(&format!("{HEADER}{contradicted}"));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].0 == "puk_repeated" && warnings[0].1.starts_with("9 of 9 cards"), "{warnings:?}");
}

#[test]
fn lines_are_counted_over_chunks() {
    let row = |n: u64| {
        format!("{},4821,90817263,{}\r\n", 2_400_000_000 + n, if n % 3 == 0 { "\"A\r\nB\"" } else { "" })
    };
    let text = format!("{HEADER}{}", (0..30_000).map(row).collect::<String>());
    assert!(text.len() > 10 * 65_536);
    let codes = night(&[&text]);
    for n in [0u64, 3, 12_288, 12_291, 29_997] {
        let card = (2_400_000_000 + n).to_string();
        let offset = text.find(&card).unwrap();
        let line = 1 + text[..offset].matches('\n').count() as u64;
        let Some(Err(fault)) = codes.of_card(&card) else { panic!("{card}") };
        assert_eq!((fault.code, fault.line), ("assistance_code_format", line), "{card}");
    }
    assert_eq!(found(&codes, "2400029998").map(|codes| codes[0].clone()), Ok("4821".to_owned()));
}

/// A codes file on the disk that is in use, and its key.
struct InUse {
    folder: tempfile::TempDir,
    cards: u64,
}

impl InUse {
    fn new(cards: u64) -> InUse {
        let in_use = InUse { folder: tempfile::tempdir().unwrap(), cards };
        new_identity(&in_use.path("it"), &in_use.path("it.pub")).unwrap();
        in_use.seal(0);
        in_use
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Seals codes that follow from a number, over the same file.
    fn seal(&self, number: u64) {
        let row =
            |n: u64| format!("{},{:04},{:08},\n", 2_400_000_000 + n, (n * 7 + number) % 10_000, n + number);
        let text = format!("{HEADER}{}", (0..self.cards).map(row).collect::<String>());
        let recipients = recipients(&["it".to_owned()], |_| self.path("it.pub")).unwrap();
        fs_err::write(self.path("codes.csv.age"), seal_bytes(&recipients, text.as_bytes()).unwrap()).unwrap();
    }

    fn open(&self) -> CodesOfNight {
        let held = HeldBytes::of_file(&self.path("codes.csv.age"), 1 << 30).unwrap();
        let text = OpenedText::open("codes.csv.age", held, &self.path("it")).unwrap();
        let mut night = CodesOfNight::default();
        night.add(CodesFile::read("codes.csv.age", text).unwrap_or_else(|error| panic!("{error}")));
        night
    }

    /// Writes bytes into the file at an offset.
    fn write(&self, offset: u64, bytes: &[u8]) {
        let mut file = fs_err::OpenOptions::new().write(true).open(self.path("codes.csv.age")).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        file.write_all(bytes).unwrap();
    }
}

fn refused(night: &CodesOfNight) {
    let error = night.check_unchanged().unwrap_err();
    assert_eq!((error.code(), error.exit()), ("codes_changed", Exit::Refused));
    assert!(
        error.position().is_some_and(|position| position.file == "codes.csv.age" && position.line.is_none())
    );
}

#[test]
fn a_file_that_was_altered_gives_no_codes_any_more() {
    let in_use = InUse::new(20_000);
    let whole = fs_err::read(in_use.path("codes.csv.age")).unwrap();
    let far = "2400019999";
    let sound = found(&in_use.open(), far);
    assert!(sound.is_ok());
    for (what, change) in [
        ("another sealed file of the same key", &(|| in_use.seal(1)) as &dyn Fn()),
        ("one bit", &|| in_use.write(whole.len() as u64 - 400, &[whole[whole.len() - 400] ^ 1])),
        ("two chunks exchanged", &|| {
            let (one, other) = (whole.len() - 65_552 * 2, whole.len() - 65_552);
            in_use.write(one as u64, &whole[other..other + 65_552]);
            in_use.write(other as u64, &whole[one..one + 65_552]);
        }),
        ("cut short", &|| {
            let file = fs_err::OpenOptions::new().write(true).open(in_use.path("codes.csv.age")).unwrap();
            file.set_len(whole.len() as u64 - 1000).unwrap();
        }),
    ] {
        fs_err::write(in_use.path("codes.csv.age"), &whole).unwrap();
        let night = in_use.open();
        assert_eq!(found(&night, far), sound, "{what}");
        // The chunk of another card takes the place of this one's.
        assert!(found(&night, "2400000001").is_ok() && night.check_unchanged().is_ok());
        change();
        assert_eq!(found(&night, far), Err("codes_changed"), "{what}");
        refused(&night);
        assert_eq!(found(&night, "2400010000"), Err("codes_changed"), "{what}: nor does any other card");
        fs_err::write(in_use.path("codes.csv.age"), &whole).unwrap();
        assert_eq!(found(&night, far), Err("codes_changed"), "{what}: it is not believed again");
    }
}

#[test]
fn a_file_that_takes_the_place_of_another_is_not_looked_at() {
    let in_use = InUse::new(20_000);
    let night = in_use.open();
    let sound = found(&night, "2400019999");
    fs_err::rename(in_use.path("codes.csv.age"), in_use.path("old")).unwrap();
    in_use.seal(1);
    assert!(found(&night, "2400000001").is_ok());
    assert_eq!(found(&night, "2400019999"), sound);
    assert_ne!(found(&in_use.open(), "2400019999"), sound);
    fs_err::remove_file(in_use.path("old")).unwrap();
    assert_eq!(found(&night, "2400000001").is_ok(), night.check_unchanged().is_ok());
}

/// A row of a file: its card, codes, and how it is written.
#[derive(Debug, Clone)]
struct Row {
    card: u64,
    cells: [String; 3],
    quoted: [bool; 4],
    blank_after: bool,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Few cards and few codes, so that repetitions and contradictions come up.
    let cells = ("[0-9]{4}|4821|123|x", "[0-9]{8}|90817263|9", "|A1B2|[a-z]{0,4}|a,b|é");
    let row = (0..40u64, cells, any::<[bool; 4]>(), prop::bool::weighted(0.1));
    let row = row.prop_map(|(card, (pin, puk, assistance), quoted, blank_after)| Row {
        card: 2_400_000_000 + card,
        cells: [pin, puk, assistance],
        quoted,
        blank_after,
    });
    prop::collection::vec(row, 0..60)
}

/// Writes rows as CSV; `columns` is the order of the four columns.
fn written(rows: &[Row], columns: &[usize; 4], delimiter: char, end: &str, mark: bool) -> String {
    let names = ["card_number", "pin", "puk", "assistance_code"];
    let line = |cells: Vec<String>| cells.join(&delimiter.to_string()) + end;
    let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
    text += &line(columns.iter().map(|column| names[*column].to_owned()).collect());
    for row in rows {
        let cell = |column: &usize| {
            let cell = column.checked_sub(1).map_or(row.card.to_string(), |cell| row.cells[cell].clone());
            let quoted = row.quoted[*column] || cell.contains([',', ';']);
            if quoted { format!("\"{cell}\"") } else { cell }
        };
        text += &line(columns.iter().map(cell).collect());
        text += if row.blank_after { end } else { "" };
    }
    text
}

/// The codes of a card by a reading of all rows at once that shares nothing with the index.
fn expected(files: &[Vec<Row>], card: u64) -> Result<[String; 3], &'static str> {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = |row: &Row| {
        let [pin, puk, assistance] = &row.cells;
        match () {
            () if !digits(pin, 4) => Err("pin_format"),
            () if pin == "1234" => Err("test_pin"),
            () if !digits(puk, 8) => Err("puk_format"),
            () if !assistance.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err("assistance_code_format")
            }
            () if assistance.is_empty() => Ok([pin.clone(), puk.clone(), puk[..3].to_owned()]),
            () => Ok(row.cells.clone()),
        }
    };
    let of_file = |rows: &Vec<Row>| {
        let read: Vec<_> = rows.iter().filter(|row| row.card == card).map(read).collect();
        let first = read.first()?.clone();
        Some(first.and_then(|first| match read.iter().all(|codes| codes.as_ref() == Ok(&first)) {
            true => Ok(first),
            false => Err("codes_contradicted"),
        }))
    };
    let mut files = files.iter().filter_map(of_file);
    let first = files.next().ok_or("missing")??;
    files.try_fold(first, |first, again| match again? == first {
        true => Ok(first),
        false => Err("codes_contradicted"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn codes_by_card_are_those_of_the_whole_reading(
        files in prop::collection::vec(rows(), 1..4),
        columns in Just([0usize, 1, 2, 3]).prop_shuffle(),
        semicolons: bool,
        crlf: bool,
        mark: bool,
        long: bool,
    ) {
        let (delimiter, end) = (if semicolons { ';' } else { ',' }, if crlf { "\r\n" } else { "\n" });
        // Blank lines before the rows of the files make them lie over the ends of chunks.
        let filled = |text: String| if long { text.replacen(end, &end.repeat(65_500 / end.len()), 1) } else { text };
        let texts: Vec<String> =
            files.iter().map(|rows| filled(written(rows, &columns, delimiter, end, mark))).collect();
        let night = night(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let cards: Vec<String> = (0..41u64).rev().map(|n| (2_400_000_000 + n).to_string()).collect();
        let asked: Vec<&str> = cards.iter().map(String::as_str).collect();
        for (card, together) in cards.iter().zip(night.of_cards(&asked)) {
            let one = found(&night, card);
            prop_assert_eq!(&one, &expected(&files, card.parse().unwrap()), "{}", card);
            prop_assert_eq!(together.map(|codes| codes.map(|codes| codes.puk.expose().to_owned()).map_err(|fault| fault.code)),
                match one { Err("missing") => None, one => Some(one.map(|codes| codes[1].clone())) });
        }
        prop_assert!(night.check_unchanged().is_ok());
    }
}

/// The rows of a file of cards in no order, as a bureau sends them.
fn shuffled(cards: u64) -> String {
    let row = |n: u64| {
        let mixed = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let card = 2_000_000_000 + n * 999_983 % cards;
        format!("{card},{:04},{:08},\n", 2000 + mixed % 8000, (mixed >> 20) % 100_000_000)
    };
    format!("{HEADER}{}", (0..cards).map(row).collect::<String>())
}

/// The memory that this process has at its peak, in KiB (proc(5)).
fn peak() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Opens a file of so many cards and asks for each. The peak of memory must be that of the index, and not of the text.
fn opened_and_asked(cards: u64) {
    // What a first file brings into memory besides, such as the program's own pages, is not counted.
    let in_use = InUse::new(1);
    assert!(found(&in_use.open(), "2400000000").is_ok());
    let recipients = recipients(&["it".to_owned()], |_| in_use.path("it.pub")).unwrap();
    let length = {
        let text = shuffled(cards);
        let sealed = seal_bytes(&recipients, text.as_bytes()).unwrap();
        fs_err::write(in_use.path("codes.csv.age"), sealed).unwrap();
        text.len() as u64
    };
    // The peak is counted from what is in memory now (proc(5)).
    fs_err::write("/proc/self/clear_refs", "5").unwrap();
    let (before, begun) = (peak(), std::time::Instant::now());
    let night = in_use.open();
    let (opened, opening) = (begun.elapsed(), (peak() - before) * 1024);
    assert!(opening < 14 * cards + (1 << 20), "{opening} bytes for a text of {length}");
    assert!(opening < length, "{opening} bytes for a text of {length}");
    let all: Vec<String> = (0..cards).map(|n| (2_000_000_000 + n).to_string()).collect();
    let begun = std::time::Instant::now();
    for cards in all.chunks(1024) {
        let asked: Vec<&str> = cards.iter().map(String::as_str).collect();
        assert!(night.of_cards(&asked).iter().all(|codes| matches!(codes, Some(Ok(_)))));
    }
    let together = begun.elapsed();
    let begun = std::time::Instant::now();
    let alone = all.iter().step_by(97).filter(|card| matches!(night.of_card(card), Some(Ok(_)))).count();
    let each = begun.elapsed() / alone as u32;
    assert_eq!(alone, cards.div_ceil(97) as usize);
    eprintln!(
        "{cards} cards, text {length}, peak {opening}, opened {opened:?}, all {together:?}, one {each:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_memory_of_codes_is_that_of_their_index() {
    // Its memory is measured in a process of its own.
    let test = "vault::codes_file::tests::a_hundred_thousand_codes_are_opened";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by `the_memory_of_codes_is_that_of_their_index` in a process of its own"]
fn a_hundred_thousand_codes_are_opened() {
    opened_and_asked(100_000);
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes a minute, and measures this process: run it by itself"]
fn a_million_codes_are_opened() {
    opened_and_asked(1_000_000);
}
