//! Composition: a template and a record become the pages of a piece.
//!
//! Composition is pure: it uses no file, no clock and no randomness, so it runs on every core and the same night yields
//! the same bytes. A piece is composed in two steps, since a piece that can't be printed takes no number: `check` sets
//! all that the record says, and `compose` adds the piece's numbers and its signature.
//! No PIN can be reached from here. The program's vault composes mailers with [`Stamper`] and hands in the PINs as
//! field values.

mod areas;
mod block;
mod concealment;
mod confusion;
mod control;
mod fault;
mod layout;
mod letter;
mod lot_sheet;
mod press;
mod stamp;
mod symbol;
mod values;

pub use block::{BlockComposer, BlockField, BlockMap, BlockMapFault, Truncation};
pub use control::ControlMarks;
pub use fault::{LetterFault, PieceFault};
pub use letter::{CheckedLetter, LetterComposer};
pub use lot_sheet::{LotCounts, LotSheetComposer};
pub use press::PressFault;
pub use stamp::{PreparedSide, Stamper};
pub use values::{FACTS, PieceNumbers, PieceValues, fact_values, facts, mailer_barcode, record_value};

use print_file::PrintedPage;

/// A piece that passed its check and waits for its numbers.
pub trait CheckedPiece: Send {
    /// How many pages it will have.
    fn pages(&self) -> usize;
}

/// A piece's pages, and the text of its signed block for the manifest.
#[derive(Debug, Clone)]
pub struct ComposedPiece {
    /// The pages, in order.
    pub pages: Vec<PrintedPage>,
    /// The signed block of a letter.
    pub twoddoc: Option<String>,
}
