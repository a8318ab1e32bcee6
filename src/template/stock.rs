//! The stock: every laid-out page as a form XObject in black only, with the fonts and images they share, as PDF
//! objects that a print file takes over byte for byte.

use lopdf::content::{Content, Operation};
use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use typst::model::DocumentInfo;
use typst_layout::{Page, PagedDocument};

use crate::pdf::{FIRST_STOCK_OBJECT, Stock};

/// Exports the pages and turns them into forms.
///
/// # Errors
/// In words: what the export refuses, or a colour that is not a share of black.
pub(super) fn build(pages: Vec<Page>) -> Result<Stock, String> {
    let document = PagedDocument::new(pages.into_iter().collect(), DocumentInfo::default());
    let options = typst_pdf::PdfOptions { tagged: false, ..Default::default() };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| {
        errors.first().map_or_else(|| "the layout can't be exported".to_owned(), |e| e.message.to_string())
    })?;
    let mut source = Document::load_mem(&pdf).map_err(|error| error.to_string())?;
    let pages: Vec<ObjectId> = source.page_iter().collect();
    let forms: Vec<ObjectId> =
        pages.into_iter().map(|page| add_form(&mut source, page)).collect::<Result<_, String>>()?;
    blacken(&mut source)?;
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
        renumber(&mut object, &|id| number(id).map(|n| (n, 0)));
        target.objects.insert((number(id).unwrap_or_default(), 0), object);
    }
    target.max_id = FIRST_STOCK_OBJECT + u32::try_from(order.len()).unwrap_or_default();
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
    Ok(document.add_object(Stream::new(form, content)))
}

/// A resource dictionary that holds its colour spaces itself and not by reference.
fn inlined(document: &Document, resources: Object) -> Object {
    let resolve = |object: &Object| document.dereference(object).map(|(_, object)| object.clone());
    let mut resources = resolve(&resources).unwrap_or(resources);
    if let Ok(dictionary) = resources.as_dict_mut()
        && let Ok(spaces) = dictionary.get(b"ColorSpace").and_then(resolve)
    {
        dictionary.set("ColorSpace", spaces);
    }
    resources
}

/// The objects that `id` leads to, itself first, each once, in a stable order.
fn reach(document: &Document, id: ObjectId, found: &mut Vec<ObjectId>) {
    if found.contains(&id) {
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

/// Turns every colour of the document's forms and images into a share of black.
fn blacken(document: &mut Document) -> Result<(), String> {
    let grey_icc: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| components(object) == Some(1))
        .map(|(id, _)| *id)
        .collect();
    let spaces = ColourSpaces::read(document, &grey_icc);
    inline_resources(document);
    for object in document.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Form") => blacken_form(stream, &spaces)?,
            Ok(b"Image") => blacken_image(stream, &spaces)?,
            _ => {}
        }
    }
    Ok(())
}

/// Gives every form its own resources.
fn inline_resources(document: &mut Document) {
    let resources_of = |object: &Object| object.as_stream().ok()?.dict.get(b"Resources").ok().cloned();
    let found: Vec<(ObjectId, Object)> = document
        .objects
        .iter()
        .filter_map(|(id, object)| Some((*id, inlined(document, resources_of(object)?))))
        .collect();
    for (id, resources) in found {
        if let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) {
            stream.dict.set("Resources", resources);
        }
    }
}

/// The number of components of an ICC profile stream.
fn components(object: &Object) -> Option<i64> {
    object.as_stream().ok()?.dict.get(b"N").ok()?.as_i64().ok()
}

/// What each colour space object of the document amounts to.
struct ColourSpaces {
    kinds: std::collections::BTreeMap<ObjectId, Ink>,
    grey_icc: Vec<ObjectId>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ink {
    Grey,
    Rgb,
    Cmyk,
    Other,
}

impl ColourSpaces {
    fn read(document: &Document, grey_icc: &[ObjectId]) -> ColourSpaces {
        let mut spaces = ColourSpaces { kinds: Default::default(), grey_icc: grey_icc.to_vec() };
        let kinds = document.objects.iter().map(|(id, object)| (*id, spaces.ink(object))).collect();
        spaces.kinds = kinds;
        spaces
    }

    fn ink(&self, space: &Object) -> Ink {
        match space {
            Object::Name(name) => match name.as_slice() {
                b"DeviceGray" | b"CalGray" | b"G" => Ink::Grey,
                b"DeviceRGB" | b"RGB" => Ink::Rgb,
                b"DeviceCMYK" | b"CMYK" => Ink::Cmyk,
                _ => Ink::Other,
            },
            Object::Reference(id) => self.kinds.get(id).copied().unwrap_or(Ink::Other),
            Object::Array(parts) => match parts.as_slice() {
                [Object::Name(name), Object::Reference(profile), ..] if name == b"ICCBased" => {
                    if self.grey_icc.contains(profile) { Ink::Grey } else { Ink::Rgb }
                }
                [Object::Name(name), ..] if name == b"CalGray" => Ink::Grey,
                [Object::Name(name), ..] if name == b"CalRGB" => Ink::Rgb,
                _ => Ink::Other,
            },
            _ => Ink::Other,
        }
    }
}

fn blacken_image(stream: &mut Stream, spaces: &ColourSpaces) -> Result<(), String> {
    let Ok(space) = stream.dict.get(b"ColorSpace").cloned() else { return Ok(()) };
    match spaces.ink(&space) {
        Ink::Grey => {
            stream.dict.set("ColorSpace", Object::Name(b"DeviceGray".to_vec()));
            Ok(())
        }
        _ => Err("an image is not in plain greys".to_owned()),
    }
}

fn blacken_form(stream: &mut Stream, spaces: &ColourSpaces) -> Result<(), String> {
    let plain = stream.get_plain_content().map_err(|error| error.to_string())?;
    let content = Content::decode(&plain).map_err(|error| error.to_string())?;
    let local = stream.dict.get(b"Resources").and_then(Object::as_dict);
    let named = local.and_then(|r| r.get(b"ColorSpace")).and_then(Object::as_dict).ok().cloned();
    let mut painter = Painter { spaces, named, state: State::default(), stack: Vec::new() };
    let converted = content.operations.into_iter().filter_map(|op| painter.convert(op).transpose());
    let operations: Vec<Operation> = converted.collect::<Result<_, String>>()?;
    let encoded = Content { operations }.encode().map_err(|error| error.to_string())?;
    stream.set_plain_content(encoded);
    if let Ok(resources) = stream.dict.get_mut(b"Resources").and_then(Object::as_dict_mut) {
        resources.remove(b"ColorSpace");
        resources.remove(b"ProcSet");
    }
    Ok(())
}

#[derive(Clone)]
struct State {
    fill: Ink,
    stroke: Ink,
}

impl Default for State {
    fn default() -> State {
        State { fill: Ink::Grey, stroke: Ink::Grey }
    }
}

/// Follows a content stream and rewrites its colour operators as `k` and `K`.
struct Painter<'a> {
    spaces: &'a ColourSpaces,
    named: Option<Dictionary>,
    state: State,
    stack: Vec<State>,
}

impl Painter<'_> {
    fn convert(&mut self, operation: Operation) -> Result<Option<Operation>, String> {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "q" => self.stack.push(self.state.clone()),
            "Q" => self.state = self.stack.pop().unwrap_or_default(),
            "cs" => {
                self.state.fill = self.space(operands);
                return Ok(None);
            }
            "CS" => {
                self.state.stroke = self.space(operands);
                return Ok(None);
            }
            "g" => return paint("k", Ink::Grey, operands),
            "G" => return paint("K", Ink::Grey, operands),
            "rg" => return paint("k", Ink::Rgb, operands),
            "RG" => return paint("K", Ink::Rgb, operands),
            "k" => return paint("k", Ink::Cmyk, operands),
            "K" => return paint("K", Ink::Cmyk, operands),
            "sc" | "scn" => return paint("k", self.state.fill, operands),
            "SC" | "SCN" => return paint("K", self.state.stroke, operands),
            "sh" => return Err("a gradient: draw with plain black".to_owned()),
            _ => {}
        }
        Ok(Some(operation))
    }

    fn space(&self, operands: &[Object]) -> Ink {
        let Some(name @ Object::Name(key)) = operands.first() else { return Ink::Other };
        let resource = self.named.as_ref().and_then(|named| named.get(key).ok());
        self.spaces.ink(resource.unwrap_or(name))
    }
}

/// The operator that paints this colour as a share of black.
fn paint(operator: &str, ink: Ink, operands: &[Object]) -> Result<Option<Operation>, String> {
    const SAME: f32 = 0.004;
    let parts: Vec<f32> = operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
    let black = match (ink, parts.as_slice()) {
        (Ink::Grey, [grey]) => 1.0 - grey,
        (Ink::Rgb, [r, g, b]) if (r - g).abs() < SAME && (g - b).abs() < SAME => 1.0 - r,
        (Ink::Cmyk, [c, m, y, k]) if c.abs() + m.abs() + y.abs() < SAME => *k,
        _ => return Err("a colour that is not a share of black, in the layout or its artwork".to_owned()),
    };
    let zero = || Object::Integer(0);
    let rounded = (black * 1000.0).round() / 1000.0;
    Ok(Some(Operation::new(operator, vec![zero(), zero(), zero(), Object::Real(rounded)])))
}
