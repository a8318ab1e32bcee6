//! What the pages of a print file show: texts, symbols and other paint, in the order in which they are painted.
//!
//! Takes the bytes of a file and interprets the content of its pages, operator by operator. Nothing is drawn and nothing is
//! guessed: what an operator does is in ISO 32000-1; an operator that is not understood is an error, so that nothing that is
//! painted can be overlooked. All lengths are points, measured from the page's top left corner.

mod cmap;
mod colour;
mod file;
mod fonts;
mod graphics;
mod huffman;
mod inflate;
mod interpret;
mod leaves;
mod lines;
mod marked;
mod masks;
mod operands;
mod page;
mod page_list;
mod paths;
mod plain;
mod program;
mod resources;
mod state;
mod text;
mod tokens;
mod whole;

use std::ops::Range;

use zeroize::{Zeroize, ZeroizeOnDrop};

pub use file::ShownFile;

/// What is not understood, in words that quote nothing of the page.
type Problem = &'static str;

/// A point, or a vector: to the right and down, in points.
pub type Point = (f64, f64);

/// A rectangle in points from the page's top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// What one page shows. It is wiped when it is dropped, since a mailer's page shows codes.
#[derive(Debug, Default, Zeroize, ZeroizeOnDrop)]
pub struct ShownPage {
    /// Width and height.
    #[zeroize(skip)]
    pub size: Point,
    /// Paint, in the order in which it is painted.
    pub paint: Vec<Paint>,
}

/// One thing that is painted.
#[derive(Debug, Zeroize, ZeroizeOnDrop)]
pub enum Paint {
    /// A form: stock that many pages share. Its own content is not among the paint.
    Form(#[zeroize(skip)] ShownForm),
    /// A line of text.
    Text(ShownText),
    /// A mask of one bit a cell: a symbol, or bars.
    Mask(ShownMask),
    /// Anything else: a path, a shading, an image that is no mask, annotations, text that is stretched, slanted, mirrored or
    /// in a font that is not composite, a clip that is no rectangle (`W`). Text or a mask in any other ink than black has one
    /// before it, named by the operator of its colour; so has a form that is cut off. A mask that is cut off is one.
    Other(#[zeroize(skip)] Other),
}

/// A form where it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownForm {
    /// The number of its object.
    pub object: u32,
    /// Where its origin, the lower left corner, lies.
    pub origin: Point,
    /// Whether it is neither scaled nor turned.
    pub upright: bool,
}

/// A line of text: what is shown from one position on, until the pen is moved (`Td`, `Tm`, `T*`, `BT`).
#[derive(Debug, Default, Zeroize, ZeroizeOnDrop)]
pub struct ShownText {
    /// What the file says that it says: character codes through the font's `ToUnicode`, and `ActualText` where there is one.
    pub text: String,
    /// What a person sees: the glyphs.
    pub glyphs: Vec<ShownGlyph>,
    /// Whether it is a drawing: the file says that it has no text (an empty `ActualText`).
    #[zeroize(skip)]
    pub drawing: bool,
    /// The index of its font in [`ShownFile::fonts`](super::ShownFile::fonts).
    #[zeroize(skip)]
    pub font: usize,
    /// Size in points.
    #[zeroize(skip)]
    pub size: f64,
    /// Extra space after each glyph (`Tc`) where the line begins, in points.
    #[zeroize(skip)]
    pub tracking: f64,
    /// How it is painted.
    #[zeroize(skip)]
    pub pen: TextPen,
    /// The beginning of its baseline.
    #[zeroize(skip)]
    pub origin: Point,
    /// By how many degrees it is turned clockwise: 0, 90, 180 or 270.
    #[zeroize(skip)]
    pub turn: u16,
    /// Its length along the baseline, from the origin to the end of the last glyph, in points.
    #[zeroize(skip)]
    pub length: f64,
    /// The rectangle that cuts it off, if one does.
    #[zeroize(skip)]
    pub clip: Option<Bounds>,
}

/// One glyph of a line.
#[derive(Debug, Clone, Copy, PartialEq, Default, Zeroize)]
pub struct ShownGlyph {
    /// Its glyph in the embedded font program.
    pub glyph: u16,
    /// How far its origin lies from that of the line, along the baseline, in points.
    pub along: f32,
    /// How far it is raised (`Ts`), in points.
    pub rise: f32,
    /// The first byte in [`ShownText::text`] of what it says; glyphs of one `ActualText` have the same.
    pub byte: u32,
}

/// How a text is painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TextPen {
    /// Filled, with that black (0 to 1).
    Fill(f64),
    /// Outlines of a width in points, with that black.
    Outline(f64, f64),
}

impl Default for TextPen {
    fn default() -> TextPen {
        TextPen::Fill(1.0)
    }
}

/// A mask.
#[derive(Debug, Default, Zeroize, ZeroizeOnDrop)]
pub struct ShownMask {
    /// The rectangle that it covers.
    #[zeroize(skip)]
    pub bounds: Bounds,
    /// Whether its matrix neither turns nor mirrors it.
    #[zeroize(skip)]
    pub upright: bool,
    /// Cells in a row.
    #[zeroize(skip)]
    pub columns: u32,
    /// Rows.
    #[zeroize(skip)]
    pub rows: u32,
    /// The cells, row by row from the top, packed, most significant bit first, each row padded to a byte; 1 is dark.
    pub cells: Vec<u8>,
    /// Its black, 0 to 1.
    #[zeroize(skip)]
    pub black: f64,
}

/// Paint that is neither text nor mask nor form.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// The operator: `f`, `S`, `sh`, `Do`, `BI` …
    pub operator: String,
    /// What it can reach at most: the path with its line width, within the clip.
    pub bounds: Bounds,
    /// Its black, 0 to 1; 0 is white, which hides what is under it.
    pub black: f64,
}

/// A leaf of the document parts, in order: a piece, an imposed sheet, or a sheet of the lot.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Its pages, as indices from 0.
    pub pages: Range<usize>,
    /// The texts of its metadata by key, such as `PLI_Piece`, in the order of the keys. The keys of dictionaries within
    /// others are joined by `/`, without `CIP4_Root` and `CIP4_Production`, which stand around all. Each value of an array
    /// has the array's key; a number is its digits.
    pub labels: Vec<(String, String)>,
}

/// A font of the file's pages.
#[derive(Debug)]
pub struct ShownFont {
    /// The name of the resource, such as `F0`.
    pub name: String,
    /// The PostScript name, with the tag of its subset.
    pub base_font: String,
    /// What each glyph says that is in `ToUnicode`, by the glyph in the embedded program.
    pub says: Vec<(u16, String)>,
    /// Units of an em.
    pub units_per_em: u16,
    /// The outlines of the embedded glyphs, by glyph: see [`Outline`]. Empty where the font program can't be read.
    pub outlines: Vec<Outline>,
}

/// The outline of a glyph: its operators and coordinates in units of the em, in the order of the font program, as
/// `ttf-parser`'s `OutlineBuilder` reports them, which it is itself: `face.outline_glyph(glyph, &mut outline)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline(pub Vec<f32>);

/// Why a file or a page can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShowFault {
    /// It is no PDF, or a damaged one.
    #[error("no PDF, or a damaged or encrypted one")]
    File,
    /// A page, by index from 0, that can't be understood, and why.
    #[error("page {page}: {1}", page = .0 + 1)]
    Page(usize, String),
}

#[cfg(test)]
mod tests;
