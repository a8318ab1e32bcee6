//! The texts of letters, read from a print file on the disk and digested.

use std::path::PathBuf;
use std::sync::Arc;

use preflight::{ShowFault, ShownFile, ShownPage};
use rayon::prelude::*;

use super::ManifestRow;
use crate::certificate::{PieceTexts, Salt, column_of_side, part_of_page};
use crate::failure::Failure;

/// How many pieces a thread reads at a time, at least.
const SHARE: usize = 32;

/// A print file of letters.
pub(super) struct LetterTexts {
    /// Where it lies.
    pub path: PathBuf,
    /// How its sheets are turned.
    pub turn: &'static str,
    /// Whether two pieces lie side by side.
    pub imposed: bool,
}

impl LetterTexts {
    /// The digests of the texts of each piece, with their number, in the order of the rows.
    ///
    /// # Errors
    /// I/O errors; `bug`: the file shows its pages in a way that can't be read.
    pub(super) fn digests(
        &self,
        rows: &[ManifestRow],
        salt: &(dyn Fn(&ManifestRow) -> Salt + Sync),
    ) -> Result<Vec<(String, u64)>, Failure> {
        let bytes = Arc::new(fs_err::read(&self.path)?);
        let file = ShownFile::open(bytes).map_err(|fault| self.unreadable(&fault))?;
        let rows = rows.par_iter().with_min_len(SHARE);
        let read = rows.map_init(ShownPage::default, |page, row| {
            self.piece(&file, page, row, &salt(row)).map_err(|fault| self.unreadable(&fault))
        });
        read.collect()
    }

    fn piece(
        &self,
        file: &ShownFile,
        page: &mut ShownPage,
        row: &ManifestRow,
        salt: &Salt,
    ) -> Result<(String, u64), ShowFault> {
        let Some(mut texts) = PieceTexts::begin(salt) else { return Err(ShowFault::File) };
        for side in 0..row.pages as usize {
            file.page((row.first_page as usize).saturating_sub(1) + side, page)?;
            let column = column_of_side(self.turn, row.position, side);
            texts.page(page, part_of_page(page, self.imposed, column));
        }
        Ok(texts.finish())
    }

    fn unreadable(&self, fault: &ShowFault) -> Failure {
        Failure::bug(format!("a print file that was proved can't be read: {fault}; nothing was released"))
            .in_file(self.path.display())
    }
}
