//! Document parts: which pages are one piece, and the label that a press controller reads (ISO 16612-2; the same
//! dictionaries are in ISO 32000-2 §14.12).
//!
//! Takes the label of each piece and returns the tree: the file, groups of a thousand, one leaf for each piece. A label has
//! no field for a name, a card number or a code.

use super::number::push_int;

/// The most leaves in one group, so that no array grows with the file.
pub(super) const LEAVES_PER_GROUP: usize = 1000;
/// The levels of the tree. Pieces are records, which are level 2 counted from 0.
const LEVELS: &str = "/RecordLevel 2/NodeNameList[/Lot/Group/Piece]";
/// The levels of a file of imposed sheets. None is the record level, since a sheet holds two pieces.
const IMPOSED_LEVELS: &str = "/NodeNameList[/Lot/Group/Sheet]";

/// The label of a piece, by which a press controller selects, sorts and reprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceLabel<'a> {
    /// The reference that is printed on the piece.
    pub piece: &'a str,
    /// The piece's lot.
    pub lot: &'a str,
    /// The piece's position in the lot, from 1.
    pub sequence: u32,
    /// The piece's kind, such as `letter`.
    pub kind: &'a str,
    /// The number of sheets.
    pub sheets: u32,
    /// The postal weight class in grams.
    pub weight_class: u32,
}

/// The label of a lot's header or trailer sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotSheetLabel<'a> {
    /// The lot.
    pub lot: &'a str,
    /// `header` or `trailer`.
    pub kind: &'a str,
}

/// The label of an imposed sheet, by which a press controller selects and reprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetLabel<'a> {
    /// The lot of its pieces.
    pub lot: &'a str,
    /// The kind of its pieces.
    pub kind: &'a str,
    /// The sheet's position in the file, from 1.
    pub sheet: u32,
    /// What is on the sheet, from the left: the reference of a piece, `header` or `trailer`.
    pub pieces: [Option<&'a str>; 2],
    /// The postal weight class of a piece in grams.
    pub weight_class: u32,
}

impl PieceLabel<'_> {
    /// Appends the entries of the label.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        push_string(out, "/PLI_Piece", self.piece);
        push_string(out, "/PLI_Lot", self.lot);
        push_number(out, "/PLI_Sequence ", self.sequence);
        push_string(out, "/PLI_Kind", self.kind);
        push_number(out, "/PLI_Sheets ", self.sheets);
        push_number(out, "/PLI_WeightClass ", self.weight_class);
    }
}

impl LotSheetLabel<'_> {
    /// Appends the entries of the label.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        push_string(out, "/PLI_Lot", self.lot);
        push_string(out, "/PLI_Kind", self.kind);
        push_number(out, "/PLI_Sheets ", 1);
    }
}

impl SheetLabel<'_> {
    /// Appends the entries of the label.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"/PLI_Pieces[");
        self.pieces.into_iter().flatten().for_each(|piece| push_string(out, "", piece));
        push_string(out, "]/PLI_Lot", self.lot);
        push_number(out, "/PLI_Sheet ", self.sheet);
        push_string(out, "/PLI_Kind", self.kind);
        push_number(out, "/PLI_WeightClass ", self.weight_class);
    }
}

/// Appends a leaf: its group, its first and last page, and its metadata.
pub(super) fn push_leaf(
    out: &mut Vec<u8>,
    group: u32,
    (start, end): (u32, u32),
    metadata: impl FnOnce(&mut Vec<u8>),
) {
    push_reference(out, "<</Type/DPart/Parent ", group);
    push_reference(out, "/Start ", start);
    push_reference(out, "/End ", end);
    out.extend_from_slice(b"/DPM<</CIP4_Root<</CIP4_Production<<");
    metadata(out);
    out.extend_from_slice(b">>>>>>>>");
}

/// The tree of a file while it is written: the numbers of the open group's leaves and of all groups.
#[derive(Debug)]
pub(super) struct PartTree {
    root: u32,
    groups: Vec<u32>,
    leaves: Vec<u32>,
}

impl PartTree {
    /// A tree whose root node has the number `root`.
    pub fn new(root: u32) -> PartTree {
        PartTree { root, groups: Vec::new(), leaves: Vec::new() }
    }

    /// Whether the next leaf needs a new group.
    pub fn needs_group(&self) -> bool {
        self.groups.is_empty() || self.leaves.len() == LEAVES_PER_GROUP
    }

    /// Begins the group with the number `number`.
    pub fn begin_group(&mut self, number: u32) {
        self.groups.push(number);
    }

    /// Adds a leaf to the open group. Returns the group's number.
    pub fn add_leaf(&mut self, number: u32) -> u32 {
        self.leaves.push(number);
        self.groups.last().copied().unwrap_or(self.root)
    }

    /// Closes the open group. Returns its number and dictionary, or `None` if it has no leaves.
    pub fn close_group(&mut self) -> Option<(u32, Vec<u8>)> {
        let group = *self.groups.last().filter(|_| !self.leaves.is_empty())?;
        let mut out = Vec::with_capacity(64 + 12 * self.leaves.len());
        push_reference(&mut out, "<</Type/DPart/Parent ", self.root);
        push_parts(&mut out, &self.leaves);
        out.extend_from_slice(b">>");
        self.leaves.clear();
        Some((group, out))
    }

    /// The root node, which stands for the file and has the lot as its job. `tree` is its parent.
    pub fn top(&self, tree: u32, lot: &str) -> Vec<u8> {
        let mut out = Vec::new();
        push_reference(&mut out, "<</Type/DPart/Parent ", tree);
        push_parts(&mut out, &self.groups);
        push_string(
            &mut out,
            "/DPM<</CIP4_Root<</CIP4_Metadata<</CIP4_Conformance(base)/CIP4_Creator",
            "pli",
        );
        push_string(&mut out, "/CIP4_JobID", lot);
        out.extend_from_slice(b">>>>>>>>");
        out
    }

    /// The dictionary to which the catalog's `/DPartRoot` refers.
    pub fn tree(&self, imposed: bool) -> Vec<u8> {
        let mut out = Vec::new();
        push_reference(&mut out, "<</Type/DPartRoot/DPartRootNode ", self.root);
        out.extend_from_slice(if imposed { IMPOSED_LEVELS } else { LEVELS }.as_bytes());
        out.extend_from_slice(b">>");
        out
    }
}

/// Appends `/DParts`, which is an array of arrays.
fn push_parts(out: &mut Vec<u8>, parts: &[u32]) {
    out.extend_from_slice(b"/DParts[[");
    parts.iter().for_each(|&part| push_reference(out, " ", part));
    out.extend_from_slice(b"]]");
}

/// Appends `key`, with all that precedes the value, and a reference.
pub(super) fn push_reference(out: &mut Vec<u8>, key: &str, number: u32) {
    push_number(out, key, number);
    out.extend_from_slice(b" 0 R");
}

/// Appends `key`, with all that precedes the value, and a number.
fn push_number(out: &mut Vec<u8>, key: &str, number: u32) {
    out.extend_from_slice(key.as_bytes());
    push_int(out, i64::from(number));
}

/// Appends a key and a literal string. Bytes outside ASCII are written in octal (ISO 32000-1 §7.3.4.2).
fn push_string(out: &mut Vec<u8>, key: &str, text: &str) {
    out.extend_from_slice(key.as_bytes());
    out.push(b'(');
    for byte in text.bytes() {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b' '..=b'~' => out.push(byte),
            _ => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    out.push(b')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailers_reference_keeps_its_backslash() {
        let label = PieceLabel {
            piece: "26327A\\000001",
            lot: "26327A",
            sequence: 1,
            kind: "mailer",
            sheets: 1,
            weight_class: 20,
        };
        let mut leaf = Vec::new();
        push_leaf(&mut leaf, 30, (32, 34), |out| label.push(out));
        let text = String::from_utf8_lossy(&leaf).into_owned();
        assert!(text.starts_with("<</Type/DPart/Parent 30 0 R/Start 32 0 R/End 34 0 R/DPM<<"), "{text}");
        assert!(text.contains("/PLI_Piece(26327A\\\\000001)/PLI_Lot(26327A)/PLI_Sequence 1"), "{text}");
        assert_eq!(text.matches("<<").count(), text.matches(">>").count());
    }

    #[test]
    fn groups_hold_a_thousand_leaves() {
        let mut tree = PartTree::new(10);
        let mut closed = 0;
        for leaf in 0..2500u32 {
            if tree.needs_group() {
                closed += usize::from(tree.close_group().is_some());
                tree.begin_group(100_000 + leaf);
            }
            tree.add_leaf(leaf);
        }
        closed += usize::from(tree.close_group().is_some());
        assert_eq!((closed, tree.groups.len()), (3, 3));
        let top = String::from_utf8_lossy(&tree.top(9, "26324A")).into_owned();
        assert!(top.contains("/DParts[[ 100000 0 R 101000 0 R 102000 0 R]]"), "{top}");
    }
}
