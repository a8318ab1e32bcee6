//! The list of the pieces of a lot that are to be printed again, for `pli reprint --list`.

use super::opening::OpenJob;
use super::standing::PieceStanding;
use crate::failure::Failure;
use crate::files::write_whole;
use crate::ledger::LotInHand;

impl OpenJob<'_> {
    /// Writes the list of a lot, also where nothing is on it, and returns its path.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn reprint_list(&self, lot: &LotInHand) -> Result<String, Failure> {
        let mut text = String::from("piece_id,cause\n");
        for sequence in 1..=lot.pieces.len() as u32 {
            let cause = match PieceStanding::of(lot, sequence) {
                PieceStanding::Missing => "missing",
                PieceStanding::Unread => "unread",
                PieceStanding::Spoiled => "spoiled",
                _ => continue,
            };
            text.push_str(&format!("{},{cause}\n", lot.piece_id(sequence)));
        }
        let path = self.sheet_path(&format!("{}.reprint.csv", lot.name.marked(lot.kind)))?;
        write_whole(&path, text.as_bytes())?;
        Ok(path.display().to_string())
    }
}
