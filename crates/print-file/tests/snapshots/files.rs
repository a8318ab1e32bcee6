//! The print files that are compared: a stock of one form, one or two fonts, and few marks.

use print_file::{
    Conformance, FIRST_STOCK_OBJECT, FileLabel, FontProgram, GlyphTable, Grid, LotSheetLabel,
    OVERPRINT_STATES, OutputIntent, PageContent, PieceLabel, PrintFile, PrintedPage, SheetLabel, Stock,
    shape, shaping_plan,
};
use rustybuzz::{Face, ShapePlan};

const SANS: &[u8] = include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf");
const MONO: &[u8] = include_bytes!("../../../../fonts/IBMPlexMono-Regular.ttf");

/// A symbol of 10 × 10 modules, each row in two bytes.
const MODULES: [u8; 20] = [
    0xAA, 0x80, 0xC3, 0x40, 0x91, 0x00, 0xB4, 0xC0, 0x8D, 0x00, 0xE2, 0x40, 0x97, 0x80, 0xC8, 0x40, 0xA5,
    0x00, 0xFF, 0xC0,
];
/// Two rows of 16 modules whose mask says `EI` in the middle of its data.
const MODULES_WITH_END: [u8; 4] = [0xFF, !b'E', !b'I', 0xFF];

/// A font with what shapes its texts.
struct Font {
    program: &'static [u8],
    name: &'static str,
    face: Face<'static>,
    plan: ShapePlan,
    table: GlyphTable,
}

impl Font {
    fn load(program: &'static [u8], name: &'static str) -> Font {
        let face = Face::from_slice(program, 0).unwrap();
        Font { program, name, plan: shaping_plan(&face), table: GlyphTable::new(&face), face }
    }

    fn program(&self) -> FontProgram<'_> {
        let Font { program, name, face, plan, table } = self;
        FontProgram { program, index: 0, face, plan, table, name }
    }
}

fn grid() -> Grid {
    Grid::new(600)
}

/// One form: a grey line.
fn stock() -> Stock {
    let marks = "/G0 gs 0 0 0 .5 k 72 700 200 1 re f";
    let form = format!(
        "{FIRST_STOCK_OBJECT} 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 595.276 841.89]\
/Resources<</ExtGState<</G0 {OVERPRINT_STATES} 0 R>>>>/GTS_Encapsulated true/GTS_Scope/File\
/GTS_XID(uuid:01234567-89ab-8def-8123-456789abcdef)/Length {}>>\nstream\n{marks}\nendstream\nendobj\n",
        marks.len()
    );
    Stock {
        objects: form.into_bytes(),
        offsets: vec![(FIRST_STOCK_OBJECT, 0)],
        forms: vec![FIRST_STOCK_OBJECT],
    }
}

fn label(conformance: Conformance) -> FileLabel {
    FileLabel {
        title: "Letters <26324A> & more".to_owned(),
        lot: "26324A".to_owned(),
        day: (2026, 11, 20),
        conformance,
    }
}

fn piece_label(piece: &str, sequence: u32) -> PieceLabel<'_> {
    PieceLabel { piece, lot: "26324A", sequence, kind: "letter", sheets: 1, weight_class: 20 }
}

/// A page of one line in the only font.
fn line(font: &FontProgram, text: &str) -> PrintedPage {
    let mut page = PageContent::new(grid(), 0);
    page.text(0, &shape(font, text).unwrap(), 10.0, 0.0, 1.0, 72.0, 100.0);
    page.finish()
}

fn begin(fonts: usize) -> PrintFile<Vec<u8>> {
    PrintFile::begin(Vec::new(), grid(), &stock(), fonts, &OutputIntent::uncoated()).unwrap()
}

pub(crate) fn letter() -> Vec<u8> {
    let fonts = [Font::load(SANS, "IBMPlexSans"), Font::load(MONO, "IBMPlexMono")];
    let fonts = fonts.each_ref().map(Font::program);
    let mut page = PageContent::new(grid(), 0);
    let texts = [
        (0, "Mme FRANÇOISE L’HÉRITIER-AVERY", 11.0, 0.0, 1.0, 300.0, 150.0),
        (0, "12 BIS RUE DE L'ÉGLISE (ŁÓDŹ)", 11.0, 0.0, 1.0, 300.0, 163.0),
        (1, "2800012345", 9.0, 0.5, 0.6, 72.0, 220.0),
        (0, "une fiche officielle", 9.0, 0.0, 1.0, 72.0, 240.0),
    ];
    for (font, text, size, tracking, k, x, y) in texts {
        page.text(font, &shape(&fonts[font], text).unwrap(), size, tracking, k, x, y);
    }
    page.bars(600, 1800, 120, &[(60, 6), (81, 6), (93, 15), (114, 15)]);
    page.modules(3000, 1800, 10, 12, &MODULES);
    let mut file = begin(fonts.len());
    file.piece(&[page.finish()], &piece_label("26324A000001", 1)).unwrap();
    file.finish(&fonts, &label(Conformance::Press)).unwrap().0
}

pub(crate) fn two_pages() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let mut file = begin(1);
    for (sequence, piece) in (1..).zip(["26324A000001", "26324A000002"]) {
        let pages = [line(&font, piece), PrintedPage::blank()];
        file.piece(&pages, &piece_label(piece, sequence)).unwrap();
    }
    file.piece(&[], &piece_label("26324A000003", 3)).unwrap();
    file.finish(&[font], &label(Conformance::Press)).unwrap().0
}

pub(crate) fn imposed() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let (left, back) = (line(&font, "26324A000001"), PrintedPage::blank());
    let mut right = PageContent::new(grid(), 0);
    right.follows();
    right.text(0, &shape(&font, "MARSEILLE").unwrap(), 10.0, 0.0, 1.0, 72.0, 100.0);
    right.modules(300, 300, 2, 12, &MODULES_WITH_END);
    let right = right.finish();
    let sheet = |sheet, pieces| SheetLabel { lot: "26324A", kind: "letter", sheet, pieces, weight_class: 20 };
    let mut file = begin(1).imposed(grid()).unwrap();
    let two = [[Some(&left), Some(&right)], [Some(&back), Some(&back)]];
    file.sheet(&two, &sheet(1, [Some("26324A000001"), Some("26324A000002")])).unwrap();
    file.sheet(&[[Some(&left), None], [None, None]], &sheet(2, [Some("26324A000003"), None])).unwrap();
    file.finish(&[font], &label(Conformance::Press)).unwrap().0
}

pub(crate) fn archive() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let mut file = begin(1);
    file.piece(&[line(&font, "26324A000001")], &piece_label("26324A000001", 1)).unwrap();
    file.finish(&[font], &label(Conformance::PressAndArchive)).unwrap().0
}

pub(crate) fn lot_sheets() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let mut file = begin(1);
    let lot_sheet = |kind| LotSheetLabel { lot: "26324A", kind };
    file.lot_sheet(&[line(&font, "Lot 26324A")], &lot_sheet("header")).unwrap();
    file.piece(&[line(&font, "26324A000001")], &piece_label("26324A000001", 1)).unwrap();
    file.lot_sheet(&[line(&font, "End of lot 26324A")], &lot_sheet("trailer")).unwrap();
    file.finish(&[font], &label(Conformance::Press)).unwrap().0
}

pub(crate) fn plain() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let mut page = PageContent::new(grid(), 0);
    page.text(0, &shape(&font, "Mme SPECIMEN").unwrap(), 10.0, 0.2, 0.5, 72.0, 100.0);
    page.outline(60.0, 90.0, 200.0, 40.0, [0.0, 0.45, 0.85]);
    let mut file = begin(1);
    file.piece(&[page.finish()], &piece_label("26324A000001", 1)).unwrap();
    file.finish(&[font], &label(Conformance::Plain)).unwrap().0
}

pub(crate) fn accents() -> Vec<u8> {
    let font = Font::load(SANS, "IBMPlexSans");
    let font = font.program();
    let mut page = PageContent::new(grid(), 0);
    let names =
        [("AG\u{303}UERO", 0.0), ("\u{1ECC}\u{300}SUN", 0.5), ("\u{1ECC}L\u{C1}D\u{D9}NN\u{CD}", 0.0)];
    for (name, (text, tracking)) in (1..).zip(names) {
        page.text(0, &shape(&font, text).unwrap(), 10.0, tracking, 1.0, 72.0, 100.0 * f64::from(name));
    }
    let mut file = begin(1);
    file.piece(&[page.finish()], &piece_label("26324A000001", 1)).unwrap();
    file.finish(&[font], &label(Conformance::Press)).unwrap().0
}
