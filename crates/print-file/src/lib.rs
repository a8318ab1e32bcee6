//! Print files: stock forms, shaped text, bars and modules become the pages of a PDF that is written as it grows.
//!
//! Takes places in points from the page's top left corner and symbols in device dots. Gives PDF/X-4 and PDF/VT-1 in one
//! file, black only (`docs/pdf.md`). Never holds more than one page of a file, never reads the clock, knows nothing of
//! cards or mail.

mod codes;
mod content;
mod cross_reference;
mod deflate;
mod document_parts;
mod entangled;
mod file;
mod font;
mod glyph_table;
mod grid;
mod number;
mod object_stream;
mod output_intent;
mod text;
mod used;
mod xmp;

pub use content::{PageContent, PrintedPage};
pub use document_parts::{LotSheetLabel, PieceLabel, SheetLabel};
pub use file::{Conformance, FileLabel, PrintFile};
pub use font::FontProgram;
pub use glyph_table::GlyphTable;
pub use grid::Grid;
pub use output_intent::{OutputIntent, ProfileFault};
pub use text::{Glyph, GlyphRun, GlyphText, MissingGlyph, shape, shaping_plan};
pub use used::UsedGlyphs;
pub use xmp::content_uuid;

/// The first object number that a stock may use; the numbers below are the print file's own.
pub const FIRST_STOCK_OBJECT: u32 = 16;
/// The object number of the graphics state in which everything overprints. The next three are those in which fills,
/// strokes, and both do not: a stock uses them to paint white.
pub const OVERPRINT_STATES: u32 = 5;

/// What does not change between pieces: forms with the fonts and images they need, as PDF objects that a print
/// file takes over byte for byte.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// The objects, one after the other, numbered from [`FIRST_STOCK_OBJECT`].
    pub objects: Vec<u8>,
    /// Number and offset in `objects` of each, in ascending order of numbers.
    pub offsets: Vec<(u32, usize)>,
    /// The object number of each form.
    pub forms: Vec<u32>,
}

impl Stock {
    /// The first number that is free after the stock's objects.
    fn next_object(&self) -> u32 {
        self.offsets.last().map_or(FIRST_STOCK_OBJECT, |&(number, _)| number + 1)
    }
}
