//! The sheets at the ends of a lot, in the press stream: the first of its first file and the last of its last one.

use super::{LotWriter, OpenFile, in_print_file};
use crate::failure::Failure;
use crate::night::lot::{SheetLayout, left_stack};
use composition::{LotCounts, PieceFault};
use print_file::{LotSheetLabel, PrintedPage};

/// The names of the two sheets for a press controller.
pub(super) const HEADER: &str = "header";
pub(super) const TRAILER: &str = "trailer";

/// The sheets of a lot, for its trailer: of all pieces, printed here or by another share of the night.
#[derive(Debug, Clone)]
pub(crate) struct SheetCount {
    layout: SheetLayout,
    pieces_per_file: u32,
    pieces: u32,
    /// Sheets of the files that are full.
    sheets: u32,
    /// Sheets of each part of the last file, the lot's header among them.
    parts: Vec<u32>,
    /// The number of the last bundle; 0 where there is none.
    bundles: u32,
}

impl SheetCount {
    /// Begins with the lot's header.
    pub(crate) fn begin(layout: SheetLayout, pieces_per_file: u32) -> SheetCount {
        SheetCount { layout, pieces_per_file, pieces: 0, sheets: 0, parts: vec![1], bundles: 0 }
    }

    /// Counts a piece with this number of pages.
    pub(crate) fn add(&mut self, pages: usize) {
        if self.pieces > 0 && self.pieces.is_multiple_of(self.pieces_per_file) {
            self.sheets += self.of_last_file();
            self.parts.clear();
        }
        self.pieces += 1;
        self.parts.push(self.layout.sheets(pages as u32));
    }

    /// Notes the bundle of the last piece.
    pub(crate) fn note_bundle(&mut self, bundle: Option<u32>) {
        self.bundles = bundle.unwrap_or_default();
    }

    /// The sheets of the last file.
    fn of_last_file(&self) -> u32 {
        let side_by_side = if self.layout.imposed() { left_stack(&self.parts) } else { self.parts.len() };
        self.parts[..side_by_side].iter().sum()
    }

    /// How many files it is.
    fn files(&self) -> u32 {
        self.pieces.div_ceil(self.pieces_per_file)
    }

    /// The sheets of all files, the trailer among them.
    fn sheets(mut self) -> u32 {
        self.parts.push(1);
        self.sheets + self.of_last_file()
    }
}

impl LotWriter<'_> {
    /// Begins a lot's first file with the lot's header.
    pub(super) fn begin_lot(&self, open: &mut OpenFile) -> Result<(), Failure> {
        match &self.order.lot_sheets {
            Some(press) if open.index == 0 => {
                let first_piece = self.order.numbers.piece_id(1);
                let pages = press.header(&first_piece).map_err(|faults| not_composed(&faults))?;
                self.append_lot_sheet(open, pages, HEADER)
            }
            _ => Ok(()),
        }
    }

    /// Whether the open file is the last of a lot of so many pieces.
    pub(super) fn ends_with(&self, count: &SheetCount) -> bool {
        self.open.as_ref().is_some_and(|open| open.index as u32 + 1 == count.files())
    }

    /// Ends a lot's last file, where that is printed here, with the lot's trailer. A lot without pieces has none.
    pub(super) fn end_lot(&mut self, count: SheetCount) -> Result<(), Failure> {
        let Some(press) = &self.order.lot_sheets else { return Ok(()) };
        let (pieces, files, bundles) = (count.pieces, count.files(), count.bundles);
        let Some(mut open) = self.open.take_if(|open| open.index as u32 + 1 == files) else { return Ok(()) };
        let [first_piece, last_piece] = [1, pieces].map(|sequence| self.order.numbers.piece_id(sequence));
        let counts = LotCounts { first_piece, last_piece, pieces, files, sheets: count.sheets(), bundles };
        let pages = press.trailer(&counts).map_err(|faults| not_composed(&faults))?;
        let appended = self.append_lot_sheet(&mut open, pages, TRAILER);
        self.open = Some(open);
        appended
    }

    fn append_lot_sheet(
        &self,
        open: &mut OpenFile,
        pages: Vec<PrintedPage>,
        kind: &'static str,
    ) -> Result<(), Failure> {
        if self.order.layout.imposed() {
            open.pending.ends[usize::from(kind == TRAILER)] = pages;
            return Ok(());
        }
        let label = LotSheetLabel { lot: self.order.lot().as_str(), kind };
        open.file.lot_sheet(&pages, &label).map_err(|error| in_print_file(self.folder, &open.path, error))?;
        open.pages += pages.len() as u32;
        Ok(())
    }
}

/// The template check makes sure that a lot's sheets can be composed.
fn not_composed(faults: &[PieceFault]) -> Failure {
    let fault = faults.first().map_or("unknown", |fault| fault.code);
    Failure::bug(format!("the sheets at the ends of the lot can't be composed ({fault})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use crate::night::lot::Turn;
    use print_file::Grid;

    /// Files and sheets of a lot, four pieces to a file.
    fn counted(imposition: Imposition, turn: Turn, pieces: u32, pages: usize) -> (u32, u32) {
        let layout = SheetLayout { grid: Grid::new(600), imposition, turn };
        let mut count = SheetCount::begin(layout, 4);
        (0..pieces).for_each(|_| count.add(pages));
        (count.files(), count.sheets())
    }

    #[test]
    fn a_trailer_counts_every_sheet_of_the_lot() {
        let one = |pieces| counted(Imposition::OneUp, Turn::Simplex, pieces, 1);
        assert_eq!([one(1), one(4), one(5), one(8)], [(1, 3), (1, 6), (2, 7), (2, 10)]);
        assert_eq!(counted(Imposition::OneUp, Turn::LongEdge, 4, 3), (1, 10), "two sheets a piece");
        let two = |pieces| counted(Imposition::TwoUp, Turn::Simplex, pieces, 1);
        assert_eq!([two(1), two(4), two(8)], [(1, 2), (1, 3), (2, 6)]);
    }
}
