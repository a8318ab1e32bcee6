//! Composition: a template and a piece become the bytes of the piece's pages.
//!
//! Pure: no file, no clock, no randomness, so it runs on every core and the same night gives the same bytes. A
//! letter is composed without any access to codes; only [`mailer`] takes them.

mod block;
mod control;
mod layout;
mod letter;
mod lot_sheet;
mod side;
mod stamp;
mod values;

pub use block::{BlockFault, BlockField, BlockMaker, BlockMap, Truncation};
pub use control::{ControlMarks, SheetName};
pub use letter::{CheckedLetter, LetterPress};
pub use lot_sheet::{LotCounts, LotSheetPress};
pub use side::{BegunSide, Numbers, Values};
pub use stamp::Stamper;
pub use values::{FACTS, fact_values, facts, of_record};

use print_file::PrintedPage;
use twoddoc::SignError;

/// A piece that can be composed: what its record says is set, and it waits for its numbers.
pub trait CheckedPiece: Send {
    /// How many pages it will have.
    fn pages(&self) -> usize;
}

/// A piece's pages, and what its manifest says of them.
#[derive(Debug, Clone)]
pub struct ComposedPiece {
    /// The pages, in order.
    pub pages: Vec<PrintedPage>,
    /// The signed block of a letter.
    pub twoddoc: Option<String>,
}

/// Why a letter was not composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterFault {
    /// Its own values; never empty.
    Piece(Vec<PieceFault>),
    /// The signer failed; the letter is sound.
    Signer(SignError),
}

impl From<Vec<PieceFault>> for LetterFault {
    fn from(faults: Vec<PieceFault>) -> LetterFault {
        LetterFault::Piece(faults)
    }
}

/// Why a piece can't be composed: the column, a stable code, the problem and what to do. Never a code's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceFault {
    /// The record's column.
    pub field: String,
    /// The fault's code.
    pub code: &'static str,
    /// The problem and what to do.
    pub message: String,
}
