//! What letters show, read from a print file on the disk and digested.

use std::path::PathBuf;
use std::sync::Arc;

use preflight::{ShowFault, ShownFile, ShownPage};
use rayon::prelude::*;

use crate::certificate::{
    Digester, FileDigests, FormNumbers, PieceDigest, PieceDigests, Salt, StockForms, certified_fonts,
    column_of_side, part_of_page,
};
use crate::failure::Failure;
use crate::night::paperwork::ManifestRow;

/// How many pieces a thread reads at a time, at least.
const SHARE: usize = 32;

/// A print file of letters.
pub(super) struct LetterFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How its sheets are turned.
    pub turn: &'static str,
    /// Whether two pieces lie side by side.
    pub imposed: bool,
}

impl LetterFile {
    /// Digests what the pieces of a file show.
    ///
    /// # Errors
    /// I/O errors; `bug`: the file shows its pages in a way that can't be read.
    pub(super) fn digests(&self, rows: &[ManifestRow], digester: &Digester) -> Result<FileDigests, Failure> {
        let bytes = Arc::new(fs_err::read(&self.path)?);
        let unreadable = |fault: ShowFault| self.unreadable(&fault);
        let file = ShownFile::open(bytes).map_err(unreadable)?;
        let stock = match digester.forms {
            Some(_) => None,
            None => Some(StockForms::of(&file).map_err(unreadable)?.list()),
        };
        let none = FormNumbers::default();
        let forms = digester.forms.or(stock.as_ref().map(|(_, forms)| forms)).unwrap_or(&none);
        let read = rows.par_iter().with_min_len(SHARE).map_init(ShownPage::default, |page, row| {
            self.piece((&file, forms), page, row, &(digester.salt)(&row.piece_id))
        });
        let pieces = read.collect::<Result<_, ShowFault>>().map_err(unreadable)?;
        Ok(FileDigests { pieces, fonts: certified_fonts(&file).map_err(unreadable)?, stock })
    }

    fn piece(
        &self,
        (file, forms): (&ShownFile, &FormNumbers),
        page: &mut ShownPage,
        row: &ManifestRow,
        salt: &Salt,
    ) -> Result<PieceDigest, ShowFault> {
        let mut digests = PieceDigests::begin(Some(salt), forms);
        for side in 0..row.pages as usize {
            file.page((row.first_page as usize).saturating_sub(1) + side, page)?;
            let column = column_of_side(self.turn, row.column.unwrap_or(1), side);
            digests.page(page, part_of_page(page, self.imposed, column));
        }
        Ok(digests.finish())
    }

    fn unreadable(&self, fault: &ShowFault) -> Failure {
        Failure::bug(format!("a print file that was proved can't be read: {fault}; nothing was released"))
            .in_file(self.path.display())
    }
}
