//! The marks of one page as a short content stream.
//!
//! The stream follows another one that all pages of the form share, [`beginning`], which makes the unit one dot of the
//! press. All texts are in one text object: font, colour and spacing are written only when they change, positions as steps
//! from the line before. Symbols follow the texts as one-bit masks.

mod masks;
mod show;

use zeroize::Zeroizing;

use super::deflate::{deflate_padded_page, deflate_page};
use super::glyph_set::GlyphSet;
use super::grid::Grid;
use super::number::{push_int, push_points, push_scale};
use super::text::GlyphRun;
use masks::{BarMask, push_mask};
use show::Pen;

/// The lengths of concealed pages are multiples of this, in bytes. A mailer's inside takes less than one.
const CONCEALING_STEP: usize = 512;

/// A finished page. It can be written to any file with its stock.
#[derive(Debug, Clone)]
pub struct PrintedPage {
    /// The index of the stock form that it shows; none on a blank page.
    pub(crate) form: Option<usize>,
    /// The deflated content stream. Wiped on drop, since a mailer's holds codes.
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// The glyphs that it uses.
    pub(crate) glyphs: GlyphSet,
}

impl PrintedPage {
    /// An empty page, such as the back of a sheet with one printed side.
    pub fn blank() -> PrintedPage {
        PrintedPage { form: None, content: Zeroizing::new(deflate_page(b"", 0)), glyphs: GlyphSet::default() }
    }
}

/// What the text object has set, so that it is not written again.
#[derive(Clone, Copy, PartialEq)]
struct TextState {
    font: Option<usize>,
    size: f64,
    tracking: f64,
    /// The tint of black, from 0 to 1.
    k: f64,
    /// The start of the last line, in dots from the bottom left corner.
    x: i64,
    y: i64,
}

/// The black of what is left white over other black: two hundredths, of which no press prints a dot.
const LEAST_TINT: f64 = 0.02;

/// The width of an outline with its white lines, in widths of its black line: its mean is a black of three tenths.
const WHITE_AND_LINE: f64 = 3.3;

const NO_TEXT: TextState = TextState { font: None, size: 0.0, tracking: 0.0, k: 1.0, x: 0, y: 0 };

/// A page that takes marks: texts in the order of calls, then symbols in the order of calls. All marks overprint.
pub struct PageContent {
    grid: Grid,
    form: usize,
    out: Zeroizing<Vec<u8>>,
    /// The text object that is open.
    text: Option<TextState>,
    /// By how many degrees texts are turned clockwise.
    turn: u16,
    symbols: Zeroizing<Vec<u8>>,
    /// The offset in `symbols` where the cells of the first mask begin. The bytes before it deflate like text.
    first_cells: usize,
    glyphs: GlyphSet,
    /// Whether the content follows a mask of other content.
    follows: bool,
    /// Whether the content's length tells nothing of what it says.
    conceals: bool,
}

impl PageContent {
    /// A page that shows the stock form of that index.
    pub fn new(grid: Grid, form: usize) -> PageContent {
        PageContent {
            grid,
            form,
            out: Zeroizing::new(Vec::with_capacity(2048)),
            text: None,
            turn: 0,
            symbols: Zeroizing::new(Vec::with_capacity(512)),
            first_cells: 0,
            glyphs: GlyphSet::default(),
            follows: false,
            conceals: false,
        }
    }

    /// Declares that the content's length must tell nothing of what it says: it is padded to a multiple of 512 bytes.
    pub fn conceal_length(&mut self) {
        self.conceals = true;
    }

    /// Adds glyphs to those that the file embeds, whether the page shows them or not.
    pub fn embed(&mut self, font: usize, run: &GlyphRun) {
        self.glyphs.add_run(font, run);
    }

    /// Declares that the content follows other content on an imposed sheet. Texts are then written without `EI`, which
    /// some readers take for the end of a mask before them.
    pub fn follows(&mut self) {
        self.follows = true;
    }

    fn op(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn numbers(&mut self, values: &[f64]) {
        for value in values {
            push_points(&mut self.out, *value);
            self.out.push(b' ');
        }
    }

    /// Appends lengths in points as dots.
    fn lengths(&mut self, points: &[f64]) {
        points.iter().for_each(|length| self.numbers(&[length / self.grid.dot()]));
    }

    /// Adds a line of text whose baseline begins at the dot nearest to `x`, `y`, in points from the top left corner. `size`
    /// and `tracking` are in points, `k` is the tint of black.
    pub fn text(&mut self, font: usize, run: &GlyphRun, size: f64, tracking: f64, k: f64, x: f64, y: f64) {
        let dots = |points: f64| (points / self.grid.dot()).round() as i64;
        let (x, y) = (dots(x), i64::from(self.grid.page_dots().1) - dots(y));
        let before = self.text.unwrap_or_else(|| {
            self.op("BT");
            NO_TEXT
        });
        self.text = Some(TextState { font: Some(font), size, tracking, k, x, y });
        if (before.font, before.size) != (Some(font), size) {
            self.op("/F");
            push_int(&mut self.out, font as i64);
            self.op(" ");
            self.lengths(&[size]);
            self.op("Tf ");
        }
        if before.tracking != tracking {
            self.lengths(&[tracking]);
            self.op("Tc ");
        }
        if before.k != k {
            self.op("0 0 0 ");
            self.numbers(&[k]);
            self.op("k ");
        }
        if self.turn == 0 {
            push_int(&mut self.out, x - before.x);
            self.op(" ");
            push_int(&mut self.out, y - before.y);
            self.op(" Td");
        } else {
            // The axes of the text, in those of the page, which go right and up (ISO 32000-1 §9.4.2).
            self.op(match self.turn {
                90 => "0 -1 1 0 ",
                180 => "-1 0 0 -1 ",
                _ => "0 1 -1 0 ",
            });
            push_int(&mut self.out, x);
            self.op(" ");
            push_int(&mut self.out, y);
            self.op(" Tm");
        }
        let size = size / self.grid.dot();
        let units = f64::from(run.units_per_em) / size;
        let spacing = tracking / self.grid.dot();
        let tracking = (spacing * units).round() as i32;
        self.show(run, size, Pen { ahead: 0, half: units / 2.0, tracking, spacing });
        self.glyphs.add_run(font, run);
    }

    /// Adds a line of text as [`PageContent::text`] does, whose glyphs are drawn as black outlines between white ones. `line`
    /// is the width of the black line in points; the white lines on both sides of it are a little wider.
    #[allow(clippy::too_many_arguments)]
    pub fn outlined(
        &mut self,
        font: usize,
        run: &GlyphRun,
        size: f64,
        tracking: f64,
        line: f64,
        x: f64,
        y: f64,
    ) {
        let k = self.text.map_or(1.0, |text| text.k);
        // A tint of nothing would overprint, and leave what is under it.
        for (operators, width, black) in [("1 Tr 1 j ", WHITE_AND_LINE * line, LEAST_TINT), ("", line, 1.0)] {
            let before = self.text.unwrap_or_else(|| {
                self.op("BT ");
                NO_TEXT
            });
            self.text = Some(before);
            self.op(operators);
            self.lengths(&[width]);
            self.op("w 0 0 0 ");
            self.numbers(&[black]);
            self.op("K ");
            self.text(font, run, size, tracking, k, x, y);
        }
        self.op("0 Tr ");
    }

    /// Cuts texts off at a rectangle, in points from the top left corner, until [`PageContent::unclip`]. They are a drawing: who
    /// takes the text out of the page finds none there (ISO 32000-1 §14.9.4).
    pub fn clip(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.end_text();
        let bottom = self.grid.page_points().1 - y - height;
        self.op(" /Span<</ActualText()>>BDC q ");
        self.lengths(&[x, bottom, width, height]);
        self.op("re W n\n");
    }

    /// Ends the rectangle of [`PageContent::clip`].
    pub fn unclip(&mut self) {
        self.end_text();
        self.op(" Q EMC\n");
    }

    /// Adds the lines of text that `add` adds, each turned clockwise by `degrees` (90, 180 or 270) about the beginning of its
    /// baseline. They are a text object of their own.
    pub fn turned(&mut self, degrees: u16, add: impl FnOnce(&mut PageContent)) {
        self.break_text();
        self.turn = degrees;
        add(self);
        self.turn = 0;
        self.break_text();
    }

    /// Ends the text object that is open, so that another may follow.
    fn break_text(&mut self) {
        if self.text.is_some() {
            self.end_text();
            self.op("\n");
        }
    }

    fn end_text(&mut self) {
        let Some(state) = self.text.take() else { return };
        if state.tracking != 0.0 {
            self.op("0 Tc ");
        }
        self.op(if state.k == 1.0 { "ET" } else { "ET 0 0 0 1 k" });
    }

    /// Adds bars of full black, as a mask of one row. `bars` are left edges and widths counted from `left`, in ascending
    /// order; `left` and `top` count from the page's top left corner. All in dots.
    pub fn bars(&mut self, left: u32, top: u32, height: u32, bars: &[(u32, u32)]) {
        let (Some(&(first, _)), Some(&(x, width))) = (bars.first(), bars.last()) else { return };
        let length = x + width - first;
        let mask = BarMask::new(bars, first, length);
        self.mask((left + first, top), (length, height), (mask.cells, 1), &mask.row);
    }

    /// Adds a square symbol of `side` × `side` modules of `cell` dots each. `rows` are packed, most significant bit first,
    /// 1 is dark. `left` and `top` are dots from the page's top left corner.
    pub fn modules(&mut self, left: u32, top: u32, side: u32, cell: u32, rows: &[u8]) {
        self.mask((left, top), (side * cell, side * cell), (side, side), rows);
    }

    /// Adds a mask with its top left corner at `left`, `top`, of a size in dots and in cells.
    fn mask(&mut self, (left, top): (u32, u32), size: (u32, u32), cells: (u32, u32), rows: &[u8]) {
        let bottom = i64::from(self.grid.page_dots().1) - i64::from(top) - i64::from(size.1);
        let first_cells = push_mask(&mut self.symbols, (i64::from(left), bottom), size, cells, rows);
        if self.first_cells == 0 {
            self.first_cells = first_cells;
        }
    }

    /// Adds a dashed rectangle in colour, in points, for pictures that designers see. Such a page does not conform to
    /// PDF/X-4.
    pub fn outline(&mut self, x: f64, y: f64, width: f64, height: f64, rgb: [f64; 3]) {
        self.end_text();
        let bottom = self.grid.page_points().1 - y - height;
        self.op(" q ");
        self.numbers(&rgb);
        self.op("RG ");
        self.lengths(&[0.8]);
        self.op("w [");
        self.lengths(&[3.0, 2.0]);
        self.op("] 0 d ");
        self.lengths(&[x, bottom, width, height]);
        self.op("re S Q 0 0 0 1 k\n");
    }

    /// Ends and deflates the page.
    pub fn finish(mut self) -> PrintedPage {
        self.end_text();
        let text_bytes = self.out.len() + self.first_cells;
        let mut plain = Zeroizing::new(Vec::with_capacity(self.out.len() + self.symbols.len()));
        plain.extend_from_slice(&self.out);
        plain.extend_from_slice(&self.symbols);
        let content = Zeroizing::new(match self.conceals {
            true => deflate_padded_page(&plain, text_bytes, CONCEALING_STEP),
            false => deflate_page(&plain, text_bytes),
        });
        PrintedPage { form: Some(self.form), content, glyphs: self.glyphs }
    }
}

/// The content that every page of a form begins with: black that overprints (`/G0`, which the form inherits), the form,
/// and a coordinate system whose unit is one dot.
pub(super) fn beginning(grid: Grid, form: Option<usize>) -> Vec<u8> {
    let Some(form) = form else { return b"/G0 gs\n".to_vec() };
    // A stock page is A4 exactly, a page is A4 rounded to dots. Their top edges coincide.
    let shift = grid.page_points().1 - 297.0 / 25.4 * 72.0;
    let mut out = b"/G0 gs q 1 0 0 1 0 ".to_vec();
    push_points(&mut out, shift);
    out.extend_from_slice(b" cm/S");
    push_int(&mut out, form as i64);
    out.extend_from_slice(b" Do Q 0 0 0 1 k ");
    push_scale(&mut out, grid.dot());
    out.extend_from_slice(b" 0 0 ");
    push_scale(&mut out, grid.dot());
    out.extend_from_slice(b" 0 0 cm\n");
    out
}

#[cfg(test)]
mod tests;
