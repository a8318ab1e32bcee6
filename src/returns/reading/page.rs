//! The symbols of one page of a picture file or a PDF.
//!
//! The pictures of a PDF page are read in their own resolution; the page is drawn where nothing is read on them,
//! except where one picture is all that it shows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use symbols::grade::{grade_code39, grade_data_matrix};
use symbols::{Effort, Known, Picture, read_code39s, read_known_data_matrices};

use super::super::outcome::{Polygon, PrintGrade, SymbolFormat, SymbolRead};
use super::questions::Fault;
use crate::raster::{BEHIND_THE_FIRST, OpenPdf, RasterError, SAVE_EACH, is_animation};

/// The time for a page, over all of its pictures.
const BUDGET: Duration = Duration::from_millis(1600);
/// The time for the Code 39 of a picture.
const BARS: Duration = Duration::from_millis(600);
/// The time for the Data Matrix symbols of a picture.
const MODULES: Duration = Duration::from_millis(800);
/// What is darker is no paper.
const DARK: u8 = 80;
/// What our signed blocks begin with.
const BLOCK_HEADER: &str = "DC04";
/// Pixels per inch at which a page of a PDF is drawn, and in which its places are given.
pub(super) const PDF_DPI: f64 = 300.0;
const POINTS: f64 = 72.0;

/// What was read on a page.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct PageRead {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Every symbol that was read, from the top down.
    pub symbols: Vec<OnPage>,
    /// Where a symbol was found that nothing could read.
    pub unread: Vec<Polygon>,
}

/// A symbol on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct OnPage {
    /// As it is reported.
    pub read: SymbolRead,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a page, from 1.
pub(super) fn read_page(
    bytes: &[u8],
    pdf: Option<&OpenPdf>,
    page: u32,
    grade: bool,
) -> Result<PageRead, Fault> {
    let reader = Reader { effort: Effort::within(BUDGET), grade };
    let mut found = match pdf {
        Some(pdf) => reader.pdf_page(pdf, page)?,
        None => reader.picture(&picture_of_page(bytes, None, page)?, &|point| point),
    };
    let top = |polygon: &Polygon| polygon.iter().map(|point| point[1] as i64).min().unwrap_or_default();
    let left = |polygon: &Polygon| polygon.iter().map(|point| point[0] as i64).min().unwrap_or_default();
    found.symbols.sort_by_key(|symbol| (top(&symbol.read.polygon), left(&symbol.read.polygon)));
    Ok(found)
}

/// A page as a picture, in the pixels in which its places are given.
pub(super) fn picture_of_page(bytes: &[u8], pdf: Option<&OpenPdf>, page: u32) -> Result<Picture, Fault> {
    Ok(match pdf {
        Some(pdf) => pdf.renderer().picture(page, PDF_DPI)?,
        None if page > 1 && is_animation(bytes) => return Err(behind_the_first()),
        None => Picture::decode_page(bytes, page.saturating_sub(1) as usize)?,
    })
}

/// The page that stands for the pictures of an animation behind its first.
fn behind_the_first() -> Fault {
    let french = "les images d’une animation après la première ne sont pas lues\u{202F}: enregistrez chacune dans un fichier";
    Fault::of_file(BEHIND_THE_FIRST, Some(SAVE_EACH.to_owned()), french)
}

/// Maps a point of a picture to its page.
type ToPage<'m> = &'m dyn Fn([f32; 2]) -> [f32; 2];

/// Reads the pictures of a page.
struct Reader {
    effort: Effort,
    grade: bool,
}

impl Reader {
    /// Reads a picture; where it is dark and nothing is read on it, its negative.
    fn picture(&self, picture: &Picture, to_page: ToPage) -> PageRead {
        let found = self.as_it_is(picture, to_page);
        if !found.symbols.is_empty() {
            return found;
        }
        // A symbol that was seen and not read is said, unless the negative reads one.
        let says_more = |read: &PageRead| !read.symbols.is_empty() || found.unread.is_empty();
        negative(picture).map(|negative| self.as_it_is(&negative, to_page)).filter(says_more).unwrap_or(found)
    }

    fn as_it_is(&self, picture: &Picture, to_page: ToPage) -> PageRead {
        let mut symbols: Vec<OnPage> = read_code39s(picture, &self.effort.at_most(BARS))
            .iter()
            .map(|bars| OnPage {
                bytes: bars.text.bytes().collect(),
                read: SymbolRead {
                    format: SymbolFormat::Code39,
                    agreed: bars.agreed().is_some(),
                    polygon: bars.polygon.map(to_page),
                    step: bars.step.name().to_owned(),
                    confidence: bars.confidence,
                    text: bars.text.clone(),
                    grade: self.grade.then(|| PrintGrade::from(&grade_code39(picture, bars))),
                },
            })
            .collect();
        let known = Known { sizes: &[], header: Some(BLOCK_HEADER) };
        let modules = read_known_data_matrices(picture, &self.effort.at_most(MODULES), &known);
        symbols.extend(modules.symbols.into_iter().map(|symbol| OnPage {
            read: SymbolRead {
                format: SymbolFormat::DataMatrix,
                text: text_of(&symbol.bytes),
                polygon: corners(&symbol.outline).map(to_page),
                step: symbol.step.name().to_owned(),
                confidence: symbol.confidence.unwrap_or(1.0),
                agreed: true,
                grade: self.grade.then(|| PrintGrade::from(&grade_data_matrix(picture, &symbol))),
            },
            bytes: symbol.bytes,
        }));
        let unread = modules.unread.iter().map(|corners| corners.map(|(x, y)| to_page([x, y]))).collect();
        PageRead { size: [picture.width(), picture.height()], symbols, unread }
    }

    fn pdf_page(&self, pdf: &OpenPdf, page: u32) -> Result<PageRead, RasterError> {
        let renderer = pdf.renderer();
        let (width, height) = renderer.size(page)?;
        let pixels = |points: f64| (points * PDF_DPI / POINTS).round() as u32;
        let mut found = PageRead { size: [pixels(width), pixels(height)], ..PageRead::default() };
        let content = renderer.content(page)?;
        let is_scan = content.is_scan && !content.too_many_pixels;
        for placed in content.pictures {
            let (picture, to_page) = placed.into_parts();
            let to_page = move |[x, y]: [f32; 2]| {
                let (x, y) = to_page((x, y));
                [x, y].map(|points| (points * PDF_DPI / POINTS) as f32)
            };
            found.add(self.picture(&picture, &to_page));
        }
        if found.symbols.is_empty() || !is_scan {
            found.add(self.picture(&renderer.picture(page, PDF_DPI)?, &|point| point));
        }
        Ok(found)
    }
}

/// The negative of a picture of which more than half is dark, as scanners give it that take black for white.
fn negative(picture: &Picture) -> Option<Picture> {
    let mut pixels = picture.to_luma();
    let dark = pixels.iter().filter(|luma| **luma < DARK).count();
    if dark * 2 <= pixels.len() {
        return None;
    }
    pixels.iter_mut().for_each(|luma| *luma = u8::MAX - *luma);
    Picture::from_luma(picture.width(), picture.height(), pixels).ok()
}

/// Bytes as text: UTF-8, else ISO 8859-1.
fn text_of(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Four corners of an outline; those of the rectangle around it where it has another number of points.
fn corners(outline: &[(f32, f32)]) -> Polygon {
    if let [a, b, c, d] = outline {
        return [*a, *b, *c, *d].map(|(x, y)| [x, y]);
    }
    let least = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::MAX, f32::min).max(0.0);
    let most = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
    let (left, top) = (least(&mut outline.iter().map(|p| p.0)), least(&mut outline.iter().map(|p| p.1)));
    let (right, bottom) = (most(&mut outline.iter().map(|p| p.0)), most(&mut outline.iter().map(|p| p.1)));
    [[left, top], [right, top], [right, bottom], [left, bottom]]
}

impl PageRead {
    /// Adds what another picture of the page shows and no earlier one did.
    fn add(&mut self, other: PageRead) {
        for symbol in other.symbols {
            let place = middle(&symbol.read.polygon);
            let known = self.symbols.iter().any(|known| {
                known.read.format == symbol.read.format
                    && known.read.text == symbol.read.text
                    && is_near(&known.read.polygon, place)
            });
            if !known {
                self.unread.retain(|polygon| !is_near(polygon, place));
                self.symbols.push(symbol);
            }
        }
        for polygon in other.unread {
            let place = middle(&polygon);
            let read = self.symbols.iter().any(|symbol| is_near(&symbol.read.polygon, place));
            if !read && !self.unread.iter().any(|known| is_near(known, place)) {
                self.unread.push(polygon);
            }
        }
    }
}

/// The middle of a polygon.
pub(in super::super) fn middle(polygon: &Polygon) -> [f32; 2] {
    let sum = |axis: usize| polygon.iter().map(|point| point[axis]).sum::<f32>() / 4.0;
    [sum(0), sum(1)]
}

/// Whether a point lies within half of a polygon's shorter side of its middle.
fn is_near(polygon: &Polygon, point: [f32; 2]) -> bool {
    let centre = middle(polygon);
    let side =
        |from: usize, to: usize| (polygon[to][0] - polygon[from][0]).hypot(polygon[to][1] - polygon[from][1]);
    (centre[0] - point[0]).hypot(centre[1] - point[1]) <= side(0, 1).min(side(1, 2)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_page(text: &str, left: f32) -> OnPage {
        let polygon = [[left, 0.0], [left + 100.0, 0.0], [left + 100.0, 40.0], [left, 40.0]];
        let read = SymbolRead {
            format: SymbolFormat::Code39,
            text: text.to_owned(),
            polygon,
            step: "straight".to_owned(),
            confidence: 1.0,
            agreed: true,
            grade: None,
        };
        OnPage { read, bytes: text.bytes().collect() }
    }

    #[test]
    fn a_symbol_that_two_pictures_of_a_page_show_is_one() {
        let page =
            |symbols: Vec<OnPage>, unread: Vec<Polygon>| PageRead { size: [1000, 1000], symbols, unread };
        let mut found = page(vec![on_page("1", 0.0)], vec![on_page("", 500.0).read.polygon]);
        found.add(page(
            vec![on_page("1", 3.0), on_page("1", 300.0), on_page("2", 500.0)],
            vec![on_page("", 0.0).read.polygon, on_page("", 800.0).read.polygon],
        ));
        let texts: Vec<&str> = found.symbols.iter().map(|symbol| symbol.read.text.as_str()).collect();
        assert_eq!(texts, ["1", "1", "2"]);
        assert_eq!(found.unread, [on_page("", 800.0).read.polygon]);
    }

    #[test]
    fn an_outline_of_any_number_of_points_has_four_corners() {
        let square = [[1.0, 2.0], [5.0, 2.0], [5.0, 9.0], [1.0, 9.0]];
        assert_eq!(corners(&square.map(|[x, y]| (x, y))), square);
        assert_eq!(corners(&[(1.0, 2.0), (5.0, 9.0)]), square);
        assert!(corners(&[]).iter().flatten().all(|value| value.is_finite()));
        assert_eq!(text_of(b"caf\xe9"), "caf\u{e9}");
    }
}
