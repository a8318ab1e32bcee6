//! Parts of pages drawn by themselves, for pictures that would be too large as a whole.
//!
//! The pages of a copy of the PDF begin at a part's corner. The corner is moved to whole points that are whole pixels too,
//! so that the pixels are those of the whole picture.

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{OpenPdf, RasterError};

/// Points in an inch.
const INCH: u32 = 72;

/// A part of a page, in pixels of the page's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The page, from 1.
    pub page: u32,
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Grey levels of a part, row by row.
pub(crate) struct PartPicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// One byte a pixel; 0 is black.
    pub luma: Vec<u8>,
}

/// Draws parts of pages at `dpi` pixels per inch, in the order asked for.
///
/// # Errors
/// [`RasterError::NotPdf`]; [`RasterError::NoPage`]; [`RasterError::PageTooLarge`]: a part of more than 100 million pixels.
pub(crate) fn draw_parts(
    name: &str,
    pdf: &[u8],
    dpi: u32,
    parts: &[Part],
) -> Result<Vec<PartPicture>, RasterError> {
    let unreadable = |_| RasterError::NotPdf(name.to_owned());
    let mut document = Document::load_mem(pdf).map_err(unreadable)?;
    let pages = document.get_pages();
    let mut shifted = Vec::with_capacity(parts.len());
    for part in parts {
        let missing = || RasterError::NoPage { file: name.to_owned(), page: part.page };
        let page = *pages.get(&part.page).ok_or_else(missing)?;
        shifted.push(shifted_page(&mut document, page, corner(part, dpi)).map_err(unreadable)?);
    }
    show_only(&mut document, &shifted).map_err(unreadable)?;
    let mut bytes = Vec::new();
    document.save_to(&mut bytes)?;
    let open = OpenPdf::from_bytes(name, bytes)?;
    let renderer = open.renderer();
    let drawn = parts.iter().zip(1..).map(|(part, number)| {
        let (left, top) = corner(part, dpi).pixels(dpi);
        let (left, top) = (part.x - left, part.y - top);
        let picture = renderer.clipped(number, f64::from(dpi), (left + part.width, top + part.height))?;
        let (columns, luma) = (picture.width() as usize, picture.to_luma());
        let rows = luma.chunks(columns.max(1)).skip(top as usize).take(part.height as usize);
        let row = |row: &[u8]| row[left as usize..].to_vec();
        Ok(PartPicture { width: part.width, height: part.height, luma: rows.flat_map(row).collect() })
    });
    drawn.collect()
}

/// Where a copy of a page begins, in whole points from the page's left and top edges.
#[derive(Clone, Copy)]
struct Corner {
    x: u32,
    y: u32,
}

impl Corner {
    fn pixels(self, dpi: u32) -> (u32, u32) {
        (self.x * dpi / INCH, self.y * dpi / INCH)
    }
}

/// The last whole points at or before a part's corner that are whole pixels.
fn corner(part: &Part, dpi: u32) -> Corner {
    // The least length that is both: so many points, so many pixels.
    let common = gcd(dpi, INCH);
    let (points, pixels) = (INCH / common, dpi / common);
    Corner { x: part.x / pixels * points, y: part.y / pixels * points }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A copy of a page that begins at a corner.
fn shifted_page(document: &mut Document, page: ObjectId, corner: Corner) -> lopdf::Result<ObjectId> {
    let mut copy = document.get_dictionary(page)?.clone();
    let inherited = document.get_dictionary(page)?.get(b"Parent").and_then(Object::as_reference)?;
    for key in [&b"MediaBox"[..], b"Resources"] {
        if !copy.has(key) {
            copy.set(key, document.get_dictionary(inherited)?.get(key)?.clone());
        }
    }
    let media_box = copy.get(b"MediaBox").and_then(|object| document.dereference(object))?.1.as_array()?;
    let numbers: Vec<f32> = media_box.iter().filter_map(|number| number.as_float().ok()).collect();
    let &[x0, y0, x1, y1] = &numbers[..] else {
        return Err(lopdf::Error::ObjectNotFound(page));
    };
    let crop = [x0 + corner.x as f32, y0, x1, y1 - corner.y as f32];
    for key in [&b"TrimBox"[..], b"BleedBox", b"ArtBox"] {
        copy.remove(key);
    }
    copy.set("CropBox", crop.map(Object::Real).to_vec());
    Ok(document.add_object(copy))
}

/// Makes these the pages of the document.
fn show_only(document: &mut Document, pages: &[ObjectId]) -> lopdf::Result<()> {
    let kids: Vec<Object> = pages.iter().map(|page| Object::Reference(*page)).collect();
    let mut tree = Dictionary::new();
    tree.set("Type", "Pages");
    tree.set("Count", kids.len() as i64);
    tree.set("Kids", kids);
    let tree = document.add_object(tree);
    for page in pages {
        document.get_dictionary_mut(*page)?.set("Parent", tree);
    }
    document.catalog_mut()?.set("Pages", tree);
    Ok(())
}
