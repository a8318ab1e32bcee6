//! printpdf, alone and over our ready stock, as its examples have it and at its best.

use std::collections::BTreeMap;
use std::path::Path;

use lopdf::{Document, Object};
use printpdf::{
    Color, DictItem, ExternalStream, ExternalXObject, FontId, Greyscale, Op, PaintMode, ParsedFont,
    PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, Rect, TextItem, XObject,
    XObjectId, XObjectTransform,
};
use rayon::prelude::*;

use super::letters::{Letter, Letters, Symbol};
use super::printpdf_alone;
use super::stock::StockPage;

pub const SIZE: (f32, f32) = (595.32, 841.92);
/// Letters of a document.
const TOGETHER: usize = 1000;
/// From here on objects of the stock are numbered, above all that printpdf makes.
const FIRST_STOCK_OBJECT: u32 = 1_000_000;

/// How bars and modules are drawn.
#[derive(Clone, Copy, PartialEq)]
pub enum Symbols {
    /// As a rectangle for each run, which is what printpdf's own operations offer.
    Rectangles,
    /// As a mask of one bit a module, an XObject that is described by hand.
    Masks,
}

/// What does not change in a letter, for each variant.
pub enum Background<'a> {
    /// To be drawn in each letter by printpdf's own operations.
    Drawn(&'a [StockPage]),
    /// A PDF whose pages lie ready as forms.
    Ready(&'a [u8]),
}

/// Documents of many letters, as many at a time as rayon has threads.
pub fn documents(letters: &Letters, background: Background, folder: &Path, symbols: Symbols) -> Vec<u64> {
    let press = match background {
        Background::Drawn(pages) => Press::alone(pages, symbols),
        Background::Ready(stock) => Press::over(stock, symbols),
    };
    letters
        .letters
        .par_chunks(TOGETHER)
        .enumerate()
        .map(|document| press.document(folder, document))
        .collect()
}

/// What all documents share.
struct Press {
    symbols: Symbols,
    fonts: BTreeMap<FontId, PdfFont>,
    /// What draws the background of each variant.
    backgrounds: Vec<Vec<Op>>,
    forms: Vec<(XObjectId, XObject)>,
    stock: Document,
}

impl Press {
    fn alone(pages: &[StockPage], symbols: Symbols) -> Press {
        let backgrounds = pages.iter().map(printpdf_alone::background).collect();
        Press { symbols, fonts: fonts(), backgrounds, forms: Vec::new(), stock: Document::new() }
    }

    fn over(stock: &[u8], symbols: Symbols) -> Press {
        let mut stock = Document::load_mem(stock).expect("a stock");
        stock.renumber_objects_with(FIRST_STOCK_OBJECT);
        let pages = stock.get_pages().into_values().zip(0..);
        let forms: Vec<_> =
            pages.map(|(page, number)| (form_id(number), form(&stock, page, number))).collect();
        let use_form = |(id, _): &(XObjectId, XObject)| {
            vec![Op::UseXobject { id: id.clone(), transform: XObjectTransform::default() }]
        };
        let backgrounds = forms.iter().map(use_form).collect();
        Press { symbols, fonts: fonts(), backgrounds, forms, stock }
    }

    fn document(&self, folder: &Path, (number, letters): (usize, &[Letter])) -> u64 {
        let mut document = PdfDocument::new("Letters");
        document.resources.fonts.map = self.fonts.clone();
        document.resources.xobjects.map = self.forms.iter().cloned().collect();
        let pages = letters.iter().map(|letter| self.page(&mut document, letter)).collect();
        document.with_pages(pages);
        let mut pdf = document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new());
        pdf.compress();
        pdf.objects.extend(self.stock.objects.clone());
        pdf.max_id = pdf.max_id.max(self.stock.max_id);
        let mut bytes = Vec::new();
        pdf.save_to(&mut bytes).expect("memory");
        fs_err::write(folder.join(format!("{number:06}.pdf")), &bytes).expect("a disk");
        bytes.len() as u64
    }

    fn page(&self, document: &mut PdfDocument, letter: &Letter) -> PdfPage {
        let black = Color::Greyscale(Greyscale::new(0.0, None));
        let mut ops = self.backgrounds[letter.variant].clone();
        ops.push(Op::SetFillColor { col: black });
        for run in &letter.runs {
            let font = PdfFontHandle::External(FontId(run.font.clone()));
            ops.extend([
                Op::StartTextSection,
                Op::SetFont { font, size: Pt(run.size as f32) },
                Op::SetTextCursor { pos: Point { x: Pt(run.x as f32), y: Pt(SIZE.1 - run.y as f32) } },
                Op::ShowText { items: vec![TextItem::Text(run.text.clone())] },
                Op::EndTextSection,
            ]);
        }
        for symbol in [&letter.code39, &letter.datamatrix] {
            match self.symbols {
                Symbols::Rectangles => ops.extend(rectangles(symbol)),
                Symbols::Masks => ops.push(mask(document, symbol)),
            }
        }
        let edges = Rect::from_wh(Pt(SIZE.0), Pt(SIZE.1));
        PdfPage { media_box: edges.clone(), trim_box: edges.clone(), crop_box: edges, ops }
    }
}

fn fonts() -> BTreeMap<FontId, PdfFont> {
    let files = glob::glob("fonts/*.ttf").expect("a pattern").map(|path| path.expect("a font"));
    let font = |path: std::path::PathBuf| {
        let bytes = fs_err::read(&path).expect("a font");
        let mut font = ParsedFont::from_bytes(&bytes, 0, &mut Vec::new()).expect("a font");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        font.font_name = Some(name.clone());
        (FontId(name), PdfFont::new(font))
    };
    files.map(font).collect()
}

fn form_id(number: usize) -> XObjectId {
    XObjectId(format!("Stock{number}"))
}

/// The form that a page of the stock consists of.
fn form(stock: &Document, page: lopdf::ObjectId, number: usize) -> XObject {
    let (own, inherited) = stock.get_page_resources(page).expect("resources");
    let resources = own.or_else(|| stock.get_dictionary(*inherited.first()?).ok()).expect("resources");
    let forms = resources.get_deref(b"XObject", stock).and_then(Object::as_dict).expect("forms");
    let form =
        forms.get_deref(format!("S{number}").as_bytes(), stock).and_then(Object::as_stream).expect("a form");
    let DictItem::Stream { stream } = DictItem::from_lopdf(&Object::Stream(form.clone())) else {
        unreachable!()
    };
    XObject::External(ExternalXObject { stream, width: None, height: None, dpi: None })
}

fn rectangles(symbol: &Symbol) -> Vec<Op> {
    let (width, height) = (symbol.width / symbol.columns as f64, symbol.height / symbol.rows as f64);
    let rectangle = |(column, row, length): (usize, usize, usize)| {
        let (x, y) = (symbol.x + column as f64 * width, symbol.y + (row + 1) as f64 * height);
        let place = [x, f64::from(SIZE.1) - y, length as f64 * width, height].map(|points| Pt(points as f32));
        let mut rectangle = Rect::from_xywh(place[0], place[1], place[2], place[3]);
        rectangle.mode = Some(PaintMode::Fill);
        Op::DrawRectangle { rectangle }
    };
    symbol.runs().into_iter().map(rectangle).collect()
}

fn mask(document: &mut PdfDocument, symbol: &Symbol) -> Op {
    let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
    let entries = [
        ("Type", name("XObject")),
        ("Subtype", name("Image")),
        ("Width", DictItem::Int(symbol.columns as i64)),
        ("Height", DictItem::Int(symbol.rows as i64)),
        ("ImageMask", DictItem::Bool(true)),
        ("BitsPerComponent", DictItem::Int(1)),
        ("Decode", DictItem::Array(vec![DictItem::Int(1), DictItem::Int(0)])),
    ];
    let dict = entries.into_iter().map(|(key, item)| (key.to_owned(), item)).collect();
    let stream = ExternalStream { dict, content: symbol.bytes(), compress: true };
    let id = document.add_xobject(&ExternalXObject { stream, width: None, height: None, dpi: None });
    let transform = XObjectTransform {
        translate_x: Some(Pt(symbol.x as f32)),
        translate_y: Some(Pt(SIZE.1 - (symbol.y + symbol.height) as f32)),
        scale_x: Some(symbol.width as f32),
        scale_y: Some(symbol.height as f32),
        ..XObjectTransform::default()
    };
    Op::UseXobject { id, transform }
}
