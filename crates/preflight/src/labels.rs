//! What leaves tell a press controller: of a piece, of the sheet at an end of the lot, or of a sheet of two pieces.

use std::collections::BTreeSet;

use hayro::hayro_syntax::object::{Array, Dict, String as PdfString};

use super::{Clause, Faults};

/// What is told of a piece, and nothing else.
const PIECE_KEYS: &[&str] =
    &["PLI_Piece", "PLI_Lot", "PLI_Sequence", "PLI_Kind", "PLI_Sheets", "PLI_WeightClass"];
/// What is told of a sheet at an end of the lot.
const LOT_SHEET_KEYS: &[&str] = &["PLI_Lot", "PLI_Kind", "PLI_Sheets"];
/// What is told of an imposed sheet.
const SHEET_KEYS: &[&str] = &["PLI_Pieces", "PLI_Lot", "PLI_Sheet", "PLI_Kind", "PLI_WeightClass"];
/// The sheets at the ends of a lot.
const LOT_SHEETS: [&[u8]; 2] = [b"header", b"trailer"];

/// Follows the labels of a file's leaves, in order.
pub(super) struct Labels {
    imposed: bool,
    seen: BTreeSet<Vec<u8>>,
    /// The last sequence of a piece, or the last imposed sheet.
    last: Option<u32>,
}

impl Labels {
    /// The labels of pieces, or of imposed sheets.
    pub fn new(imposed: bool) -> Labels {
        Labels { imposed, seen: BTreeSet::new(), last: None }
    }

    /// Checks the label of the document part of that number, which has so many pages.
    pub fn check(&mut self, number: i32, leaf: &Dict, pages: usize, faults: &mut Faults) {
        let told = leaf.get::<Dict>("DPM").and_then(|dpm| only(&dpm, "CIP4_Root"));
        let Some(told) = told.and_then(|root| only(&root, "CIP4_Production")) else {
            let message = format!("document part {number}: no metadata of a piece, or others beside them");
            return faults.add(Clause::Vt1Metadata, message);
        };
        let kind = text(&told, "PLI_Kind");
        let lot_sheet = kind.as_ref().is_some_and(|kind| LOT_SHEETS.contains(&&kind[..]));
        let mut label = Label { number, told: &told, faults };
        label.expect(
            kind.is_some() && text(&told, "PLI_Lot").is_some(),
            "an entry is missing or of another type",
        );
        if self.imposed {
            label.keys(SHEET_KEYS);
            self.sheet(&mut label);
        } else if lot_sheet {
            label.keys(LOT_SHEET_KEYS);
            label.sheets(pages);
        } else {
            label.keys(PIECE_KEYS);
            label.sheets(pages);
            self.piece(&mut label);
        }
    }

    fn piece(&mut self, label: &mut Label) {
        let piece = text(label.told, "PLI_Piece");
        let sequence = label.told.get::<u32>("PLI_Sequence");
        let sound = piece.is_some() && sequence.is_some() && label.has_weight();
        label.expect(sound, "an entry is missing or of another type");
        self.follows(label, sequence);
        let fresh = piece.is_some_and(|piece| self.seen.insert(piece.to_vec()));
        label.expect(fresh, "a reference that another piece has");
    }

    fn sheet(&mut self, label: &mut Label) {
        let pieces: Vec<PdfString> =
            label.told.get::<Array>("PLI_Pieces").map(|pieces| pieces.iter().collect()).unwrap_or_default();
        let sheet = label.told.get::<u32>("PLI_Sheet");
        let one_or_two = matches!(pieces.len(), 1 | 2) && pieces.iter().all(|piece| is_reference(piece));
        label.expect(
            one_or_two && sheet.is_some() && label.has_weight(),
            "an entry is missing or of another type",
        );
        self.follows(label, sheet);
    }

    fn follows(&mut self, label: &mut Label, rank: Option<u32>) {
        let follows = self.last.is_none_or(|last| rank == Some(last + 1));
        label.expect(follows, "its sequence does not follow the last");
        self.last = rank;
    }
}

/// The metadata of one leaf.
struct Label<'l, 'd> {
    number: i32,
    told: &'l Dict<'d>,
    faults: &'l mut Faults,
}

impl Label<'_, '_> {
    fn expect(&mut self, holds: bool, problem: &str) {
        let number = self.number;
        self.faults.expect(holds, Clause::Vt1Metadata, || format!("document part {number}: {problem}"));
    }

    fn keys(&mut self, known: &[&str]) {
        for key in self.told.keys() {
            let told = String::from_utf8_lossy(&key).into_owned();
            self.expect(known.contains(&told.as_str()), &format!("tells `{told}`"));
        }
    }

    fn sheets(&mut self, pages: usize) {
        let sheets = self.told.get::<u32>("PLI_Sheets");
        let agree = sheets.is_some_and(|sheets| sheets as usize == pages.div_ceil(2));
        self.expect(agree, &format!("{pages} pages are not so many sheets"));
    }

    fn has_weight(&self) -> bool {
        self.told.get::<u32>("PLI_WeightClass").is_some()
    }
}

/// The dictionary under a key, if nothing else is beside it.
fn only<'a>(outer: &Dict<'a>, key: &str) -> Option<Dict<'a>> {
    outer.get::<Dict<'a>>(key).filter(|_| outer.len() == 1)
}

fn text<'a>(told: &Dict<'a>, key: &str) -> Option<PdfString<'a>> {
    told.get::<PdfString>(key).filter(|text| is_reference(text))
}

/// Whether text can be a reference, a lot or a kind: short, of letters, digits and the backslash, and no card number.
fn is_reference(text: &[u8]) -> bool {
    let plain = text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\\');
    plain && (1..=13).contains(&text.len()) && !text.iter().all(u8::is_ascii_digit)
}
