//! What the ledger knows of the pieces that a page may show.

use mail::card::CardNumber;
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

use super::super::remark::Remark;
use super::claims::Words;
use crate::failure::Failure;
use crate::inserting::Named;
use crate::ledger::{Ledger, PieceStatus, ReleasedMailer, State};

/// The ledger, asked about returned mail.
pub(in super::super) struct Knowledge<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// What our symbols say.
    pub words: &'a Words<'a>,
}

impl Knowledge<'_> {
    /// The letters of a card that were printed, the latest last.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn letters(&self, number: &CardNumber) -> Result<Vec<PieceStatus>, Failure> {
        let mut pieces = self.ledger.pieces_of_card(number.as_str())?;
        pieces.retain(|piece| piece.kind == PieceKind::Letter.code());
        Ok(pieces)
    }

    /// Whether the ledger took in a record of a card.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn knows(&self, number: &CardNumber) -> Result<bool, Failure> {
        Ok(self.ledger.knows_card(number.as_str())?)
    }

    /// The piece that a control code or a reference names; `None` where the ledger has none.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(in super::super) fn named(&self, named: &Named) -> Result<Option<PieceStatus>, Failure> {
        Ok(match named {
            Named::Piece(piece) => {
                let kinds = piece.kind.map_or(PieceKind::ALL.to_vec(), |kind| vec![kind]);
                for kind in kinds {
                    if let Some(piece) = self.ledger.piece(&piece.piece_id(kind))? {
                        return Ok(Some(piece));
                    }
                }
                None
            }
            Named::Sheet { lot, kind, sequence } => {
                let Some(lot) = LotName::parse(lot) else { return Ok(None) };
                let kinds = kind.map_or(PieceKind::ALL.to_vec(), |kind| vec![kind]);
                for kind in kinds {
                    if let Some(piece) = self.ledger.piece_at(&lot, kind, *sequence)? {
                        return Ok(Some(piece));
                    }
                }
                None
            }
            Named::Tracking(id) => {
                let mut mailers = self.ledger.mailers_of_tracking(id.number())?;
                // Where the numbers began again, the latest one is in the post.
                mailers.pop()
            }
            Named::Card(_) | Named::Nothing => None,
        })
    }

    /// The record of a piece; `None` once it is purged.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn record(&self, piece: &PieceStatus) -> Result<Option<Issuance>, Failure> {
        let Some(place) = piece.place() else { return Ok(None) };
        Ok(self.ledger.record_of_piece(&place)?)
    }

    /// The mailers of a letter's holder that were released, in hand or on their way.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(in super::super) fn mailers(&self, letter: &PieceStatus) -> Result<Vec<ReleasedMailer>, Failure> {
        if letter.kind != PieceKind::Letter.code() {
            return Ok(Vec::new());
        }
        let sequence = u32::try_from(letter.sequence).unwrap_or_default();
        Ok(self.ledger.released_mailers(letter.lot_number(), &[sequence])?)
    }

    /// What is to be told of a piece that came back.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(in super::super) fn notes(
        &self,
        piece: &PieceStatus,
        number: Option<&CardNumber>,
    ) -> Result<Vec<Remark>, Failure> {
        let mut notes = Vec::new();
        if piece.attempt > 0 {
            notes.push(Remark::of(
                format!("c’est la réimpression {} de son pli", piece.attempt),
                format!("it is reprint {} of its piece", piece.attempt),
            ));
        }
        notes.extend(of_state(piece.state).map(|(french, english)| Remark::new(french, english)));
        if let Some(day) = &piece.purged {
            notes.push(Remark::of(
                format!("les noms de son enregistrement ont été effacés le {day}"),
                format!("the names of its record were purged on {day}"),
            ));
        }
        if let Some(dead) = number.map(|number| self.ledger.dead_card(number.as_str())).transpose()?.flatten()
        {
            notes.push(Remark::of(
                format!("sa carte a été révoquée ou remplacée le {}", dead.night),
                format!("its card was revoked or replaced on {}", dead.night),
            ));
        }
        Ok(notes)
    }
}

/// What a state says of a piece that came back, in French and English; `None` where it says nothing.
fn of_state(state: State) -> Option<(&'static str, &'static str)> {
    Some(match state {
        State::Reprinted => ("une impression ultérieure a pris sa place", "a later print took its place"),
        State::Recalled => {
            ("il a été rappelé et est parti quand même", "it was recalled and left all the same")
        }
        State::CardLost => ("sa carte est déclarée perdue", "its card is booked as lost"),
        State::Missing => ("il est déclaré manquant", "it was booked as missing"),
        State::Spoiled => ("il est déclaré gâché", "it was booked as spoiled"),
        State::CodesCompromised => {
            ("ses codes sont déclarés compromis", "its codes are booked as compromised")
        }
        _ => return None,
    })
}
