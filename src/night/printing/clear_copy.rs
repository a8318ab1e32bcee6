//! Clear copies: the first pieces of a sealed file, written a second time into memory and checked.
//!
//! A sealed file can't be read back, and is never in memory whole. So its first pieces go through the same writer into
//! memory that is wiped, and this copy is checked against the standards instead.

use std::io::{self, Write};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::conformance::{conformance_faults, standard};
use crate::night::lot::SheetLayout;
use preflight::Marks;
use print_file::{
    FileLabel, FontProgram, LotSheetLabel, OutputIntent, PieceLabel, PrintFile, PrintedPage, SheetLabel,
    Stock,
};

/// How many pieces a copy holds.
const COPIED_PIECES: usize = 16;

/// The first pieces of a sealed file, in clear.
pub(super) struct ClearCopy {
    file: PrintFile<Wiped>,
    layout: SheetLayout,
    pieces: usize,
}

impl ClearCopy {
    /// Begins a copy together with its file.
    ///
    /// # Errors
    /// Never fails: writes to memory.
    pub(super) fn begin(
        layout: SheetLayout,
        stock: &Stock,
        fonts: usize,
        intent: &OutputIntent,
    ) -> io::Result<ClearCopy> {
        let out = Wiped { bytes: Zeroizing::new(Vec::with_capacity(stock.objects.len() + (1 << 20))) };
        let file = PrintFile::begin(out, layout.grid, stock, fonts, intent)?.padded();
        let file = if layout.imposed() { file.imposed(layout.grid)? } else { file };
        Ok(ClearCopy { file, layout, pieces: 0 })
    }

    /// Copies a piece if it is among the first 16.
    ///
    /// # Errors
    /// Never fails: writes to memory.
    pub(super) fn piece(&mut self, pages: &[PrintedPage], label: &PieceLabel) -> io::Result<()> {
        self.pieces += 1;
        match self.pieces <= COPIED_PIECES {
            true => self.file.piece(pages, label),
            false => Ok(()),
        }
    }

    /// Copies a lot's header or trailer sheet.
    ///
    /// # Errors
    /// Never fails: writes to memory.
    pub(super) fn lot_sheet(&mut self, pages: &[PrintedPage], label: &LotSheetLabel) -> io::Result<()> {
        self.file.lot_sheet(pages, label)
    }

    /// Copies an imposed sheet if its pieces are among the first 16.
    ///
    /// # Errors
    /// Never fails: writes to memory.
    pub(super) fn sheet(
        &mut self,
        sides: &[[Option<&PrintedPage>; 2]],
        label: &SheetLabel,
    ) -> io::Result<()> {
        self.pieces += 2;
        match self.pieces <= COPIED_PIECES {
            true => self.file.sheet(sides, label),
            false => Ok(()),
        }
    }

    /// Ends the copy and returns its conformance faults, one message each; `name` is the sealed file's.
    ///
    /// # Errors
    /// A font that can't be subset.
    pub(super) fn finish(
        self,
        fonts: &[FontProgram],
        label: &FileLabel,
        name: &str,
    ) -> io::Result<Vec<String>> {
        let (mut out, ..) = self.file.finish(fonts, label)?;
        let bytes = Arc::new(std::mem::take(&mut *out.bytes));
        let faults = conformance_faults(name, &bytes, standard(label.conformance, self.layout), Marks::All);
        if let Ok(bytes) = Arc::try_unwrap(bytes) {
            drop(Zeroizing::new(bytes));
        }
        Ok(faults)
    }
}

/// Memory that is wiped when it grows and when it goes.
struct Wiped {
    bytes: Zeroizing<Vec<u8>>,
}

impl Write for Wiped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.capacity() - self.bytes.len() < more.len() {
            let mut larger = Vec::with_capacity(2 * (self.bytes.len() + more.len()));
            larger.extend_from_slice(&self.bytes);
            self.bytes = Zeroizing::new(larger);
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use crate::night::lot::Turn;
    use print_file::{Conformance, Grid, PageContent};

    fn faults_of_copy(pieces: usize, draw: impl Fn(&mut PageContent)) -> Vec<String> {
        let (grid, intent) = (Grid::new(600), OutputIntent::uncoated());
        let layout = SheetLayout { grid, imposition: Imposition::OneUp, turn: Turn::Simplex };
        let stock = Stock { forms: vec![16], objects: FORM.to_vec(), offsets: vec![(16, 0)] };
        let mut copy = ClearCopy::begin(layout, &stock, 0, &intent).expect("memory");
        for sequence in 1..=pieces {
            let mut page = PageContent::new(grid, 0);
            draw(&mut page);
            let piece = format!("26327A\\{sequence:06}");
            let label = PieceLabel {
                piece: &piece,
                lot: "26327A",
                sequence: sequence as u32,
                kind: "mailer",
                sheets: 1,
                weight_class: 20,
            };
            copy.piece(&[page.finish()], &label).expect("memory");
        }
        let label = FileLabel {
            title: "mailers 26327A".to_owned(),
            lot: "26327A".to_owned(),
            day: (2026, 11, 23),
            conformance: Conformance::Press,
        };
        copy.finish(&[], &label, "mailers/26327A-0001.pdf.age").expect("memory")
    }

    const FORM: &[u8] = b"16 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>/GTS_Encapsulated true\
        /GTS_Scope/File/GTS_XID(uuid:00000000-0000-8000-8000-000000000000)/Length 3>>\nstream\nq Q\nendstream\nendobj\n";

    #[test]
    fn a_sound_copy_has_no_fault_however_many_pieces_its_file_has() {
        let bars = |page: &mut PageContent| page.bars(10, 10, 30, &[(0, 3), (6, 3)]);
        assert_eq!(faults_of_copy(3 * COPIED_PIECES, bars), [""; 0]);
    }

    #[test]
    fn a_fault_of_a_copy_names_the_sealed_file_and_the_clause() {
        let faults = faults_of_copy(1, |page| page.outline(5.0, 5.0, 9.0, 9.0, [1.0, 0.0, 0.0]));
        let colour = "mailers/26327A-0001.pdf.age: PDF/X-4 colour: page 1: ";
        assert!(faults.iter().any(|fault| fault.starts_with(colour)), "{faults:?}");
    }
}
