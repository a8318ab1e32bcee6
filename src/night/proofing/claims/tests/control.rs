//! What an inserter reads.

use std::num::NonZeroU32;

use composition::Stamper;
use mail::inserter::{OmrBit, Parity};
use print_file::Grid;
use proptest::prelude::*;
use serde_json::json;
use template::{ControlCodeMark, OmrMark};

use super::super::control::{OmrBar, code, places};
use super::peers::{beginnings, template};
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_draw_the_same_control_marks(
        sequence in 1..=999_999u32,
        (marks, modulus) in (prop::sample::subsequence(
            vec![OmrBit::Benchmark, OmrBit::Safety, OmrBit::StartOfSet, OmrBit::EndOfSet, OmrBit::Sequence1, OmrBit::Sequence2,
                OmrBit::Sequence4, OmrBit::Sequence8, OmrBit::Sequence16, OmrBit::Sequence32, OmrBit::Parity], 1..=11), 1..=64u32),
        odd in any::<bool>(),
        content in prop::sample::select(vec!["{kind}{lot}{sequence}{sheet}{sheets}", "{lot}-{sequence}", "{sheets}/{sheet} {sequence}:{lot}{kind}.A"]),
        reprint in 0..3u32,
        mailer in any::<bool>(),
    ) {
        let kind = if mailer { PieceKind::Mailer } else { PieceKind::Letter };
        let machine = Machine {
            omr_marks: marks,
            sequence_modulus: modulus,
            parity: if odd { Parity::Odd } else { Parity::Even },
            code_content: content.to_owned(),
            ..Machine::default()
        };
        let template = template(kind);
        let stamper = Stamper::for_machine(&template, Grid::new(600), 0, machine.clone()).expect("a press");
        let night = lot("26327B");
        let name = NonZeroU32::new(reprint).map_or(night.clone(), |number| night.reprint(number));
        let record = &beginnings()[0];
        let position = LotPosition { lot: &name, kind, sequence };
        let peer = stamper.control_marks(record, position).expect("marks");
        let own = [1, 2].map(|sheet| code(&machine, position, sheet, 2));
        prop_assert_eq!(own.to_vec(), peer.codes);
        // The strip, read as an inserter reads it.
        for sheet in [1, 2] {
            let drawn = places(&machine, sequence, sheet, 2);
            let there = |bit| machine.omr_marks.iter().position(|known| *known == bit).map(|place| drawn.contains(&place));
            let weights = [OmrBit::Sequence1, OmrBit::Sequence2, OmrBit::Sequence4, OmrBit::Sequence8, OmrBit::Sequence16, OmrBit::Sequence32];
            let counted = peer.omr_sequence.unwrap_or(0);
            for (power, bit) in weights.into_iter().enumerate() {
                prop_assert_eq!(there(bit).unwrap_or(counted >> power & 1 == 1), counted >> power & 1 == 1);
            }
            prop_assert_eq!(there(OmrBit::EndOfSet).unwrap_or(sheet == 2), sheet == 2);
            prop_assert_eq!(there(OmrBit::StartOfSet).unwrap_or(sheet == 1), sheet == 1);
            prop_assert!(there(OmrBit::Benchmark) != Some(false) && there(OmrBit::Safety) != Some(false));
            if machine.omr_marks.contains(&OmrBit::Parity) {
                prop_assert_eq!(drawn.len() % 2 == 1, odd);
            }
        }
    }
}
