//! The labels that a press controller reads from leaves: of a piece, of a lot's header or trailer sheet, or of an imposed
//! sheet.

use std::collections::BTreeSet;

use hayro_syntax::object::{Array, Dict, String as PdfString};

use super::{Clause, Faults};

/// The entries of a piece.
const PIECE_KEYS: &[&str] =
    &["PLI_Piece", "PLI_Lot", "PLI_Sequence", "PLI_Kind", "PLI_Sheets", "PLI_WeightClass"];
/// The entries of a lot's header or trailer sheet.
const LOT_SHEET_KEYS: &[&str] = &["PLI_Lot", "PLI_Kind", "PLI_Sheets"];
/// The entries of an imposed sheet.
const SHEET_KEYS: &[&str] = &["PLI_Pieces", "PLI_Lot", "PLI_Sheet", "PLI_Kind", "PLI_WeightClass"];
/// The kinds of a lot's header and trailer sheet.
const LOT_SHEET_KINDS: [&[u8]; 2] = [b"header", b"trailer"];

/// Checks the labels of a file's leaves, in order.
pub(super) struct Labels {
    imposed: bool,
    /// The references of the pieces so far.
    seen: BTreeSet<Vec<u8>>,
    /// The sequence of the last piece, or the number of the last imposed sheet.
    last: Option<u32>,
}

impl Labels {
    /// No label yet, of a file of pieces or of imposed sheets.
    pub fn new(imposed: bool) -> Labels {
        Labels { imposed, seen: BTreeSet::new(), last: None }
    }

    /// Checks the label of the leaf with object number `number` and `pages` pages.
    pub fn check(&mut self, number: i32, leaf: &Dict, pages: usize, faults: &mut Faults) {
        let root = leaf.get::<Dict>("DPM").and_then(|dpm| only(&dpm, "CIP4_Root"));
        let Some(entries) = root.and_then(|root| only(&root, "CIP4_Production")) else {
            let message =
                format!("document part {number}: no metadata of a piece, or other metadata beside them");
            return faults.add(Clause::Vt1Metadata, message);
        };
        let kind = text(&entries, "PLI_Kind");
        let lot_sheet = kind.as_ref().is_some_and(|kind| LOT_SHEET_KINDS.contains(&&kind[..]));
        let mut label = Label { number, entries: &entries, faults };
        label.expect(
            kind.is_some() && text(&entries, "PLI_Lot").is_some(),
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
        let piece = text(label.entries, "PLI_Piece");
        let sequence = label.entries.get::<u32>("PLI_Sequence");
        let sound = piece.is_some() && sequence.is_some() && label.has_weight();
        label.expect(sound, "an entry is missing or of another type");
        self.follows(label, sequence);
        let new = piece.is_some_and(|piece| self.seen.insert(piece.to_vec()));
        label.expect(new, "a reference that another piece has");
    }

    fn sheet(&mut self, label: &mut Label) {
        let pieces: Vec<PdfString> = label
            .entries
            .get::<Array>("PLI_Pieces")
            .map(|pieces| pieces.iter().collect())
            .unwrap_or_default();
        let sheet = label.entries.get::<u32>("PLI_Sheet");
        let one_or_two = matches!(pieces.len(), 1 | 2) && pieces.iter().all(|piece| is_reference(piece));
        label.expect(
            one_or_two && sheet.is_some() && label.has_weight(),
            "an entry is missing or of another type",
        );
        self.follows(label, sheet);
    }

    fn follows(&mut self, label: &mut Label, number: Option<u32>) {
        let follows = self.last.is_none_or(|last| number == Some(last + 1));
        label.expect(follows, "its number does not follow the last");
        self.last = number;
    }
}

/// The metadata of one leaf.
struct Label<'l, 'd> {
    number: i32,
    entries: &'l Dict<'d>,
    faults: &'l mut Faults,
}

impl Label<'_, '_> {
    fn expect(&mut self, holds: bool, problem: &str) {
        let number = self.number;
        self.faults.expect(holds, Clause::Vt1Metadata, || format!("document part {number}: {problem}"));
    }

    fn keys(&mut self, known: &[&str]) {
        for key in self.entries.keys() {
            let key = String::from_utf8_lossy(&key).into_owned();
            self.expect(known.contains(&key.as_str()), &format!("an entry `{key}`"));
        }
    }

    fn sheets(&mut self, pages: usize) {
        let sheets = self.entries.get::<u32>("PLI_Sheets");
        let agree = sheets.is_some_and(|sheets| sheets as usize == pages.div_ceil(2));
        self.expect(agree, &format!("`PLI_Sheets` does not agree with {pages} pages"));
    }

    fn has_weight(&self) -> bool {
        self.entries.get::<u32>("PLI_WeightClass").is_some()
    }
}

/// The dictionary under `key`, if it is the only entry.
fn only<'a>(outer: &Dict<'a>, key: &str) -> Option<Dict<'a>> {
    outer.get::<Dict<'a>>(key).filter(|_| outer.len() == 1)
}

fn text<'a>(entries: &Dict<'a>, key: &str) -> Option<PdfString<'a>> {
    entries.get::<PdfString>(key).filter(|text| is_reference(text))
}

/// Whether `text` can be a reference, a lot or a kind: 1 to 13 letters, digits and backslashes, and not digits alone,
/// which a card number would be; the number of a reprint may follow behind a dot.
fn is_reference(text: &[u8]) -> bool {
    let dot = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let (name, again) = text.split_at(dot);
    let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\\');
    let numbered =
        again.is_empty() || matches!(again.len(), 2..=11) && again[1..].iter().all(u8::is_ascii_digit);
    plain && numbered && (1..=13).contains(&name.len()) && !name.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_piece_and_no_card() {
        for text in ["26327A", "26327A000001", "26327A\\000001", "26327A.1", "26327A\\000001.12", "letter"] {
            assert!(is_reference(text.as_bytes()), "{text}");
        }
        for text in
            ["", "2400140649", "2400140649.1", "26327A.", "26327A.1.1", "26327A.x", ".1", "26327A 000001"]
        {
            assert!(!is_reference(text.as_bytes()), "{text}");
        }
    }
}
