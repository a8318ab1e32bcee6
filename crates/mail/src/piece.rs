//! The two kinds of piece.

use serde::{Deserialize, Serialize};

/// The two kinds of piece, which never travel together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PieceKind {
    /// The card carrier letter.
    Letter,
    /// The PIN/PUK mailer.
    Mailer,
}

impl PieceKind {
    /// Both kinds, letters first.
    pub const ALL: [PieceKind; 2] = [PieceKind::Letter, PieceKind::Mailer];

    /// The kind's code in the ledger and in reports.
    pub fn code(self) -> &'static str {
        match self {
            PieceKind::Letter => "letter",
            PieceKind::Mailer => "mailer",
        }
    }

    /// The kind with this code; `None` for any other text.
    pub fn parse(code: &str) -> Option<PieceKind> {
        PieceKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The capital that says the kind before a lot's name: `L26327A` is a lot of letters, `M26327A` one of mailers.
    pub fn prefix(self) -> char {
        match self {
            PieceKind::Letter => 'L',
            PieceKind::Mailer => 'M',
        }
    }

    /// The folder of the kind's print files, which is also the kind's plural.
    pub fn folder(self) -> &'static str {
        match self {
            PieceKind::Letter => "letters",
            PieceKind::Mailer => "mailers",
        }
    }
}

impl std::fmt::Display for PieceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
