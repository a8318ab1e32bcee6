//! PDF objects of the stock: what they refer to, their numbers, their bytes.

use lopdf::xref::XrefType;
use lopdf::{Document, Object, ObjectId};

use crate::fault::Problem;
use crate::kind::FaultKind;

/// The generation that marks references to the print file's own objects until they are renumbered.
pub(super) const OWN_GENERATION: u16 = u16::MAX;
/// The key that marks the form of a whole page until the form has its identifier.
pub(super) const WHOLE_PAGE: &[u8] = b"PLI_WholePage";

/// A resource dictionary with its colour spaces and graphics states inline instead of by reference.
pub(super) fn inlined(document: &Document, resources: Object) -> Object {
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

/// Appends the objects that `id` leads to, itself first, each once, in a stable order.
pub(super) fn reach(document: &Document, id: ObjectId, found: &mut Vec<ObjectId>) {
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

/// The references in an object.
fn references(object: &Object) -> Vec<ObjectId> {
    match object {
        Object::Reference(id) => vec![*id],
        Object::Array(items) => items.iter().flat_map(references).collect(),
        Object::Dictionary(entries) => entries.iter().flat_map(|(_, value)| references(value)).collect(),
        Object::Stream(stream) => stream.dict.iter().flat_map(|(_, value)| references(value)).collect(),
        _ => Vec::new(),
    }
}

/// Replaces the references in an object for which `number` has a new one.
pub(super) fn renumber(object: &mut Object, number: &dyn Fn(&ObjectId) -> Option<ObjectId>) {
    match object {
        Object::Reference(id) => *id = number(id).unwrap_or(*id),
        Object::Array(items) => items.iter_mut().for_each(|item| renumber(item, number)),
        Object::Dictionary(entries) => entries.iter_mut().for_each(|(_, value)| renumber(value, number)),
        Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, value)| renumber(value, number)),
        _ => {}
    }
}

/// Objects one after the other, and the number and offset of each.
pub(super) type WrittenObjects = (Vec<u8>, Vec<(u32, usize)>);

/// Writes the document and cuts out its objects, with their offsets from its cross-reference table.
pub(super) fn write_objects(document: &mut Document) -> Result<WrittenObjects, Problem> {
    let mut file = Vec::new();
    document.compress();
    document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    document.save_to(&mut file).map_err(|error| Problem::new(FaultKind::Export, error.to_string()))?;
    let unexpected =
        || Problem::new(FaultKind::Export, "the stock's cross-reference table is not as expected");
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
