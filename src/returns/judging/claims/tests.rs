//! What belongs together on a page.

use twoddoc::trust::TrustStore;

use super::*;
use crate::returns::outcome::SymbolRead;

/// A job of default settings.
fn job(folder: &std::path::Path) -> Job {
    let file = folder.join("job.toml");
    fs_err::write(&file, "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n").expect("written");
    Job::load(&file).expect("a job")
}

fn symbol(format: SymbolFormat, text: &str, [x, y]: [f32; 2], agreed: bool) -> OnPage {
    let polygon = [[x, y], [x + 100.0, y], [x + 100.0, y + 40.0], [x, y + 40.0]];
    let step = "straight".to_owned();
    let read =
        SymbolRead { format, text: text.to_owned(), polygon, step, confidence: 0.5, agreed, grade: None };
    OnPage { read, bytes: text.bytes().collect() }
}

fn bars(text: &str, place: [f32; 2]) -> OnPage {
    symbol(SymbolFormat::Code39, text, place, true)
}

/// A block whose signature nobody vouches for.
fn block(number: &str, place: [f32; 2]) -> OnPage {
    let text =
        format!("DC04FR000001265C265CP101FR013220665764454676\u{1d}82{number}\u{1f}{}", "A".repeat(103));
    symbol(SymbolFormat::DataMatrix, &text, place, true)
}

/// What a claim has: the number of its bars, that of its block, and how many names.
type Parts = (Option<String>, Option<String>, usize);

/// The claims of a page of these symbols.
fn claims(symbols: Vec<OnPage>) -> (Vec<Parts>, PageClaims) {
    let folder = tempfile::tempdir().expect("a folder");
    let (job, trust) = (job(folder.path()), TrustStore::default());
    let page = PageRead { size: [2000, 3000], symbols, unread: Vec::new() };
    let claims = Words::new(&job, &trust).claims(&page);
    let text = |number: Option<CardNumber>| number.map(|number| number.to_string());
    let pieces = claims.pieces.iter().map(|claim| {
        let block = claim.block.as_ref().and_then(|block| block.number);
        (text(claim.bars.map(|(number, _)| number)), text(block), claim.named.len())
    });
    (pieces.collect(), claims)
}

const ONE: &str = "2400140649";
const TWO: &str = "2400140650";
const THREE: &str = "2400140651";

fn claim(bars: Option<&str>, block: Option<&str>, names: usize) -> Parts {
    (bars.map(str::to_owned), block.map(str::to_owned), names)
}

#[test]
fn bars_and_block_of_one_number_are_one_piece_wherever_they_lie() {
    let (pieces, _) = claims(vec![
        bars(ONE, [0.0, 0.0]),
        bars(TWO, [1000.0, 0.0]),
        block(TWO, [0.0, 1000.0]),
        block(ONE, [1000.0, 1000.0]),
    ]);
    let mut pieces = pieces;
    pieces.sort();
    assert_eq!(pieces, [claim(Some(ONE), Some(ONE), 0), claim(Some(TWO), Some(TWO), 0)]);
}

#[test]
fn bars_and_a_block_that_differ_are_one_piece_also_beside_others() {
    assert_eq!(
        claims(vec![bars(ONE, [0.0, 0.0]), block(TWO, [0.0, 900.0])]).0,
        [claim(Some(ONE), Some(TWO), 0)]
    );
    let (pieces, _) =
        claims(vec![bars(ONE, [0.0, 0.0]), block(TWO, [0.0, 900.0]), bars(THREE, [1500.0, 2000.0])]);
    assert_eq!(pieces, [claim(Some(ONE), Some(TWO), 0), claim(Some(THREE), None, 0)]);
}

#[test]
fn mailers_beside_each_other_and_beside_a_letter_are_pieces_of_their_own() {
    let (pieces, _) = claims(vec![
        bars("M26327A000001", [0.0, 0.0]),
        bars("M26327A000002", [0.0, 500.0]),
        bars(ONE, [0.0, 1000.0]),
        // The control code of the letter, and of the second mailer.
        symbol(SymbolFormat::DataMatrix, "L26324A0000010101", [0.0, 1100.0], true),
        symbol(SymbolFormat::DataMatrix, "M26327A0000020101", [0.0, 600.0], true),
    ]);
    assert_eq!(pieces, [claim(None, None, 1), claim(None, None, 2), claim(Some(ONE), None, 1)]);
}

#[test]
fn bars_that_do_not_agree_count_only_beside_what_says_the_same() {
    let weak = |text: &str| symbol(SymbolFormat::Code39, text, [0.0, 500.0], false);
    assert_eq!(claims(vec![weak(ONE), block(ONE, [0.0, 900.0])]).0, [claim(Some(ONE), Some(ONE), 0)]);
    assert_eq!(claims(vec![weak(ONE), bars(TWO, [0.0, 0.0])]).0, [claim(Some(TWO), None, 0)]);
    let (pieces, page) = claims(vec![weak(ONE)]);
    assert_eq!(pieces, [claim(Some(ONE), None, 0)]);
    assert_eq!(page.pieces[0].bars, Some((CardNumber::parse(ONE).expect("a number"), false)));
}

#[test]
fn separators_state_a_reason_each_once() {
    let (pieces, page) =
        claims(vec![bars("RETURN/REFUSED", [0.0, 0.0]), bars("RETURN/REFUSED", [0.0, 500.0])]);
    assert!(pieces.is_empty());
    assert_eq!(page.reasons, ["refused"]);
    let (_, menu) = claims(vec![bars("RETURN/REFUSED", [0.0, 0.0]), bars("RETURN/UNKNOWN", [0.0, 500.0])]);
    assert_eq!(menu.reasons, ["refused", "unknown"], "a wand's menu");
    let weak = symbol(SymbolFormat::Code39, "RETURN/REFUSED", [0.0, 0.0], false);
    assert!(claims(vec![weak]).1.reasons.is_empty());
}

#[test]
fn what_is_not_ours_is_kept_as_text_and_says_nothing() {
    let stranger = symbol(SymbolFormat::DataMatrix, "%0086920011", [0.0, 0.0], true);
    let (pieces, page) = claims(vec![stranger, bars("ABC-123", [0.0, 500.0])]);
    assert!(pieces.is_empty() && page.of_label.is_none());
    assert_eq!(page.foreign, ["%0086920011", "ABC-123"]);
}
