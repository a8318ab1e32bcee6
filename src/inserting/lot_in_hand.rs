//! The lot in hand as the judge asks it, over the ledger.

use std::collections::HashMap;

use super::judging::{self, Booked, Named, ReadKey, Standing};
use super::named_pieces::named_pieces;
use super::naming::{self, Naming};
use super::standing::PieceStanding;
use crate::ledger::{Ledger, LotInHand};
use mail::piece::PieceKind;

/// The lot in hand over the ledger, which also knows strangers.
pub(super) struct KnownLot<'l> {
    ledger: &'l Ledger,
    lot: &'l LotInHand,
    naming: Naming<'l>,
    booked: HashMap<u32, Vec<Booked>>,
}

impl<'l> KnownLot<'l> {
    /// A lot, with what texts name on the machine of its kind.
    pub(super) fn new(ledger: &'l Ledger, lot: &'l LotInHand, naming: Naming<'l>) -> KnownLot<'l> {
        let booked = lot.passages.iter().map(|(sequence, passages)| {
            let booked =
                passages.iter().map(|(camera, key)| Booked { camera: camera.clone(), key: ReadKey(*key) });
            (*sequence, booked.collect())
        });
        KnownLot { ledger, lot, naming, booked: booked.collect() }
    }

    /// The piece of this lot that a text names.
    pub(super) fn piece(&self, text: &str) -> Option<u32> {
        let lot = self.lot;
        match self.naming.of(text) {
            naming::Named::Card(number) if lot.kind == PieceKind::Letter => {
                self.ledger.of_card(lot, number.as_str())
            }
            naming::Named::Piece(piece) if piece.kind.is_none_or(|kind| kind == lot.kind) => {
                lot.of_reference(&piece.lot, piece.sequence, piece.attempt)
            }
            naming::Named::Sheet { lot: name, kind, sequence } => {
                let same = name == lot.name.as_str() && kind.is_none_or(|kind| kind == lot.kind);
                lot.piece(sequence).filter(|_| same).map(|_| sequence)
            }
            naming::Named::Tracking(number) => {
                let first = lot.first_tracking?;
                let sequence = u32::try_from(number.number().checked_sub(first)? + 1).ok()?;
                lot.piece(sequence).map(|_| sequence)
            }
            _ => None,
        }
    }

    /// The piece elsewhere that a text names, by its printed reference. A question that the ledger can't answer has no answer:
    /// the stranger is told by what was read.
    fn elsewhere(&self, text: &str) -> Option<String> {
        match self.naming.of(text) {
            // Many strangers may be cards of one other lot: they are asked for by the shortest way.
            naming::Named::Card(number) => {
                let places = self.ledger.places_of_card(number.as_str(), PieceKind::Letter).ok()?;
                places.into_iter().map(|(_, reference)| reference).next()
            }
            named => {
                let pieces = named_pieces(self.ledger, &named, self.lot.kind).ok()?;
                Some(pieces.into_iter().next()?.piece_id)
            }
        }
    }
}

impl judging::LotInHand for KnownLot<'_> {
    fn pieces(&self) -> u32 {
        self.lot.pieces.len() as u32
    }

    fn standing(&self, sequence: u32) -> Standing {
        match PieceStanding::of(self.lot, sequence) {
            PieceStanding::Pending => Standing::Open,
            PieceStanding::Good => Standing::Good,
            PieceStanding::Missing | PieceStanding::Unread => Standing::Missing,
            PieceStanding::Duplicate | PieceStanding::Mismatch | PieceStanding::Attention => {
                Standing::Stopped
            }
            PieceStanding::Spoiled
            | PieceStanding::Recalled
            | PieceStanding::Reprinted
            | PieceStanding::Lost => Standing::Out,
        }
    }

    fn identify(&self, text: &str) -> Named {
        match self.piece(text) {
            Some(sequence) => Named::Piece(sequence),
            None => self.elsewhere(text).map_or(Named::Nobody, Named::Elsewhere),
        }
    }

    fn piece(&self, text: &str) -> Option<u32> {
        KnownLot::piece(self, text)
    }

    fn booked(&self, sequence: u32) -> &[Booked] {
        self.booked.get(&sequence).map_or(&[], Vec::as_slice)
    }
}
