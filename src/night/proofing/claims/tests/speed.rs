//! How long claims take.

use std::time::{Duration, Instant};

use template::TwoDDocMark;

use super::peers::beginnings;
use super::*;

/// The claims of a letter with ten marks take less than five microseconds, the parsing of its block apart.
#[test]
#[ignore = "measures time"]
fn claims_of_a_letter_take_five_microseconds_at_most() {
    let (map, lot) = (BlockMap::default(), lot("26327A"));
    let claims = claims_of(PieceKind::Letter, &Machine::default(), Some(&map));
    let fields = [
        FieldName::PieceId,
        FieldName::CardNumber,
        FieldName::CardNumber,
        FieldName::Holder,
        FieldName::Date,
        FieldName::ExpiryDate,
    ];
    let mut marks: Vec<Mark> = fields.map(|field| text_mark(Some(field), Fit::Shrink)).into();
    marks.push(text_mark(None, Fit::Shrink));
    marks.push(code39_mark(FieldName::CardNumber));
    marks.push(Mark::TwoDDoc(TwoDDocMark { rect: rect(400.0, 400.0), module: 1.44 }));
    marks.push(text_mark(Some(FieldName::Profession), Fit::Wrap));
    let side = side(1, 1, marks);
    let records = beginnings();
    let round = || {
        let begin = Instant::now();
        let claimed: usize = records
            .iter()
            .map(|record| claims.of_side(&piece(PieceKind::Letter, &lot, 1, record), &side).len())
            .sum();
        assert_eq!(claimed, records.len() * 10);
        begin.elapsed() / records.len() as u32
    };
    let best = (0..50).map(|_| round()).min().expect("rounds");
    assert!(best < Duration::from_micros(5), "{best:?}");
}
