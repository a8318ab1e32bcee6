//! The marks of one page as a content stream.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::deflate::deflate_page;
use super::grid::Grid;
use super::number::{push_int, push_points, push_scale};
use super::text::{GlyphRun, GlyphText};

/// A finished page, independent of the file it goes to.
#[derive(Debug, Clone)]
pub struct PrintedPage {
    /// The deflated content stream, wiped on drop: a mailer's holds codes.
    pub content: Zeroizing<Vec<u8>>,
    /// The glyphs used, by font and number, with the text they stand for.
    pub glyphs: BTreeMap<(usize, u16), GlyphText>,
}

/// A page being marked. The order of calls is the order of painting.
pub struct PageContent {
    grid: Grid,
    out: Zeroizing<Vec<u8>>,
    glyphs: BTreeMap<(usize, u16), GlyphText>,
}

impl PageContent {
    /// A page that shows the stock form of that index. Black overprints (`/G0`, inherited by the form).
    pub fn new(grid: Grid, form: usize) -> PageContent {
        let mut page =
            PageContent { grid, out: Zeroizing::new(Vec::with_capacity(8192)), glyphs: BTreeMap::new() };
        let shift = grid.page_points().1 - 297.0 / 25.4 * 72.0;
        page.op("/G0 gs q 1 0 0 1 0 ");
        push_points(&mut page.out, shift);
        page.op(" cm /S");
        push_int(&mut page.out, form as i64);
        page.op(" Do Q\n");
        page
    }

    fn op(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn points(&mut self, values: &[f64]) {
        for value in values {
            push_points(&mut self.out, *value);
            self.out.push(b' ');
        }
    }

    /// Fills with a share of black from here on.
    fn black(&mut self, k: f64) {
        self.op("0 0 0 ");
        push_points(&mut self.out, k);
        self.op(" k ");
    }

    /// A line of text whose baseline begins at `x`, `y` (points from the top left corner).
    pub fn text(&mut self, font: usize, run: &GlyphRun, size: f64, tracking: f64, k: f64, x: f64, y: f64) {
        let bottom = self.grid.page_points().1 - y;
        self.op("BT ");
        self.black(k);
        self.op("/F");
        push_int(&mut self.out, font as i64);
        self.op(" ");
        self.points(&[size]);
        self.op("Tf ");
        if tracking != 0.0 {
            self.points(&[tracking]);
            self.op("Tc ");
        }
        self.op("1 0 0 1 ");
        self.points(&[x, bottom]);
        self.op("Tm ");
        self.show(font, run);
        self.op(" TJ");
        if tracking != 0.0 {
            self.op(" 0 Tc");
        }
        self.op(" ET\n");
    }

    /// The glyphs in hexadecimal, with the pen's corrections in thousandths of an em between them.
    fn show(&mut self, font: usize, run: &GlyphRun) {
        let thousandths = |units: i32| f64::from(units) * 1000.0 / f64::from(run.units_per_em);
        self.op("[<");
        let mut pending = 0;
        for glyph in &run.glyphs {
            self.correct(thousandths(pending - glyph.offset));
            for shift in [12, 8, 4, 0] {
                self.out.push(b"0123456789ABCDEF"[usize::from(glyph.id >> shift & 15)]);
            }
            pending = glyph.width - glyph.advance + glyph.offset;
            self.glyphs.insert((font, glyph.id), glyph.text);
        }
        self.op(">]");
    }

    fn correct(&mut self, thousandths: f64) {
        if thousandths.abs() >= 0.5 {
            self.op(">");
            push_int(&mut self.out, thousandths.round() as i64);
            self.op("<");
        }
    }

    /// Bars of full black on whole dots: `bars` are left edges and widths counted from `left`; `left` and `top`
    /// count from the page's top left corner. All in dots.
    pub fn bars(&mut self, left: u32, top: u32, height: u32, bars: impl Iterator<Item = (u32, u32)>) {
        let bottom = i64::from(self.grid.page_dots().1) - i64::from(top) - i64::from(height);
        self.begin_dots();
        for (x, width) in bars {
            for value in [i64::from(left + x), bottom, i64::from(width), i64::from(height)] {
                push_int(&mut self.out, value);
                self.out.push(b' ');
            }
            self.op("re\n");
        }
        self.op("f Q\n");
    }

    /// A square symbol as a one-bit mask of `side` × `side` cells of `cell` dots each; `rows` are packed, most
    /// significant bit first, 1 is dark. `left` and `top` are dots from the page's top left corner.
    pub fn modules(&mut self, left: u32, top: u32, side: u32, cell: u32, rows: &[u8]) {
        let size = i64::from(side * cell);
        let bottom = i64::from(self.grid.page_dots().1) - i64::from(top) - size;
        self.begin_dots();
        for value in [size, 0, 0, size, i64::from(left), bottom] {
            push_int(&mut self.out, value);
            self.out.push(b' ');
        }
        self.op("cm BI /IM true /D [1 0] /I false /BPC 1 /W ");
        push_int(&mut self.out, i64::from(side));
        self.op(" /H ");
        push_int(&mut self.out, i64::from(side));
        self.op(" /F /AHx ID\n");
        for byte in rows {
            self.out.push(b"0123456789ABCDEF"[usize::from(byte >> 4)]);
            self.out.push(b"0123456789ABCDEF"[usize::from(byte & 15)]);
        }
        self.op(">\nEI Q\n");
    }

    fn begin_dots(&mut self) {
        let dot = self.grid.dot();
        self.op("q ");
        self.black(1.0);
        push_scale(&mut self.out, dot);
        self.op(" 0 0 ");
        push_scale(&mut self.out, dot);
        self.op(" 0 0 cm ");
    }

    /// Unprinted outlines for designers: a dashed rectangle in colour. Never called for a press.
    pub fn outline(&mut self, x: f64, y: f64, width: f64, height: f64, rgb: [f64; 3]) {
        let bottom = self.grid.page_points().1 - y - height;
        self.op("q ");
        self.points(&rgb);
        self.op("RG 0.8 w [3 2] 0 d ");
        self.points(&[x, bottom, width, height]);
        self.op("re S Q\n");
    }

    /// Deflates the page.
    pub fn finish(self) -> PrintedPage {
        PrintedPage { content: Zeroizing::new(deflate_page(&self.out)), glyphs: self.glyphs }
    }
}
