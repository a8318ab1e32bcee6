//! The symbols of one page of a picture file or a PDF.
//!
//! A page of a PDF is drawn, and the pictures on it are read in their own resolution as well. A symbol that both show is
//! one symbol.

use serde::{Deserialize, Serialize};
use symbols::{DataMatrices, Effort, Picture, read_data_matrices};

use crate::failure::Failure;
use crate::raster::{
    BEHIND_THE_FIRST, Content, OpenPdf, RasterError, Renderer, SAVE_EACH, is_animation, is_pdf,
    pages_of_picture,
};

/// Pixels per inch at which a page is drawn.
const PAGE_DPI: f64 = 300.0;

/// Pixels per inch at which a page with very small modules is drawn.
const FINE_DPI: f64 = 600.0;

/// The least module at [`PAGE_DPI`], in pixels.
const LEAST_MODULE: f64 = 2.5;

/// Points per inch.
const POINTS: f64 = 72.0;

/// The Data Matrix symbols of a page.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PageSymbols {
    /// How many pages the file has.
    pub pages: u32,
    /// The content of each symbol that was read, from top to bottom, then from left to right.
    pub read: Vec<Vec<u8>>,
    /// What was found and can't be read, each in words.
    pub unread: Vec<String>,
}

/// Reads a page, from 1, of a picture file or a PDF.
///
/// # Errors
/// `picture`: neither, damaged or too large; `pdf_unreadable`, `pdf_encrypted`, `pdf_no_page`, `pdf_page_too_large`.
pub(super) fn read_page(mut bytes: Vec<u8>, page: u32) -> Result<PageSymbols, Failure> {
    match is_pdf(&mut bytes) {
        true => Ok(page_of_pdf(bytes, page)?),
        false => page_of_picture(&bytes, page),
    }
}

fn page_of_picture(bytes: &[u8], page: u32) -> Result<PageSymbols, Failure> {
    if page > 1 && is_animation(bytes) {
        return Err(Failure::usage("picture", format!("{BEHIND_THE_FIRST}: {SAVE_EACH}")));
    }
    let picture = Picture::decode_page(bytes, page.saturating_sub(1) as usize)?;
    let found = read_data_matrices(&picture, &Effort::unlimited());
    let unread = found.unread.iter().map(|corners| {
        let (x, y) = middle(corners);
        format!("a Data Matrix around pixel {x:.0}, {y:.0} was found and can't be read")
    });
    let unread = unread.collect();
    let read = found.symbols.into_iter().map(|symbol| symbol.bytes).collect();
    Ok(PageSymbols { pages: pages_of_picture(bytes), read, unread })
}

fn page_of_pdf(bytes: Vec<u8>, page: u32) -> Result<PageSymbols, RasterError> {
    // The name is the caller's.
    let pdf = OpenPdf::from_bytes("", bytes)?;
    let renderer = pdf.renderer();
    let mut found = OnPage::default();
    let content = renderer.content(page)?;
    let too_many_pixels = content.too_many_pixels;
    for (picture, place) in pictures(&renderer, page, content)? {
        found.add(read_data_matrices(&picture, &Effort::unlimited()), place.as_ref());
    }
    found.read.sort_by_key(|symbol| (symbol.top as i64, symbol.left as i64));
    let millimetres = |points: f64| points * 25.4 / POINTS;
    let place = |symbol: &Symbol| {
        let (x, y) = symbol.middle;
        let (x, y) = (millimetres(x), millimetres(y));
        format!(
            "a Data Matrix {x:.0} mm from the left and {y:.0} mm from the top was found and can't be read"
        )
    };
    let mut unread: Vec<String> = found.unread.iter().map(place).collect();
    if too_many_pixels {
        unread.push("pictures of more than 200 million pixels are on it, which were not searched".to_owned());
    }
    Ok(PageSymbols {
        pages: pdf.pages(),
        unread,
        read: found.read.into_iter().map(|symbol| symbol.bytes).collect(),
    })
}

/// Maps a point of a picture to the page, in points from its top left corner.
type Place = Box<dyn Fn((f32, f32)) -> (f64, f64)>;

/// The page as it is drawn, then each picture on it.
fn pictures(
    renderer: &Renderer<'_>,
    page: u32,
    content: Content,
) -> Result<Vec<(Picture, Place)>, RasterError> {
    let fine = content.least_module < LEAST_MODULE / PAGE_DPI * POINTS;
    let drawn_at = |dpi: f64| renderer.picture(page, dpi).map(|picture| (picture, dpi));
    let (drawn, dpi) = match fine {
        true => drawn_at(FINE_DPI).or_else(|_| drawn_at(PAGE_DPI)),
        false => drawn_at(PAGE_DPI),
    }?;
    let on_page = move |(x, y): (f32, f32)| (f64::from(x) * POINTS / dpi, f64::from(y) * POINTS / dpi);
    let mut pictures: Vec<(Picture, Place)> = vec![(drawn, Box::new(on_page))];
    for placed in content.pictures {
        let (picture, to_page) = placed.into_parts();
        pictures.push((picture, Box::new(to_page)));
    }
    Ok(pictures)
}

/// A symbol on a page, in points.
struct Symbol {
    bytes: Vec<u8>,
    middle: (f64, f64),
    top: f64,
    left: f64,
    /// From the middle to the farthest corner.
    reach: f64,
}

impl Symbol {
    fn new(bytes: Vec<u8>, outline: &[(f32, f32)], place: &dyn Fn((f32, f32)) -> (f64, f64)) -> Symbol {
        let middle = place(middle(outline));
        let corners: Vec<(f64, f64)> = outline.iter().map(|&corner| place(corner)).collect();
        let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
        let reach = corners.iter().map(|&corner| distance(middle, corner)).fold(0.0, f64::max);
        Symbol {
            bytes,
            middle,
            top: least(&mut corners.iter().map(|corner| corner.1)),
            left: least(&mut corners.iter().map(|corner| corner.0)),
            reach,
        }
    }

    /// Whether two findings are one symbol: one's middle is well inside the other.
    fn is(&self, other: &Symbol) -> bool {
        distance(self.middle, other.middle) < self.reach.max(other.reach) / 2.0
    }
}

/// What was found on a page so far.
#[derive(Default)]
struct OnPage {
    read: Vec<Symbol>,
    unread: Vec<Symbol>,
}

impl OnPage {
    /// Adds what a picture of the page or on it shows. What is read once is not unread.
    fn add(&mut self, found: DataMatrices, place: &dyn Fn((f32, f32)) -> (f64, f64)) {
        // The decoder may place a symbol beside where it is: the same content in another picture is the same symbol.
        let earlier = self.read.len();
        for symbol in found.symbols {
            let symbol = Symbol::new(symbol.bytes, &symbol.outline, place);
            let again = self.read[..earlier].iter().any(|known| known.bytes == symbol.bytes);
            if !again && !self.read.iter().any(|known| known.is(&symbol)) {
                self.unread.retain(|unread| !unread.is(&symbol));
                self.read.push(symbol);
            }
        }
        for corners in found.unread {
            let symbol = Symbol::new(Vec::new(), &corners, place);
            if !self.read.iter().chain(&self.unread).any(|known| known.is(&symbol)) {
                self.unread.push(symbol);
            }
        }
    }
}

fn middle(points: &[(f32, f32)]) -> (f32, f32) {
    let count = points.len().max(1) as f32;
    let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    (sum.0 / count, sum.1 / count)
}

fn distance(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.0 - other.0).hypot(one.1 - other.1)
}
