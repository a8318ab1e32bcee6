//! Print files: writes stock forms, shaped text, bars and modules as the pages of a PDF, page by page.
//!
//! Takes positions in points from the page's top left corner, and symbols in device dots. Writes PDF/X-4 and PDF/VT-1 in
//! one file, black only (`docs/pdf.md`). Keeps no page in memory after it is written, never reads the clock, and knows
//! nothing of cards or mail.
//!
//! [`shape`] makes a [`GlyphRun`] of a text, [`PageContent`] takes the marks of a page, [`PrintFile`] takes the pages.
//!
//! | modules | what they do |
//! |---|---|
//! | `grid`, `text`, `accents`, `glyph_table`, `contextual`, `codes` | the dot grid; text → glyphs with character codes |
//! | `content`, `deflate`, `glyph_set` | marks → one deflated page, and the glyphs that it uses |
//! | `file`, `page_tree`, `document_parts`, `document`, `xmp`, `output_intent`, `font` | pages → the file's objects |
//! | `objects`, `object_stream`, `cross_reference`, `number` | objects → bytes |

mod accents;
mod codes;
mod content;
mod contextual;
mod cross_reference;
mod deflate;
mod document;
mod document_parts;
mod file;
mod font;
mod glyph_set;
mod glyph_table;
mod grid;
mod number;
mod object_stream;
mod objects;
mod output_intent;
mod page_tree;
mod text;
mod xmp;

pub use content::{PageContent, PrintedPage};
pub use document::{Conformance, FileLabel};
pub use document_parts::{LotSheetLabel, PieceLabel, SheetLabel};
pub use file::PrintFile;
pub use font::FontProgram;
pub use glyph_table::GlyphTable;
pub use grid::Grid;
pub use output_intent::{OutputIntent, ProfileFault};
pub use text::{GlyphRun, MissingGlyph, shape, shaping_plan};
pub use xmp::content_uuid;

/// The first object number that a stock may use. The numbers below are reserved for the print file.
pub const FIRST_STOCK_OBJECT: u32 = 16;
/// The object number of the graphics state in which fills and strokes overprint. The next three numbers are the states in
/// which fills, strokes, and both knock out. A stock uses them to paint white.
pub const OVERPRINT_STATES: u32 = 5;

/// What is the same on all pieces: forms with the fonts and images that they need, as PDF objects that a print file copies
/// byte for byte.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// The objects, one after the other, numbered from [`FIRST_STOCK_OBJECT`].
    pub objects: Vec<u8>,
    /// The number of each object and its offset in `objects`, in ascending order of numbers.
    pub offsets: Vec<(u32, usize)>,
    /// The object number of each form.
    pub forms: Vec<u32>,
}

impl Stock {
    /// The first object number after the stock's objects.
    fn next_object(&self) -> u32 {
        self.offsets.last().map_or(FIRST_STOCK_OBJECT, |&(number, _)| number + 1)
    }
}
