//! Codes files: each fault by column, files that are altered while they are in use, and the memory that a file takes.

#[path = "codes_by_card_tests.rs"]
mod by_card;

use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::super::codes_of_night::CodesOfNight;
use super::super::held_bytes::HeldBytes;
use super::*;
use crate::both_languages::assert_same;
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
fn a_file_that_was_cut_short_in_its_last_assistance_code_gives_no_wrong_one() {
    let whole = format!(
        "{HEADER}2400000001,4821,90817263,417\n2400000002,4822,90817264,418\n{CARD},4823,90817265,419\n"
    );
    assert_eq!(fault(&whole), "ok");
    assert_eq!(fault(whole.trim_end()), "ok", "a file may end without a line end");
    for cut in 2..=4 {
        assert_eq!(fault(&whole[..whole.len() - cut]), "codes_cut_short", "{cut} bytes");
    }
    let short = whole.replace(",419\n", ",\n");
    assert_eq!(fault(&short), "ok", "the line is whole");
    assert_eq!(
        fault(&format!("{HEADER}{CARD},4823,90817265,")),
        "ok",
        "no other row says how long codes are"
    );
    let other = night(&[&whole[..whole.len() - 2]]);
    assert_eq!(found(&other, "2400000001").map(|codes| codes[2].clone()), Ok("417".to_owned()));
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
fn every_fault_and_warning_has_both_languages_with_the_same_values() {
    let of_cards = [
        "1234,90817263,",
        "482,90817263,",
        "4821,9081726,",
        "4821,90817263,a b",
        "4821,90817263",
        &"4,".repeat(40),
    ];
    let twice = format!("{HEADER}{CARD},4821,90817263,\n{CARD},4822,90817263,\n");
    let texts = of_cards.iter().map(|row| format!("{HEADER}{CARD},{row}\n")).chain([twice]);
    for text in texts {
        let Some(Err(fault)) = night(&[&text]).of_card(CARD) else { panic!("{text}") };
        assert_same(&fault.message.to_string(), &fault.message.french());
    }
    let alike: String = (0..40).map(|n| format!("{},4444,90817263,A1B2C3\n", 2_400_000_000u64 + n)).collect();
    let nobodys = "24001,4821,90817263,\n".repeat(25);
    let file = read(&format!("{HEADER}{alike}{nobodys}")).unwrap_or_else(|error| panic!("{error}"));
    let mut codes: Vec<&str> = file.warnings().iter().map(|warning| warning.code).collect();
    codes.dedup();
    let all = ["codes_card_number", "pin_simple", "pin_repeated", "puk_repeated", "assistance_code_repeated"];
    assert_eq!(codes, all);
    for warning in file.warnings() {
        assert_same(&warning.message.to_string(), &warning.message.french());
    }
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
        format!(
            "{},4821,90817263,{}\r\n",
            2_400_000_000 + n,
            if n.is_multiple_of(3) { "\"A\r\nB\"" } else { "" }
        )
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
    let before = peak();
    let night = in_use.open();
    let opening = (peak() - before) * 1024;
    assert!(opening < 14 * cards + (1 << 20), "{opening} bytes for a text of {length}");
    assert!(opening < length, "{opening} bytes for a text of {length}");
    let all: Vec<String> = (0..cards).map(|n| (2_000_000_000 + n).to_string()).collect();
    for cards in all.chunks(1024) {
        let asked: Vec<&str> = cards.iter().map(String::as_str).collect();
        assert!(night.of_cards(&asked).iter().all(|codes| matches!(codes, Some(Ok(_)))));
    }
    let alone = all.iter().step_by(97).filter(|card| matches!(night.of_card(card), Some(Ok(_)))).count();
    assert_eq!(alone, cards.div_ceil(97) as usize);
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
