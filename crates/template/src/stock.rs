//! The stock: every laid-out page as an opaque form XObject in black only, with the fonts and images that pages share.
//! A print file copies its PDF objects byte for byte.

mod artwork;
mod colours;
mod expansion;
mod objects;
mod opaque;
mod reuse;
mod shared;

pub(crate) use colours::spot_colour;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use typst::model::DocumentInfo;
use typst_layout::{Page, PagedDocument};

use print_file::{FIRST_STOCK_OBJECT, Stock};

use crate::fault::Problem;
use crate::kind::FaultKind;
use objects::{OWN_GENERATION, WHOLE_PAGE, inlined, reach, renumber, write_objects};

/// Exports the pages and turns them into forms.
///
/// # Errors
/// [`FaultKind::Transparency`], [`FaultKind::Colour`], [`FaultKind::SpotColour`], [`FaultKind::Gradient`] or
/// [`FaultKind::Artwork`] if the layout has what a one-ink press can't print; [`FaultKind::Export`] if it can't be exported to PDF,
/// [`FaultKind::Budget`] if it takes too much to draw.
pub(crate) fn build(pages: Vec<Page>) -> Result<Stock, Problem> {
    let document = PagedDocument::new(pages.into_iter().collect(), DocumentInfo::default());
    let options = typst_pdf::PdfOptions { tagged: false, ..Default::default() };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| {
        let message = errors.first().map_or("the layout can't be exported", |error| error.message.as_str());
        Problem::new(FaultKind::Export, message)
    })?;
    // The layout of fifty variants takes more memory than the PDF.
    drop(document);
    let mut source = Document::load_mem(&pdf)?;
    drop(pdf);
    let pages: Vec<ObjectId> = source.page_iter().collect();
    let mut forms: Vec<ObjectId> =
        pages.into_iter().map(|page| add_form(&mut source, page)).collect::<Result<_, Problem>>()?;
    expansion::limit(&source, &forms)?;
    artwork::admit(&mut source)?;
    opaque::make_opaque(&mut source)?;
    shared::share(&mut source, &forms)?;
    colours::blacken(&mut source, &forms)?;
    complete_fonts(&mut source);
    reuse::merge_duplicates(&mut source, &mut forms);
    gather(&source, &forms)
}

/// Renumbers the forms and all objects they need, and writes them.
fn gather(source: &Document, forms: &[ObjectId]) -> Result<Stock, Problem> {
    let mut order: Vec<ObjectId> = Vec::new();
    forms.iter().for_each(|form| reach(source, *form, &mut order));
    let number = |id: &ObjectId| {
        let index = order.iter().position(|known| known == id)?;
        Some(FIRST_STOCK_OBJECT + u32::try_from(index).ok()?)
    };
    let mut target = Document::with_version("1.6");
    for id in &order {
        let mut object = source.get_object(*id)?.clone();
        renumber(&mut object, &|id| match id.1 {
            OWN_GENERATION => Some((id.0, 0)),
            _ => number(id).map(|n| (n, 0)),
        });
        target.objects.insert((number(id).unwrap_or_default(), 0), object);
    }
    target.max_id = FIRST_STOCK_OBJECT + u32::try_from(order.len()).unwrap_or_default();
    reuse::identify(&mut target)?;
    let (objects, offsets) = write_objects(&mut target)?;
    Ok(Stock { objects, offsets, forms: forms.iter().filter_map(number).collect() })
}

/// Adds the page as a form XObject to the document.
fn add_form(document: &mut Document, page: ObjectId) -> Result<ObjectId, Problem> {
    let content = document.get_page_content(page);
    let dictionary = document.get_dictionary(page)?;
    let resources = dictionary.get(b"Resources").cloned().unwrap_or_else(|_| Dictionary::new().into());
    let resources = inlined(document, resources);
    let media_box = dictionary.get(b"MediaBox").cloned()?;
    let mut form = Dictionary::new();
    form.set("Type", Object::Name(b"XObject".to_vec()));
    form.set("Subtype", Object::Name(b"Form".to_vec()));
    form.set("BBox", media_box);
    form.set("Resources", resources);
    form.set(WHOLE_PAGE, true);
    Ok(document.add_object(Stream::new(form, content)))
}

/// Adds to font programs the length that they must have (ISO 32000-1 §9.9). Removes `CIDSet`, which nothing needs.
fn complete_fonts(document: &mut Document) {
    let mut programs = Vec::new();
    for object in document.objects.values_mut() {
        let Ok(descriptor) = object.as_dict_mut() else { continue };
        descriptor.remove(b"CIDSet");
        programs.extend(descriptor.get(b"FontFile2").and_then(Object::as_reference));
    }
    for id in programs {
        let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) else { continue };
        if let Ok(plain) = stream.get_plain_content() {
            stream.dict.set("Length1", i64::try_from(plain.len()).unwrap_or_default());
        }
    }
}
