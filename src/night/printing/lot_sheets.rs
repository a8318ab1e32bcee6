//! The sheets at the ends of a lot, in the press stream: the first of its first file and the last of its last one.

use std::io;

use super::super::composition::{LotCounts, LotSheetPress, PieceFault};
use super::{Bench, OpenFile, within};
use crate::failure::Failure;
use crate::pdf::{LotSheetLabel, PrintedPage};

/// The names of the two sheets for a press controller.
pub(super) const HEADER: &str = "header";
pub(super) const TRAILER: &str = "trailer";

impl Bench<'_> {
    /// Begins a lot's first file with the lot's header.
    pub(super) fn begin_lot(&self, open: &mut OpenFile) -> Result<(), Failure> {
        match &self.order.lot_sheets {
            Some(press) if self.lot.files.is_empty() => {
                let pages = press.header().map_err(|faults| surprise(&faults))?;
                self.append_lot_sheet(open, pages, HEADER)
            }
            _ => Ok(()),
        }
    }

    /// Ends a lot's last file with the lot's trailer. A lot without pieces has none.
    pub(super) fn end_lot(&mut self) -> Result<(), Failure> {
        let Some(press) = &self.order.lot_sheets else { return Ok(()) };
        let Some(mut open) = self.open.take() else { return Ok(()) };
        let pages = self.trailer(press, &open).map_err(|faults| surprise(&faults))?;
        let appended = self.append_lot_sheet(&mut open, pages, TRAILER);
        self.open = Some(open);
        appended
    }

    fn trailer(&self, press: &LotSheetPress, open: &OpenFile) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let layout = self.order.layout;
        let pieces = self.lot.count + open.waiting.held.len() as u32;
        let printed: u32 = self.lot.files.iter().map(|file| layout.sheets(file.pages)).sum();
        let last_file = match layout.imposed() {
            true => open.waiting.sheets_with_trailer(layout),
            false => layout.sheets(open.pages) + 1,
        };
        press.trailer(&LotCounts {
            last_piece: self.order.lot.piece_id(self.order.kind, pieces),
            pieces,
            files: self.lot.files.len() as u32 + 1,
            sheets: printed + last_file,
        })
    }

    fn append_lot_sheet(
        &self,
        open: &mut OpenFile,
        pages: Vec<PrintedPage>,
        kind: &'static str,
    ) -> Result<(), Failure> {
        if self.order.layout.imposed() {
            open.waiting.ends[usize::from(kind == TRAILER)] = pages;
            return Ok(());
        }
        let label = LotSheetLabel { lot: self.order.lot.as_str(), kind };
        open.lot_sheet(&pages, &label).map_err(|error| within(self.folder, &open.path, error))?;
        open.pages += pages.len() as u32;
        Ok(())
    }
}

impl OpenFile {
    fn lot_sheet(&mut self, pages: &[PrintedPage], label: &LotSheetLabel) -> io::Result<()> {
        self.file.lot_sheet(pages, label)?;
        match &mut self.twin {
            Some(twin) => twin.lot_sheet(pages, label),
            None => Ok(()),
        }
    }
}

/// What a lot's sheets say has its place; if not, the program is at fault.
fn surprise(faults: &[PieceFault]) -> Failure {
    let fault = faults.first().map_or("unknown", |fault| fault.code);
    Failure::Midway(format!("the sheets at the ends of the lot can't be composed ({fault}); report this"))
}
