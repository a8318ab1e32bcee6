//! The stock: every laid-out page as an opaque form XObject in black only, with the fonts and images they share, as PDF
//! objects that a print file takes over byte for byte.

mod colours;
mod opaque;
mod reuse;
mod shared;

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use typst::model::DocumentInfo;
use typst_layout::{Page, PagedDocument};

use print_file::{FIRST_STOCK_OBJECT, Stock};

/// The generation that marks references to the print file's own objects until they are renumbered.
const OWN_GENERATION: u16 = u16::MAX;
/// The key that marks a form as a whole page until it is identified.
const WHOLE_PAGE: &[u8] = b"PLI_WholePage";

/// Exports the pages and turns them into forms.
///
/// # Errors
/// In words: what the export refuses, transparency, or a colour that is not a share of black.
pub(super) fn build(pages: Vec<Page>) -> Result<Stock, String> {
    let document = PagedDocument::new(pages.into_iter().collect(), DocumentInfo::default());
    let options = typst_pdf::PdfOptions { tagged: false, ..Default::default() };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| {
        errors.first().map_or_else(|| "the layout can't be exported".to_owned(), |e| e.message.to_string())
    })?;
    // The layout of fifty variants is more than what is made of it.
    drop(document);
    let mut source = Document::load_mem(&pdf).map_err(|error| error.to_string())?;
    drop(pdf);
    let pages: Vec<ObjectId> = source.page_iter().collect();
    let mut forms: Vec<ObjectId> =
        pages.into_iter().map(|page| add_form(&mut source, page)).collect::<Result<_, String>>()?;
    opaque::make_opaque(&mut source)?;
    shared::share(&mut source, &forms)?;
    colours::blacken(&mut source, &forms)?;
    complete_fonts(&mut source);
    reuse::merge_twins(&mut source, &mut forms);
    gather(&source, &forms)
}

/// Renumbers the forms and all they need, and writes them out.
fn gather(source: &Document, forms: &[ObjectId]) -> Result<Stock, String> {
    let mut order: Vec<ObjectId> = Vec::new();
    forms.iter().for_each(|form| reach(source, *form, &mut order));
    let number = |id: &ObjectId| {
        let rank = order.iter().position(|known| known == id)?;
        Some(FIRST_STOCK_OBJECT + u32::try_from(rank).ok()?)
    };
    let mut target = Document::with_version("1.6");
    for id in &order {
        let mut object = source.get_object(*id).map_err(|error| error.to_string())?.clone();
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
fn add_form(document: &mut Document, page: ObjectId) -> Result<ObjectId, String> {
    let content = document.get_page_content(page);
    let dictionary = document.get_dictionary(page).map_err(|error| error.to_string())?;
    let resources = dictionary.get(b"Resources").cloned().unwrap_or_else(|_| Dictionary::new().into());
    let resources = inlined(document, resources);
    let media_box = dictionary.get(b"MediaBox").cloned().map_err(|error| error.to_string())?;
    let mut form = Dictionary::new();
    form.set("Type", Object::Name(b"XObject".to_vec()));
    form.set("Subtype", Object::Name(b"Form".to_vec()));
    form.set("BBox", media_box);
    form.set("Resources", resources);
    form.set(WHOLE_PAGE, true);
    Ok(document.add_object(Stream::new(form, content)))
}

/// A resource dictionary that holds its colour spaces and graphics states itself and not by reference.
fn inlined(document: &Document, resources: Object) -> Object {
    let resolve = |object: &Object| document.dereference(object).map(|(_, object)| object.clone());
    let mut resources = resolve(&resources).unwrap_or(resources);
    if let Ok(dictionary) = resources.as_dict_mut() {
        for key in ["ColorSpace", "ExtGState"] {
            if let Ok(entry) = dictionary.get(key.as_bytes()).and_then(resolve) {
                dictionary.set(key, entry);
            }
        }
    }
    resources
}

/// Gives font programs the length that they must tell (ISO 32000-1 §9.9), and drops `CIDSet`, which nothing needs.
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

/// The objects that `id` leads to, itself first, each once, in a stable order.
fn reach(document: &Document, id: ObjectId, found: &mut Vec<ObjectId>) {
    if found.contains(&id) || id.1 == OWN_GENERATION {
        return;
    }
    found.push(id);
    if let Ok(object) = document.get_object(id) {
        for reference in references(object) {
            reach(document, reference, found);
        }
    }
}

fn references(object: &Object) -> Vec<ObjectId> {
    match object {
        Object::Reference(id) => vec![*id],
        Object::Array(items) => items.iter().flat_map(references).collect(),
        Object::Dictionary(entries) => entries.iter().flat_map(|(_, value)| references(value)).collect(),
        Object::Stream(stream) => stream.dict.iter().flat_map(|(_, value)| references(value)).collect(),
        _ => Vec::new(),
    }
}

fn renumber(object: &mut Object, number: &dyn Fn(&ObjectId) -> Option<ObjectId>) {
    match object {
        Object::Reference(id) => *id = number(id).unwrap_or(*id),
        Object::Array(items) => items.iter_mut().for_each(|item| renumber(item, number)),
        Object::Dictionary(entries) => entries.iter_mut().for_each(|(_, value)| renumber(value, number)),
        Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, value)| renumber(value, number)),
        _ => {}
    }
}

/// Objects one after the other, and the number and offset of each.
type WrittenObjects = (Vec<u8>, Vec<(u32, usize)>);

/// Writes the document and takes its objects out, with their offsets as its cross-reference table has them.
fn write_objects(document: &mut Document) -> Result<WrittenObjects, String> {
    let mut file = Vec::new();
    document.compress();
    document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    document.save_to(&mut file).map_err(|error| error.to_string())?;
    let unexpected = || "the stock's cross-reference table is not as expected".to_owned();
    let table_start = start_of_table(&file).ok_or_else(unexpected)?;
    let table = file.get(table_start..).map(String::from_utf8_lossy).ok_or_else(unexpected)?;
    let mut offsets = table_entries(&table);
    let first = offsets.first().map(|&(_, offset)| offset).ok_or_else(unexpected)?;
    let objects = file.get(first..table_start).ok_or_else(unexpected)?.to_vec();
    offsets.iter_mut().for_each(|(_, offset)| *offset -= first);
    Ok((objects, offsets))
}

/// The offset that `startxref` names.
fn start_of_table(file: &[u8]) -> Option<usize> {
    let tail = String::from_utf8_lossy(&file[file.len().saturating_sub(64)..]).into_owned();
    tail.split("startxref").nth(1)?.split_whitespace().next()?.parse().ok()
}

/// Number and offset of each object in use (ISO 32000-1 §7.5.4).
fn table_entries(table: &str) -> Vec<(u32, usize)> {
    let mut entries = Vec::new();
    let mut number = 0;
    for line in table.lines().skip(1).take_while(|line| !line.starts_with("trailer")) {
        let parts: Vec<&str> = line.split_whitespace().collect();
        match parts.as_slice() {
            [start, _] => number = start.parse().unwrap_or(0),
            [offset, _, "n"] => {
                entries.extend(offset.parse().ok().map(|offset| (number, offset)));
                number += 1;
            }
            _ => number += 1,
        }
    }
    entries
}
