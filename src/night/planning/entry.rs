//! Entries of a plan: what it keeps of each record and each duty that waited.

use jiff::civil::Date;

use crate::files::SpoolSpan;
use mail::card::CardNumber;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::CodesDuty;

/// The outcome of an entry for this night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A piece leaves, or more than one.
    Piece,
    /// Nothing leaves tonight; a piece leaves later.
    Deferred,
    /// It was rejected.
    Rejected,
    /// Nothing is to be sent.
    Nothing,
}

/// A record, or a duty that waited, as far as decisions need it. At most one piece of it can leave tonight.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The span of its record in the spool.
    pub span: SpoolSpan,
    /// Its card.
    pub card: CardNumber,
    /// The index of its file among the plan's names.
    pub file: u32,
    /// Its line.
    pub line: u32,
    /// Its outcome.
    pub outcome: Outcome,
    /// The pieces it leads to.
    pub mailing: Mailing,
    /// The day on which its first piece is due.
    pub due: Date,
    /// The index of its piece's facts in the plan.
    pub facts: u16,
}

// A million records take 40 MB.
const _: () = assert!(size_of::<Entry>() == 40);

/// The pieces that a record leads to (pieces.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mailing {
    /// None.
    Nothing,
    /// A letter only.
    Letter,
    /// A letter, and a mailer once it has left.
    LetterThenMailer,
    /// A mailer only.
    Mailer,
}

impl Mailing {
    /// The pieces of a record.
    pub(crate) fn of(issuance: &Issuance) -> Mailing {
        match (issuance.reason.letter(), issuance.reason.codes(issuance.replaced_generation)) {
            (true, CodesDuty::None) => Mailing::Letter,
            (true, _) => Mailing::LetterThenMailer,
            (false, CodesDuty::None) => Mailing::Nothing,
            (false, _) => Mailing::Mailer,
        }
    }

    /// A piece of this kind only.
    pub(crate) fn only(kind: PieceKind) -> Mailing {
        match kind {
            PieceKind::Letter => Mailing::Letter,
            PieceKind::Mailer => Mailing::Mailer,
        }
    }

    /// The kind of the first piece.
    pub(crate) fn first(self) -> Option<PieceKind> {
        match self {
            Mailing::Nothing => None,
            Mailing::Letter | Mailing::LetterThenMailer => Some(PieceKind::Letter),
            Mailing::Mailer => Some(PieceKind::Mailer),
        }
    }

    /// How many pieces.
    pub(crate) fn count(self) -> u64 {
        match self {
            Mailing::Nothing => 0,
            Mailing::Letter | Mailing::Mailer => 1,
            Mailing::LetterThenMailer => 2,
        }
    }
}

impl Entry {
    /// Whether a piece of that kind leaves tonight.
    pub(crate) fn leaves(&self, kind: PieceKind) -> bool {
        self.outcome == Outcome::Piece && self.mailing.first() == Some(kind)
    }
}
