//! What a foreman gets: the list of the pieces to print again, recall sheets, destruction sheets. They lie in one folder of
//! the job, follow from the ledger, and are written anew by each command that changes them.

use jiff::civil::Date;

use super::opening::OpenJob;
use super::standing::PieceStanding;
use crate::failure::Failure;
use crate::files::write_whole;
use crate::ledger::{Author, LotInHand};
use crate::night::{DestructionSheet, destruction_sheet};

impl OpenJob<'_> {
    /// Writes the list of a lot's pieces to print again, also where nothing is on it, and returns its path.
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
        self.write_sheet(&format!("{}.reprint.csv", lot.name.marked(lot.kind)), text.as_bytes())
    }

    /// Writes the sheet by which the spoiled and recalled pieces of a lot are destroyed before two witnesses; `None` where there
    /// are none.
    ///
    /// # Errors
    /// `destruction_sheet`: the bureau's name does not fit; I/O errors.
    pub(super) fn destruction_sheet(
        &self,
        lot: &LotInHand,
        day: Date,
        author: &Author,
    ) -> Result<Option<String>, Failure> {
        let to_destroy = |sequence: &u32| {
            matches!(PieceStanding::of(lot, *sequence), PieceStanding::Spoiled | PieceStanding::Recalled)
        };
        let pieces: Vec<_> = (1..=lot.pieces.len() as u32)
            .filter(to_destroy)
            .filter_map(|sequence| Some((lot.piece_id(sequence), lot.piece(sequence)?.state)))
            .collect();
        if pieces.is_empty() {
            return Ok(None);
        }
        let name = lot.name.marked(lot.kind);
        let language = self.job.language();
        let sheet = DestructionSheet {
            language,
            bureau: &self.job.bureau().name,
            kind: lot.kind,
            occasion: &format!("Lot {name}"),
            by: &author.name,
            day,
            pieces: &pieces,
            minutes: None,
        };
        self.write_sheet(&format!("{name}.destruction.pdf"), &destruction_sheet(&sheet)?).map(Some)
    }

    fn write_sheet(&self, name: &str, bytes: &[u8]) -> Result<String, Failure> {
        let path = self.job.after_press(name)?;
        write_whole(&path, bytes)?;
        Ok(path.display().to_string())
    }
}
