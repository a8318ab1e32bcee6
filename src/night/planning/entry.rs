//! What planning keeps of a record, or of a duty that waited.

use jiff::civil::Date;

use crate::night::spool::Place;
use mail::card::CardNumber;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::CodesDuty;

/// How a record, or a duty that waited, ends this night. Every one ends in exactly one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A piece leaves, or more than one.
    Piece,
    /// Nothing leaves tonight; something will.
    Deferred,
    /// It was refused.
    Rejected,
    /// Nothing is to be sent.
    Nothing,
}

/// A record, or a duty that waited, with what decisions need of it. Exactly one piece of it can leave tonight: a
/// record leads to a letter with a mailer after it, to a letter, or to a mailer.
#[derive(Debug, Clone)]
pub(in crate::night) struct Entry {
    /// Where its record lies in the spool.
    pub place: Place,
    /// Its card.
    pub card: CardNumber,
    /// Its file, by its place among the plan's names.
    pub file: u16,
    /// Its line.
    pub line: u32,
    /// How it ends.
    pub fate: Fate,
    /// What it leads to, or led to.
    pub sends: Sends,
    /// When the first piece of it is due.
    pub due: Date,
    /// The facts of its piece, by their place in the plan.
    pub facts: u16,
}

/// A million records are held in thirty-two megabytes.
const _: () = assert!(size_of::<Entry>() == 32);

/// The pieces that a record leads to (pieces.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::night) enum Sends {
    Nothing,
    Letter,
    LetterThenMailer,
    Mailer,
}

impl Sends {
    /// Those of a record.
    pub fn of(issuance: &Issuance) -> Sends {
        match (issuance.reason.letter(), issuance.reason.codes(issuance.replaced_generation)) {
            (true, CodesDuty::None) => Sends::Letter,
            (true, _) => Sends::LetterThenMailer,
            (false, CodesDuty::None) => Sends::Nothing,
            (false, _) => Sends::Mailer,
        }
    }

    /// A piece of that kind alone.
    pub fn only(kind: PieceKind) -> Sends {
        match kind {
            PieceKind::Letter => Sends::Letter,
            PieceKind::Mailer => Sends::Mailer,
        }
    }

    /// The kind of the first piece.
    pub fn first(self) -> Option<PieceKind> {
        match self {
            Sends::Nothing => None,
            Sends::Letter | Sends::LetterThenMailer => Some(PieceKind::Letter),
            Sends::Mailer => Some(PieceKind::Mailer),
        }
    }

    /// How many pieces.
    pub fn count(self) -> u64 {
        match self {
            Sends::Nothing => 0,
            Sends::Letter | Sends::Mailer => 1,
            Sends::LetterThenMailer => 2,
        }
    }
}

impl Entry {
    /// Whether a piece of that kind leaves tonight.
    pub fn leaves(&self, kind: PieceKind) -> bool {
        self.fate == Fate::Piece && self.sends.first() == Some(kind)
    }
}
