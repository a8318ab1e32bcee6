//! What an inserter reads.

use mail::inserter::{OmrBit, Parity};
use serde_json::json;
use template::{ControlCodeMark, OmrMark};

use super::super::control::{OmrBar, code, places};
use super::*;

fn position(lot: &LotName, kind: PieceKind, sequence: u32) -> LotPosition<'_> {
    LotPosition { lot, kind, sequence }
}

#[test]
fn a_control_code_names_the_sheet() {
    let (machine, lot, again) = (Machine::default(), lot("26327A"), lot("26327A.1"));
    assert_eq!(code(&machine, position(&lot, PieceKind::Letter, 908), 1, 1), "L26327A0009080101");
    assert_eq!(code(&machine, position(&lot, PieceKind::Mailer, 1), 2, 12), "M26327A0000010212");
    assert_eq!(code(&machine, position(&again, PieceKind::Letter, 1), 1, 1), "L26327A.10000010101");
    let machine = Machine { code_content: "A-{sequence}/{lot}.{sheet}:B".to_owned(), ..machine };
    assert_eq!(code(&machine, position(&lot, PieceKind::Letter, 7), 3, 4), "A-000007/26327A.03:B");
}

#[test]
fn the_marks_of_a_strip() {
    // benchmark, safety, end_of_set, sequence_1, sequence_2, sequence_4, parity: even
    let machine = Machine::default();
    assert_eq!(places(&machine, 8, 1, 1), [0, 1, 2, 6]);
    assert_eq!(places(&machine, 5, 1, 1), [0, 1, 2, 3, 5, 6]);
    assert_eq!(places(&machine, 7, 1, 1), [0, 1, 2, 3, 4, 5]);
    assert_eq!(places(&machine, 1, 1, 2), [0, 1, 3, 6]);
    assert_eq!(places(&machine, 9, 2, 2), [0, 1, 2, 3]);
    let odd = Machine { parity: Parity::Odd, ..machine.clone() };
    assert_eq!(places(&odd, 8, 1, 1), [0, 1, 2]);
    let short = Machine {
        omr_marks: vec![OmrBit::StartOfSet, OmrBit::EndOfSet, OmrBit::Benchmark],
        sequence_modulus: 0,
        ..machine
    };
    assert_eq!(places(&short, 5, 1, 2), [0, 2]);
    assert_eq!(places(&short, 5, 2, 2), [1, 2]);
}

#[test]
fn a_bar_is_on_the_nearest_dots() {
    let (record, lot) = (record(json!({})), lot("26327A"));
    let letter = piece(PieceKind::Letter, &lot, 8, &record);
    let strip =
        Mark::Omr(OmrMark { rect: Rect { x: 7.1, y: 22.7, width: 34.0, height: 102.0 }, clear: 5.67 });
    let code = Mark::ControlCode(ControlCodeMark { rect: rect(40.0, 40.0) });
    let side = side(1, 1, vec![strip, code]);
    let claims = claims(PieceKind::Letter);
    let claimed = claims.of_side(&letter, &side);
    assert!(
        claimed[1].is_shown_by(&["L26327A0000080101"]) && !claimed[1].is_shown_by(&["L26327A0000090101"])
    );
    let Claim::Omr(bars) = &claimed[0] else { panic!("bars") };
    assert_eq!(bars.iter().map(|bar| bar.place).collect::<Vec<_>>(), [0, 1, 2, 6]);
    // In dots of 600 to the inch, by hand: (7.1 + 5.67) / 0.12, (22.7 + 5.67 + 6 × 4.23 mm) / 0.12, 7.5 mm, 0.5 mm.
    let at = |bar: &OmrBar, [left, top, length, thickness]: [f64; 4]| {
        bar.is_at(600, left * 0.12, top * 0.12, length * 0.12, thickness * 0.12)
    };
    assert!(at(&bars[3], [106.0, 836.0, 177.0, 12.0]));
    for changed in 0..4 {
        for by in [-1.0, 1.0, 0.5, -0.5] {
            let mut dots = [106.0, 836.0, 177.0, 12.0];
            dots[changed] += by;
            assert!(!at(&bars[3], dots), "{dots:?}");
        }
    }
    assert!(!at(&bars[2], [106.0, 836.0, 177.0, 12.0]));
    let thin = OmrBar { thickness: 0.01, ..bars[3] };
    assert!(at(&thin, [106.0, 836.0, 177.0, 1.0]) && !at(&thin, [106.0, 836.0, 177.0, 0.0]));
}
