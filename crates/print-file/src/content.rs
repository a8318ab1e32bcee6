//! The marks of one page as a short content stream.
//!
//! The stream follows another one that all pages of the form share, [`beginning`], which makes the unit one dot of the
//! press. All texts are in one text object: font, colour and spacing are written only when they change, positions as steps
//! from the line before. Symbols follow the texts as one-bit masks.

mod masks;

use zeroize::Zeroizing;

use super::deflate::deflate_page;
use super::glyph_set::GlyphSet;
use super::grid::Grid;
use super::number::{push_int, push_points, push_scale};
use super::text::{Cluster, Glyph, GlyphRun};
use masks::{BarMask, push_mask};

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

const NO_TEXT: TextState = TextState { font: None, size: 0.0, tracking: 0.0, k: 1.0, x: 0, y: 0 };

/// Where the pen stands. Lengths are in font units.
struct Pen {
    /// How far right of its place.
    ahead: i32,
    /// Half a dot.
    half: f64,
    /// The space that a viewer adds after each glyph.
    tracking: i32,
}

/// A page that takes marks: texts in the order of calls, then symbols in the order of calls. All marks overprint.
pub struct PageContent {
    grid: Grid,
    form: usize,
    out: Zeroizing<Vec<u8>>,
    /// The text object that is open.
    text: Option<TextState>,
    symbols: Zeroizing<Vec<u8>>,
    /// The offset in `symbols` where the cells of the first mask begin. The bytes before it deflate like text.
    first_cells: usize,
    glyphs: GlyphSet,
    /// Whether the content follows a mask of other content.
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
            first_cells: 0,
            glyphs: GlyphSet::default(),
            follows: false,
        }
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
        push_int(&mut self.out, x - before.x);
        self.op(" ");
        push_int(&mut self.out, y - before.y);
        self.op(" Td");
        let size = size / self.grid.dot();
        let units = f64::from(run.units_per_em) / size;
        let tracking = (tracking / self.grid.dot() * units).round() as i32;
        self.show(run, size, Pen { ahead: 0, half: units / 2.0, tracking });
        self.glyphs.add_run(font, run);
    }

    /// Shows a run: glyphs that their codes say all of as one string, others by themselves. `size` is in dots.
    fn show(&mut self, run: &GlyphRun, size: f64, mut pen: Pen) {
        let mut next = 0;
        for cluster in &run.clusters {
            if next < cluster.first {
                self.show_glyphs(&run.glyphs[next..cluster.first], run.units_per_em, &mut pen);
            }
            next = cluster.first + cluster.rises.len();
            self.show_cluster(cluster, &run.glyphs[cluster.first..next], run.units_per_em, size, &mut pen);
        }
        if next < run.glyphs.len() || next == 0 {
            self.show_glyphs(&run.glyphs[next..], run.units_per_em, &mut pen);
        }
    }

    /// Shows the glyphs of a cluster, each at its height, as one piece of text (ISO 32000-1 §14.9.4). `size` is in dots.
    fn show_cluster(
        &mut self,
        cluster: &Cluster,
        glyphs: &[Glyph],
        units_per_em: i32,
        size: f64,
        pen: &mut Pen,
    ) {
        let dots = |units: i32| f64::from(units) * size / f64::from(units_per_em);
        self.op("/Span<</ActualText<FEFF");
        for unit in cluster.text.encode_utf16() {
            self.op(&format!("{unit:04X}"));
        }
        self.op(">>>BDC\n");
        let mut height = 0;
        for (index, (glyph, rise)) in glyphs.iter().zip(&cluster.rises).enumerate() {
            let rise = dots(*rise).round() as i64;
            self.rise(rise - height, rise);
            height = rise;
            if index + 1 < glyphs.len() {
                self.show_glyphs(std::slice::from_ref(glyph), units_per_em, pen);
                pen.ahead += pen.tracking;
            } else {
                self.show_last(glyph, units_per_em, &dots, pen);
            }
        }
        self.rise(-height, 0);
        self.op("EMC\n");
    }

    /// Shows the last glyph of a cluster. An accent ends in the middle of its letter. Character spacing moves the pen from
    /// there to the letter's end, since readers take a move between two strings for a space.
    fn show_last(&mut self, glyph: &Glyph, units_per_em: i32, dots: &impl Fn(i32) -> f64, pen: &mut Pen) {
        let before = pen.ahead - glyph.offset;
        let placed = if f64::from(before.abs()) >= pen.half { 0 } else { before };
        let end = placed + glyph.width - glyph.advance + glyph.offset;
        let moves = f64::from(end.abs()) >= pen.half;
        let spacing = |page: &mut PageContent, units: i32| {
            push_points(&mut page.out, dots(units));
            page.op(" Tc\n");
        };
        if moves {
            spacing(self, pen.tracking - end);
        }
        self.show_glyphs(std::slice::from_ref(glyph), units_per_em, pen);
        if moves {
            spacing(self, pen.tracking);
            pen.ahead = 0;
        }
    }

    /// Sets the text rise in dots, if it changes.
    fn rise(&mut self, change: i64, rise: i64) {
        if change != 0 {
            push_int(&mut self.out, rise);
            self.op(" Ts\n");
        }
    }

    /// Appends the codes of glyphs. Where the pen would be half a dot off or more, a correction in thousandths of an em
    /// stands between them.
    fn show_glyphs(&mut self, glyphs: &[Glyph], units_per_em: i32, pen: &mut Pen) {
        let begin = self.out.len();
        self.op("(");
        let mut corrected = false;
        for glyph in glyphs {
            pen.ahead -= glyph.offset;
            if f64::from(pen.ahead.abs()) >= pen.half {
                self.correct(pen.ahead, units_per_em);
                (pen.ahead, corrected) = (0, true);
            }
            match glyph.code {
                0 => [[0, 0], glyph.id.to_be_bytes()].concat()[1..].iter().for_each(|byte| self.byte(*byte)),
                code => self.byte(code),
            }
            pen.ahead += glyph.width - glyph.advance + glyph.offset;
        }
        if corrected {
            self.out.insert(begin, b'[');
            self.op(")]TJ\n");
        } else {
            self.op(")Tj\n");
        }
    }

    /// Appends a byte of a literal string (ISO 32000-1 §7.3.4.2).
    fn byte(&mut self, byte: u8) {
        match byte {
            b'\r' => self.op("\\r"),
            b'(' | b')' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
            b'I' if self.follows && self.out.last() == Some(&b'E') => self.op("\\111"),
            _ => self.out.push(byte),
        }
    }

    /// Moves the pen back by `units` font units.
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
        let content = Zeroizing::new(deflate_page(&plain, text_bytes));
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
mod tests {
    use super::*;

    #[test]
    fn texts_that_follow_a_mask_do_not_spell_its_end() {
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

    /// The operators that a page may have.
    const OPERATORS: &str = " BT ET Tf Td Tj TJ Tc Ts Tr BDC EMC k RG w d re S q Q cm BI ID EI ";

    /// The tokens of a content without strings, dictionaries and cells.
    fn tokens(content: &[u8]) -> Vec<String> {
        let text: String = content.iter().map(|byte| char::from(*byte)).collect();
        let mut plain = String::new();
        let mut rest = text.as_str();
        // Strings and arrays of strings, property lists, names, and all from `ID` to `EI` delimit themselves.
        while let Some(begin) = rest.find(['(', '<', '[']).into_iter().chain(rest.find("ID ")).min() {
            plain.push_str(&rest[..begin]);
            let end = match &rest[begin..begin + 1] {
                "(" => ")",
                "[" => "]",
                "<" => ">>>",
                _ => "\nEI",
            };
            let length = rest[begin..].find(end).expect("an end");
            plain.push_str(if end == "\nEI" { "ID" } else { " " });
            rest = &rest[begin + length + if end == "\nEI" { 0 } else { end.len() }..];
        }
        plain.push_str(rest);
        plain.replace('/', " /").split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn no_two_operators_touch_in_whatever_order_marks_come() {
        let program = include_bytes!("../../../fonts/IBMPlexSans-Regular.ttf");
        let face = rustybuzz::Face::from_slice(program, 0).expect("a font");
        let (plan, table) = (crate::shaping_plan(&face), crate::GlyphTable::new(&face));
        let font =
            crate::FontProgram { program, index: 0, face: &face, plan: &plan, table: &table, name: "" };
        let run = |text: &str| crate::shape(&font, text).expect("a run");
        let (name, accented) = (run("MARTIN"), run("AG\u{303}UERO"));
        let marks: [&dyn Fn(&mut PageContent); 6] = [
            &|page| page.text(0, &name, 10.0, 0.0, 1.0, 72.0, 100.0),
            &|page| page.text(0, &name, 9.0, 0.5, 0.5, 72.0, 120.0),
            &|page| page.text(0, &accented, 9.0, 0.5, 0.5, 72.0, 140.0),
            &|page| page.outline(60.0, 90.0, 200.0, 40.0, [0.0, 0.45, 0.85]),
            &|page| page.bars(600, 1800, 120, &[(60, 6), (81, 6)]),
            &|page| page.modules(3000, 1800, 8, 12, &[0xAA; 8]),
        ];
        for order in 0..6usize.pow(3) {
            let mut page = PageContent::new(Grid::new(600), 0);
            for place in [order / 36, order / 6 % 6, order % 6] {
                marks[place](&mut page);
            }
            page.end_text();
            let written = [page.out.as_slice(), page.symbols.as_slice()].concat();
            for token in tokens(&written) {
                let known = token.starts_with('/') || token.parse::<f64>().is_ok() || token == "true";
                assert!(known || OPERATORS.contains(&format!(" {token} ")), "{token} in order {order}");
            }
        }
    }
}
