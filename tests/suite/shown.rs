//! Pages that the writer composes are shown as they were written, by the reader that shares no code with it; and so are files
//! that qpdf wrote again.

use std::path::Path;
use std::sync::Arc;

use preflight::{Outline, Paint, ShownFile, ShownMask, ShownPage, ShownText, TextPen};
use print_file::{
    Conformance, FIRST_STOCK_OBJECT, FileLabel, FontProgram, GlyphTable, Grid, OVERPRINT_STATES,
    OutputIntent, PageContent, PieceLabel, PrintFile, PrintedPage, SheetLabel, Stock, shape, shaping_plan,
};
use proptest::prelude::*;
use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Face, UnicodeBuffer};

use crate::tools::{text, tool};

const PROGRAMS: [&[u8]; 2] = [
    include_bytes!("../../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../../fonts/IBMPlexMono-Regular.ttf"),
];

/// What texts are made of: letters of French and Polish, ligatures, signs, and a letter with an accent for which no font has
/// a glyph.
const SYLLABLES: [&str; 29] = [
    "A", "V", "T", "o", "É", "è", "ç", "Ÿ", "Œ", "fi", "ffl", "0", "1", "7", " ", "-", "’", "(", ")", "\\",
    "&", "Ł", "ó", "ź", "Q\u{301}", "M\u{30C}", "x", "EI", "W",
];

/// A line of text, in points from the top left corner.
#[derive(Debug, Clone)]
struct Line {
    font: usize,
    text: String,
    size: f64,
    tracking: f64,
    black: f64,
    place: (f64, f64),
    turn: u16,
}

/// A mask, in dots from the top left corner.
#[derive(Debug, Clone)]
enum Symbol {
    /// Left, top, height, and left edge and width of each bar.
    Bars(u32, u32, u32, Vec<(u32, u32)>),
    /// Left, top, modules of a side, dots of a module, rows.
    Modules(u32, u32, u32, u32, Vec<u8>),
}

#[derive(Debug, Clone)]
struct Page {
    lines: Vec<Line>,
    symbols: Vec<Symbol>,
    conceals: bool,
}

/// What a file is made of.
#[derive(Debug, Clone)]
struct Book {
    dpi: u32,
    imposed: bool,
    pages: Vec<Page>,
}

fn line() -> impl Strategy<Value = Line> {
    let text = prop::collection::vec(prop::sample::select(&SYLLABLES[..]), 1..24);
    let look = (0usize..2, 40u32..240, -2i32..8, 1u32..=10);
    let place = (0u32..5500, 200u32..8000, prop::sample::select(vec![0u16, 0, 0, 90, 180, 270]));
    (text, look, place).prop_map(|(text, (font, size, tracking, black), (x, y, turn))| Line {
        font,
        text: text.concat(),
        size: f64::from(size) / 10.0,
        tracking: f64::from(tracking) / 10.0,
        black: f64::from(black) / 10.0,
        place: (f64::from(x) / 10.0, f64::from(y) / 10.0),
        turn,
    })
}

fn symbol() -> impl Strategy<Value = Symbol> {
    let corner = || (0u32..2000, 0u32..3000);
    let bars = prop::collection::vec((1u32..20, 1u32..16), 1..40);
    let bars = (corner(), 1u32..300, bars).prop_map(|((left, top), height, steps)| {
        let mut at = 0;
        let bars = steps.into_iter().map(|(space, width)| {
            let bar = (at + space, width);
            at += space + width;
            bar
        });
        Symbol::Bars(left, top, height, bars.collect())
    });
    let modules = (corner(), 1u32..40, 1u32..16).prop_flat_map(|((left, top), side, cell)| {
        let row = side.div_ceil(8) as usize;
        prop::collection::vec(any::<u8>(), row * side as usize).prop_map(move |mut rows| {
            let last = 0xFFu8 << (8 * row as u32 - side);
            rows.iter_mut().skip(row - 1).step_by(row).for_each(|byte| *byte &= last);
            Symbol::Modules(left, top, side, cell, rows)
        })
    });
    prop_oneof![bars, modules]
}

fn book() -> impl Strategy<Value = Book> {
    let page = (prop::collection::vec(line(), 0..8), prop::collection::vec(symbol(), 0..4), any::<bool>());
    let page = page.prop_map(|(lines, symbols, conceals)| Page { lines, symbols, conceals });
    let pages = prop::collection::vec(page, 1..5);
    (prop::sample::select(vec![300u32, 600, 1200]), any::<bool>(), pages)
        .prop_map(|(dpi, imposed, pages)| Book { dpi, imposed, pages })
}

/// A font with what shapes its texts.
struct Font {
    face: Face<'static>,
    plan: rustybuzz::ShapePlan,
    table: GlyphTable,
}

impl Font {
    fn of(program: &'static [u8]) -> Font {
        let face = Face::from_slice(program, 0).unwrap();
        Font { plan: shaping_plan(&face), table: GlyphTable::new(&face), face }
    }
}

fn composed(page: &Page, fonts: &[FontProgram; 2], grid: Grid, follows: bool) -> PrintedPage {
    let mut content = PageContent::new(grid, 0);
    if page.conceals {
        content.conceal_length();
    }
    if follows {
        content.follows();
    }
    for Line { font, text, size, tracking, black, place: (x, y), turn } in &page.lines {
        let run = shape(&fonts[*font], text).unwrap();
        match turn {
            0 => content.text(*font, &run, *size, *tracking, *black, *x, *y),
            turn => {
                content.turned(*turn, |content| content.text(*font, &run, *size, *tracking, *black, *x, *y))
            }
        }
    }
    for symbol in &page.symbols {
        match symbol {
            Symbol::Bars(left, top, height, bars) => content.bars(*left, *top, *height, bars),
            Symbol::Modules(left, top, side, cell, rows) => content.modules(*left, *top, *side, *cell, rows),
        }
    }
    content.finish()
}

/// Writes a book as a print file.
fn written(book: &Book) -> Vec<u8> {
    let fonts = PROGRAMS.map(Font::of);
    let programs: [FontProgram; 2] = std::array::from_fn(|index| {
        let Font { face, plan, table } = &fonts[index];
        let name = ["IBMPlexSans", "IBMPlexMono"][index];
        FontProgram { program: PROGRAMS[index], index: 0, face, plan, table, name }
    });
    let (grid, intent) = (Grid::new(book.dpi), OutputIntent::uncoated());
    let mut file = PrintFile::begin(Vec::new(), grid, &stock(), 2, &intent).unwrap();
    let pages = book.pages.iter().enumerate();
    let pages: Vec<PrintedPage> =
        pages.map(|(index, page)| composed(page, &programs, grid, book.imposed && index % 2 == 1)).collect();
    if book.imposed {
        file = file.imposed(grid).unwrap();
        for (pair, number) in pages.chunks(2).zip(1..) {
            let pieces = [Some("26324A000001"), pair.get(1).map(|_| "26324A000002")];
            let label = SheetLabel { lot: "26324A", kind: "letter", sheet: number, pieces, weight_class: 20 };
            file.sheet(&[[pair.first(), pair.get(1)]], &label).unwrap();
        }
    } else {
        for (page, sequence) in pages.into_iter().zip(1..) {
            let label = PieceLabel {
                piece: "26324A000001",
                lot: "26324A",
                sequence,
                kind: "letter",
                sheets: 1,
                weight_class: 20,
            };
            file.piece(&[page], &label).unwrap();
        }
    }
    let label = FileLabel {
        title: "Letters".to_owned(),
        lot: "26324A".to_owned(),
        day: (2026, 11, 20),
        conformance: Conformance::Press,
    };
    file.finish(&programs, &label).unwrap().0
}

/// One form: a grey line.
fn stock() -> Stock {
    let marks = "/G0 gs 0 0 0 .5 k 72 700 200 1 re f";
    let form = format!(
        "{FIRST_STOCK_OBJECT} 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 595.276 841.89]\
/Resources<</ExtGState<</G0 {OVERPRINT_STATES} 0 R>>>>/Length {}>>\nstream\n{marks}\nendstream\nendobj\n",
        marks.len()
    );
    Stock {
        objects: form.into_bytes(),
        offsets: vec![(FIRST_STOCK_OBJECT, 0)],
        forms: vec![FIRST_STOCK_OBJECT],
    }
}

/// That a file shows a book and nothing else.
fn assert_shows(bytes: Vec<u8>, book: &Book) {
    let file = ShownFile::open(Arc::new(bytes)).unwrap();
    let columns = if book.imposed { 2 } else { 1 };
    assert_eq!(file.pages(), book.pages.len().div_ceil(columns));
    let (grid, mut page) = (Grid::new(book.dpi), ShownPage::default());
    for (index, wanted) in book.pages.chunks(columns).enumerate() {
        file.page(index, &mut page).unwrap();
        let (width, height) = grid.page_points();
        near(page.size.0, columns as f64 * width, 0.01);
        near(page.size.1, height, 0.01);
        let mut paint = page.paint.iter();
        for (column, wanted) in wanted.iter().enumerate() {
            let left = column as f64 * width;
            let Some(Paint::Form(form)) = paint.next() else { panic!("no form: {:?}", page.paint) };
            assert!(form.upright);
            near(form.origin.0, left, 0.01);
            near(form.origin.1, 297.0 / 25.4 * 72.0, 0.01);
            for line in &wanted.lines {
                let Some(Paint::Text(shown)) = paint.next() else { panic!("no text for {line:?}") };
                assert_line(&file, shown, line, left, grid);
            }
            for symbol in &wanted.symbols {
                let Some(Paint::Mask(shown)) = paint.next() else { panic!("no mask for {symbol:?}") };
                assert_symbol(shown, symbol, left, grid);
            }
        }
        assert!(paint.next().is_none(), "page {index} shows something more");
    }
}

fn near(shown: f64, wanted: f64, most: f64) {
    assert!((shown - wanted).abs() <= most, "{shown} is not {wanted}");
}

fn assert_line(file: &ShownFile, shown: &ShownText, line: &Line, left: f64, grid: Grid) {
    let Line { font, text, size, tracking, black, place, turn } = line;
    let snapped = |points: f64| (points / grid.dot()).round() * grid.dot();
    let own = &file.fonts()[shown.font];
    assert_eq!((&shown.text, shown.turn, shown.drawing, shown.clip), (text, *turn, false, None));
    assert!(own.base_font.ends_with(["IBMPlexSans", "IBMPlexMono"][*font]), "{}", own.base_font);
    near(shown.size, *size, 0.001);
    near(shown.tracking, *tracking, 0.001);
    near(shown.origin.0, left + snapped(place.0), 0.002);
    near(shown.origin.1, snapped(place.1), 0.002);
    let TextPen::Fill(shown_black) = shown.pen else { panic!("not filled: {:?}", shown.pen) };
    near(shown_black, *black, 0.0005);
    // A letter without a glyph of its own is set of two, which the shaper alone doesn't.
    if text.contains(['\u{301}', '\u{30C}']) {
        return;
    }
    let face = Face::from_slice(PROGRAMS[*font], 0).unwrap();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let shaped = rustybuzz::shape(&face, &[], buffer);
    assert_eq!(shown.glyphs.len(), shaped.len(), "{text}");
    let mut pen = 0.0;
    let step = size / f64::from(face.units_per_em());
    for ((glyph, info), position) in
        shown.glyphs.iter().zip(shaped.glyph_infos()).zip(shaped.glyph_positions())
    {
        near(f64::from(glyph.along), pen + f64::from(position.x_offset) * step, grid.dot());
        let mut outline = Outline::default();
        let _ = face.outline_glyph(GlyphId(info.glyph_id as u16), &mut outline);
        assert!(own.outlines[usize::from(glyph.glyph)] == outline, "another glyph in {text}");
        pen += f64::from(position.x_advance) * step + tracking;
    }
    near(shown.length, pen - tracking, grid.dot());
}

fn assert_symbol(shown: &ShownMask, symbol: &Symbol, left: f64, grid: Grid) {
    let (corner, size, dark): (_, _, Box<dyn Fn(u32, u32) -> bool>) = match symbol {
        Symbol::Bars(x, top, height, bars) => {
            let (first, (last, width)) = (bars[0].0, bars[bars.len() - 1]);
            let dark =
                move |x: u32, _: u32| bars.iter().any(|(at, wide)| (*at..at + wide).contains(&(first + x)));
            ((x + first, *top), (last + width - first, *height), Box::new(dark))
        }
        Symbol::Modules(x, top, side, cell, rows) => {
            let row = side.div_ceil(8);
            let dark = move |x: u32, y: u32| {
                let (x, y) = (x / cell, y / cell);
                rows[(y * row + x / 8) as usize] >> (7 - x % 8) & 1 == 1
            };
            ((*x, *top), (side * cell, side * cell), Box::new(dark))
        }
    };
    let points = |dots: u32| f64::from(dots) * grid.dot();
    assert!(shown.upright && shown.black == 1.0);
    near(shown.bounds.left, left + points(corner.0), 0.002);
    near(shown.bounds.top, points(corner.1), 0.002);
    near(shown.bounds.right, left + points(corner.0 + size.0), 0.002);
    near(shown.bounds.bottom, points(corner.1 + size.1), 0.002);
    let row = shown.columns.div_ceil(8);
    for (x, y) in (0..size.0).flat_map(|x| [0, size.1 / 2, size.1 - 1].map(|y| (x, y))) {
        let (column, line) = (x * shown.columns / size.0, y * shown.rows / size.1);
        let cell = shown.cells[(line * row + column / 8) as usize] >> (7 - column % 8) & 1 == 1;
        assert_eq!(cell, dark(x, y), "dot {x}, {y} of {symbol:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn pages_are_shown_as_they_were_written(book in book()) {
        assert_shows(written(&book), &book);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn files_that_qpdf_wrote_again_show_the_same(book in book()) {
        let folder = tempfile::tempdir().unwrap();
        let [before, after] = ["before.pdf", "after.pdf"].map(|name| folder.path().join(name));
        fs_err::write(&before, written(&book)).unwrap();
        for way in ["--qdf", "--object-streams=generate", "--linearize", "--object-streams=disable"] {
            if tool("qpdf", &[way, "--warning-exit-0", text(&before), text(&after)]).is_none() {
                return Ok(());
            }
            assert_shows(read(&after), &book);
        }
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs_err::read(path).unwrap()
}
