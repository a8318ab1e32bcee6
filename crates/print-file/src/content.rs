//! The marks of one page as a content stream, in as few bytes as it can be said.
//!
//! What all pages of a form begin with stands before it, in a stream that they share. From there on the unit is a dot
//! of the press. All texts stand in one text object; font, colour and spacing are said when they change, places as
//! steps from the line before. Symbols come after the texts, as raw one-bit masks.

use zeroize::Zeroizing;

use super::deflate::deflate_page;
use super::grid::Grid;
use super::number::{push_int, push_points, push_scale};
use super::text::GlyphRun;
use super::used::UsedGlyphs;

/// A finished page, independent of the file it goes to.
#[derive(Debug, Clone)]
pub struct PrintedPage {
    /// The index of the stock form that it shows; none on a blank page.
    pub form: Option<usize>,
    /// The deflated content stream, wiped on drop: a mailer's holds codes.
    pub content: Zeroizing<Vec<u8>>,
    /// The glyphs used.
    pub glyphs: UsedGlyphs,
}

impl PrintedPage {
    /// A page with nothing on it: the back of a sheet that has none of its own.
    pub fn blank() -> PrintedPage {
        PrintedPage {
            form: None,
            content: Zeroizing::new(deflate_page(b"", 0)),
            glyphs: UsedGlyphs::default(),
        }
    }
}

/// What is set in the text object, so that it is not said again.
#[derive(Clone, Copy, PartialEq)]
struct TextState {
    font: Option<usize>,
    size: f64,
    tracking: f64,
    k: f64,
    /// Where the last line began, in dots from the bottom left corner.
    x: i64,
    y: i64,
}

const NO_TEXT: TextState = TextState { font: None, size: 0.0, tracking: 0.0, k: 1.0, x: 0, y: 0 };

/// A page being marked: texts in the order of calls, then symbols in theirs. Nothing hides what lies below it.
pub struct PageContent {
    grid: Grid,
    form: usize,
    out: Zeroizing<Vec<u8>>,
    /// The text object that is open.
    text: Option<TextState>,
    symbols: Zeroizing<Vec<u8>>,
    /// How many bytes of the symbols are words like marks: up to the cells of the first.
    words: usize,
    glyphs: UsedGlyphs,
    /// Whether other content may stand before it.
    follows: bool,
}

impl PageContent {
    /// A page that shows the stock form of that index.
    pub fn new(grid: Grid, form: usize) -> PageContent {
        PageContent {
            grid,
            form,
            out: Zeroizing::new(Vec::with_capacity(2048)),
            text: None,
            symbols: Zeroizing::new(Vec::with_capacity(512)),
            words: 0,
            glyphs: UsedGlyphs::default(),
            follows: false,
        }
    }

    /// Makes it fit to stand behind other content on an imposed sheet: its texts don't say `EI`, by which a reader that
    /// looks for the end of the mask before them could go astray.
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

    /// Lengths in points.
    fn lengths(&mut self, points: &[f64]) {
        points.iter().for_each(|length| self.numbers(&[length / self.grid.dot()]));
    }

    /// A line of text whose baseline begins at the dot next to `x`, `y` (points from the top left corner).
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
        push_int(&mut self.out, x - before.x);
        self.op(" ");
        push_int(&mut self.out, y - before.y);
        self.op(" Td");
        self.show(font, run, size / self.grid.dot());
    }

    /// The codes of the glyphs, with the pen's corrections in thousandths of an em between them as soon as it would
    /// be half a dot off. `size` is in dots.
    fn show(&mut self, font: usize, run: &GlyphRun, size: f64) {
        let begin = self.out.len();
        self.op("(");
        // Half a dot in font units.
        let half = f64::from(run.units_per_em) / size / 2.0;
        let mut ahead = 0;
        let mut corrected = false;
        for glyph in &run.glyphs {
            ahead -= glyph.offset;
            if f64::from(ahead.abs()) >= half {
                self.correct(ahead, run.units_per_em);
                (ahead, corrected) = (0, true);
            }
            match glyph.code {
                0 => [[0, 0], glyph.id.to_be_bytes()].concat()[1..].iter().for_each(|byte| self.byte(*byte)),
                code => self.byte(code),
            }
            ahead += glyph.width - glyph.advance + glyph.offset;
        }
        self.glyphs.note(font, run);
        if corrected {
            self.out.insert(begin, b'[');
            self.op(")]TJ\n");
        } else {
            self.op(")Tj\n");
        }
    }

    /// A byte of a literal string (ISO 32000-1 §7.3.4.2).
    fn byte(&mut self, byte: u8) {
        match byte {
            b'\r' => self.op("\\r"),
            b'(' | b')' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
            b'I' if self.follows && self.out.last() == Some(&b'E') => self.op("\\111"),
            _ => self.out.push(byte),
        }
    }

    /// Moves the pen back by so many units.
    fn correct(&mut self, units: i32, units_per_em: i32) {
        self.op(")");
        push_int(&mut self.out, (f64::from(units) * 1000.0 / f64::from(units_per_em)).round() as i64);
        self.op("(");
    }

    fn end_text(&mut self) {
        let Some(state) = self.text.take() else { return };
        if state.tracking != 0.0 {
            self.op("0 Tc ");
        }
        self.op(if state.k == 1.0 { "ET" } else { "ET 0 0 0 1 k" });
    }

    /// Bars of full black on whole dots, as a mask of one row whose cell is the widest that all edges stand on: `bars`
    /// are left edges and widths counted from `left`; `left` and `top` count from the page's top left corner. In dots.
    pub fn bars(&mut self, left: u32, top: u32, height: u32, bars: &[(u32, u32)]) {
        let (Some(&(first, _)), Some(&(x, width))) = (bars.first(), bars.last()) else { return };
        let length = x + width - first;
        let edges = bars.iter().flat_map(|&(x, width)| [x - first, x + width - first]);
        let cell = edges.fold(length, greatest_common_divisor);
        let cells = length / cell;
        let mut row = vec![0u8; cells.div_ceil(8) as usize];
        for &(x, width) in bars {
            for at in (x - first) / cell..(x + width - first) / cell {
                row[at as usize / 8] |= 0x80 >> (at % 8);
            }
        }
        self.mask((left + first, top), (length, height), (cells, 1), &row);
    }

    /// A square symbol as a one-bit mask of `side` × `side` cells of `cell` dots each; `rows` are packed, most
    /// significant bit first, 1 is dark. `left` and `top` are dots from the page's top left corner.
    pub fn modules(&mut self, left: u32, top: u32, side: u32, cell: u32, rows: &[u8]) {
        self.mask((left, top), (side * cell, side * cell), (side, side), rows);
    }

    /// A mask at a place in dots, of a size in dots, of so many cells.
    fn mask(&mut self, place: (u32, u32), size: (u32, u32), cells: (u32, u32), rows: &[u8]) {
        let bottom = i64::from(self.grid.page_dots().1) - i64::from(place.1) - i64::from(size.1);
        let out = &mut self.symbols;
        out.extend_from_slice(b" q ");
        push_ints(out, &[i64::from(size.0), 0, 0, i64::from(size.1), i64::from(place.0), bottom]);
        out.extend_from_slice(b"cm BI/W ");
        push_ints(out, &[i64::from(cells.0)]);
        out.extend_from_slice(b"/H ");
        push_ints(out, &[i64::from(cells.1)]);
        let cells = push_mask(out, rows);
        if self.words == 0 {
            self.words = cells;
        }
        out.extend_from_slice(b"\nEI Q");
    }

    /// Unprinted outlines for designers: a dashed rectangle in colour. Never called for a press.
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
        self.op("re S Q 0 0 0 1 k");
    }

    /// Deflates the page.
    pub fn finish(mut self) -> PrintedPage {
        self.end_text();
        let marks = self.out.len() + self.words;
        let mut plain = Zeroizing::new(Vec::with_capacity(self.out.len() + self.symbols.len()));
        plain.extend_from_slice(&self.out);
        plain.extend_from_slice(&self.symbols);
        let content = Zeroizing::new(deflate_page(&plain, marks));
        PrintedPage { form: Some(self.form), content, glyphs: self.glyphs }
    }
}

/// What every page of a form begins with: black that overprints (`/G0`, which the form takes over), the form, and a
/// coordinate system whose unit is one dot.
pub(super) fn beginning(grid: Grid, form: Option<usize>) -> Vec<u8> {
    let Some(form) = form else { return b"/G0 gs\n".to_vec() };
    // Stock pages are A4 to the point; a page is A4 to the dot, and both count from the top.
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

fn push_ints(out: &mut Vec<u8>, values: &[i64]) {
    for value in values {
        push_int(out, *value);
        out.push(b' ');
    }
}

/// The cells of a mask, where 0 paints; gives where they begin. Raw, but in hexadecimal where a reader that looks for the
/// end of the image instead of counting its bytes could find it too early.
fn push_mask(out: &mut Vec<u8>, rows: &[u8]) -> usize {
    out.extend_from_slice(b"/IM true");
    let begin = out.len();
    out.extend_from_slice(b" ID ");
    out.extend(rows.iter().map(|byte| !byte));
    if !out[begin + 4..].windows(2).any(|pair| pair == b"EI") {
        return begin + 4;
    }
    out.truncate(begin);
    out.extend_from_slice(b"/F/AHx ID ");
    let cells = out.len();
    for byte in rows {
        out.extend_from_slice(&[HEX[usize::from(!byte >> 4)], HEX[usize::from(!byte & 15)]]);
    }
    out.push(b'>');
    cells
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_follow_a_mask_do_not_say_its_end() {
        let written = |follows: bool| {
            let mut page = PageContent::new(Grid::new(600), 0);
            if follows {
                page.follows();
            }
            b"13385 MARSEILLE (EI)".iter().for_each(|byte| page.byte(*byte));
            String::from_utf8_lossy(&page.out).into_owned()
        };
        assert_eq!(written(false), "13385 MARSEILLE \\(EI\\)");
        assert_eq!(written(true), "13385 MARSE\\111LLE \\(E\\111\\)");
    }
}
