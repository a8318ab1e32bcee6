//! Pages of another PDF, placed on drawn pages as forms: reduced, and as sharp as they are.

use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::page::HEIGHT;
use super::{Description, Fonts, PaperworkError, pdf};
use printpdf::Op;

/// A page of another PDF on a drawn page.
#[derive(Debug, Clone, Copy)]
pub(in crate::night::paperwork) struct PlacedPage {
    /// The page's index in the other PDF.
    pub page: usize,
    /// The left edge, in points from the drawn page's left edge.
    pub x: f32,
    /// The top edge, in points from the drawn page's top edge.
    pub y: f32,
    /// The share of its size at which it is shown.
    pub scale: f32,
}

/// A drawn page, and what is placed on it.
pub(in crate::night::paperwork) type PlacedOn = (Vec<Op>, Vec<PlacedPage>);

/// Writes the PDF of drawn pages, with pages of the PDF `other` placed on them.
///
/// # Errors
/// As [`pdf::write`]; a PDF that can't be read.
pub(in crate::night::paperwork) fn write_placed(
    description: &Description,
    fonts: Fonts,
    pages: Vec<PlacedOn>,
    other: &[u8],
) -> Result<Vec<u8>, PaperworkError> {
    let (drawn, placed): (Vec<Vec<Op>>, Vec<Vec<PlacedPage>>) = pages.into_iter().unzip();
    pdf::write_with(description, fonts, drawn, |document| {
        let forms = forms(document, other)?;
        let pages: Vec<ObjectId> = document.page_iter().collect();
        for (id, placed) in pages.into_iter().zip(placed) {
            for place in placed {
                let Some((form, height)) = forms.get(place.page) else { continue };
                show(document, id, place, *form, *height)?;
            }
        }
        document.prune_objects();
        Ok(())
    })
}

/// Adds each page of a PDF as a form, and returns the forms with their heights in points.
fn forms(document: &mut Document, other: &[u8]) -> Result<Vec<(ObjectId, f32)>, PaperworkError> {
    let mut other = Document::load_mem(other)?;
    other.renumber_objects_with(document.max_id + 1);
    let pages: Vec<ObjectId> = other.page_iter().collect();
    let mut found = Vec::with_capacity(pages.len());
    for id in &pages {
        let edges = inherited(&other, *id, b"MediaBox")?;
        let sides: Vec<f32> = edges.as_array()?.iter().filter_map(|side| side.as_float().ok()).collect();
        let height = sides.get(3).zip(sides.get(1)).map_or(HEIGHT, |(top, bottom)| top - bottom);
        let resources = inherited(&other, *id, b"Resources")?;
        let form = dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => edges, "Resources" => resources };
        let content = other.get_page_content(*id);
        found.push((other.add_object(Stream::new(form, content)), height));
    }
    document.max_id = other.max_id;
    document.objects.append(&mut other.objects);
    Ok(found)
}

/// An attribute of a page: its own, or that of a folder of pages above it.
fn inherited(document: &Document, page: ObjectId, name: &[u8]) -> Result<Object, PaperworkError> {
    let mut node = document.get_dictionary(page)?;
    // A page lies in a few folders; a circle of them ends here.
    for _ in 0..MOST_FOLDERS {
        if let Ok(value) = node.get(name) {
            return Ok(document.dereference(value)?.1.clone());
        }
        node = document.get_dictionary(node.get(b"Parent").and_then(Object::as_reference)?)?;
    }
    Err(lopdf::Error::DictKey(String::from_utf8_lossy(name).into_owned()).into())
}

/// How many folders of pages lie above a page at most.
const MOST_FOLDERS: usize = 16;

/// Shows a form on a page.
fn show(
    document: &mut Document,
    page: ObjectId,
    place: PlacedPage,
    form: ObjectId,
    height: f32,
) -> Result<(), PaperworkError> {
    let name = format!("P{}", place.page);
    let PlacedPage { x, y, scale, .. } = place;
    let bottom = HEIGHT - y - height * scale;
    document.add_xobject(page, name.as_bytes(), form)?;
    let content = format!("\nq {scale:.4} 0 0 {scale:.4} {x:.2} {bottom:.2} cm /{name} Do Q\n");
    Ok(document.add_page_contents(page, content.into_bytes())?)
}
