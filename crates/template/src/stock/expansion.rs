//! How much a page draws once everything that it calls is drawn: artwork in PDF can call itself, or a form that calls a form
//! twice that calls a form twice, and every reader of the print file would pay for it.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::fault::Problem;
use crate::kind::FaultKind;
use crate::world::MAX_PIXELS;

/// The most operations that a page may take to draw.
const MAX_OPERATIONS: u64 = 1_000_000;
/// How deep forms and the glyphs of fonts may call each other.
const MAX_DEPTH: usize = 32;
/// The name that marks the end of a content stream that is read.
const END: &str = "EndOfContent";
/// The largest number in content: readers of PDF keep whole numbers in 32 bits (ISO 32000-1 annex C).
const MAX_NUMBER: f32 = i32::MAX as f32;
/// The most bytes of an image, decoded.
const MAX_IMAGE_SIZE: usize = 1 << 30;

/// Refuses pages that take too much to draw.
///
/// # Errors
/// [`FaultKind::Budget`]: forms or glyphs that call themselves, too many operations, an image that is too large.
/// [`FaultKind::Export`]: numbers that readers of PDF do not take, content that can't be read to its end.
pub(super) fn limit(document: &Document, pages: &[ObjectId]) -> Result<(), Problem> {
    let mut walk = Walk { document, costs: BTreeMap::new(), open: Vec::new() };
    for page in pages {
        if walk.stream(*page, &Dictionary::new())? > MAX_OPERATIONS {
            return Err(too_much("takes more than a million operations to draw"));
        }
    }
    let images = document.objects.values().filter_map(|object| object.as_stream().ok());
    images.filter(|stream| is(&stream.dict, b"Image")).try_for_each(limit_image)
}

fn too_much(message: &str) -> Problem {
    Problem::new(FaultKind::Budget, message).with_advice("save the artwork as plain paths and small images")
}

fn out_of_range() -> Problem {
    let message =
        "a size or a coordinate that no reader of PDF takes, or content that can't be read to its end";
    Problem::new(FaultKind::Export, message).with_advice(
        "save the artwork in units of the size that it is printed in, such as points or millimetres",
    )
}

/// The operations of a content stream. Its reader stops without a word at what it does not know, such as a whole number of
/// thirty digits, so the end is marked.
fn operations(mut content: Vec<u8>) -> Result<Vec<Operation>, Problem> {
    content.extend_from_slice(format!("\n/{END} MP\n").as_bytes());
    let mut operations = Content::decode(&content)?.operations;
    let is_end = |last: Operation| {
        last.operands.iter().any(|name| name.as_name().is_ok_and(|name| name == END.as_bytes()))
    };
    match operations.pop().is_some_and(is_end) {
        true => Ok(operations),
        false => Err(out_of_range()),
    }
}

fn is(dictionary: &Dictionary, subtype: &[u8]) -> bool {
    dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == subtype)
}

fn limit_image(image: &Stream) -> Result<(), Problem> {
    let side = |key: &[u8]| image.dict.get(key).and_then(Object::as_i64).unwrap_or_default().unsigned_abs();
    let pixels = side(b"Width").saturating_mul(side(b"Height"));
    let flate = image.filters().is_ok_and(|filters| filters.contains(&&b"FlateDecode"[..]));
    let bomb = || flate && image.decompressed_content().is_ok_and(|bytes| bytes.len() > MAX_IMAGE_SIZE);
    match pixels > MAX_PIXELS || bomb() {
        true => Err(too_much("holds an image of too many pixels")),
        false => Ok(()),
    }
}

/// The costs found so far.
struct Walk<'a> {
    document: &'a Document,
    costs: BTreeMap<ObjectId, u64>,
    /// The streams that are being drawn, from the page on.
    open: Vec<ObjectId>,
}

impl Walk<'_> {
    /// What it takes to draw a form or glyph; without resources of its own it uses those it is called with.
    fn stream(&mut self, id: ObjectId, outer: &Dictionary) -> Result<u64, Problem> {
        if let Some(cost) = self.costs.get(&id) {
            return Ok(*cost);
        }
        if self.open.contains(&id) || self.open.len() >= MAX_DEPTH {
            return Err(too_much("calls itself, or forms that are nested too deeply"));
        }
        let Ok(stream) = self.document.get_object(id).and_then(Object::as_stream) else { return Ok(0) };
        self.open.push(id);
        let resources = self.dictionary(stream.dict.get(b"Resources").ok()).unwrap_or_else(|| outer.clone());
        let operations = operations(stream.get_plain_content()?)?;
        let (mut cost, mut glyph_cost) = (0_u64, 0_u64);
        for operation in &operations {
            cost = cost.saturating_add(1);
            if operation.operands.iter().any(is_out_of_range) {
                return Err(out_of_range());
            }
            let name = operation.operands.first().and_then(|operand| operand.as_name().ok());
            match (operation.operator.as_str(), name) {
                ("Do", Some(name)) => cost = cost.saturating_add(self.form(&resources, name)?),
                ("Tf", Some(name)) => glyph_cost = self.font(&resources, name)?,
                ("Tj" | "TJ" | "'" | "\"", _) => {
                    let glyphs = operation.operands.iter().map(text_length).sum::<u64>();
                    cost = cost.saturating_add(glyph_cost.saturating_mul(glyphs));
                }
                _ => {}
            }
        }
        self.open.pop();
        self.costs.insert(id, cost);
        Ok(cost)
    }

    fn form(&mut self, resources: &Dictionary, name: &[u8]) -> Result<u64, Problem> {
        match self.resource(resources, b"XObject", name) {
            Some(Object::Reference(id)) => match self.document.get_object(id).and_then(Object::as_stream) {
                Ok(stream) if is(&stream.dict, b"Form") => self.stream(id, resources),
                _ => Ok(1),
            },
            _ => Ok(1),
        }
    }

    /// What the costliest glyph of a Type 3 font takes; nothing for other fonts.
    fn font(&mut self, resources: &Dictionary, name: &[u8]) -> Result<u64, Problem> {
        let font = self.resource(resources, b"Font", name);
        let Some(font) = self.dictionary(font.as_ref()).filter(|font| is(font, b"Type3")) else {
            return Ok(0);
        };
        let resources = self.dictionary(font.get(b"Resources").ok()).unwrap_or_else(|| resources.clone());
        let glyphs = self.dictionary(font.get(b"CharProcs").ok()).unwrap_or_default();
        let mut costliest = 0;
        for (_, glyph) in glyphs.iter() {
            if let Ok(id) = glyph.as_reference() {
                costliest = self.stream(id, &resources)?.max(costliest);
            }
        }
        Ok(costliest)
    }

    fn resource(&self, resources: &Dictionary, kind: &[u8], name: &[u8]) -> Option<Object> {
        self.dictionary(resources.get(kind).ok())?.get(name).ok().cloned()
    }

    fn dictionary(&self, object: Option<&Object>) -> Option<Dictionary> {
        let (_, object) = self.document.dereference(object?).ok()?;
        object.as_dict().ok().cloned()
    }
}

/// Whether an operand is, or holds, a number that readers of PDF do not take.
fn is_out_of_range(operand: &Object) -> bool {
    match operand {
        Object::Array(parts) => parts.iter().any(is_out_of_range),
        number => number.as_float().is_ok_and(|number| number.is_nan() || number.abs() >= MAX_NUMBER),
    }
}

/// How many bytes of text an operand shows.
fn text_length(operand: &Object) -> u64 {
    match operand {
        Object::String(text, _) => text.len() as u64,
        Object::Array(parts) => parts.iter().map(text_length).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document of forms, each with its content; a form calls another by its index.
    fn refused(contents: &[&str]) -> Option<String> {
        let mut document = Document::with_version("1.6");
        let id = |index: usize| (index as u32 + 1, 0);
        let mut forms = Dictionary::new();
        (0..contents.len()).for_each(|index| forms.set(format!("F{index}"), Object::Reference(id(index))));
        let mut resources = Dictionary::new();
        resources.set("XObject", forms);
        for (index, content) in contents.iter().enumerate() {
            let mut form = Dictionary::new();
            form.set("Subtype", Object::Name(b"Form".to_vec()));
            form.set("Resources", resources.clone());
            document.objects.insert(id(index), Stream::new(form, content.as_bytes().to_vec()).into());
        }
        limit(&document, &[id(0)]).err().map(|problem| problem.message)
    }

    #[test]
    fn what_calls_itself_or_without_end_is_refused() {
        assert_eq!(refused(&["/F1 Do /F1 Do", "0 0 1 1 re f"]), None);
        assert_eq!(refused(&["1000000000 -0.5 0 0 1 1 cm"]), None);
        assert!(refused(&["/F1 Do", "0 0 1000000000000000000000000000000 1 re f"]).is_some());
        assert!(refused(&["[0 5000000000.0] 0 d"]).is_some());
        assert!(refused(&["q 1 0 0 1 0 0 cm ] Q"]).is_some());
        assert!(refused(&["/F1 Do", "/F0 Do"]).unwrap().contains("calls itself"));
        let doubling: Vec<String> = (1..=25).map(|next| format!("/F{next} Do /F{next} Do")).collect();
        let mut doubling: Vec<&str> = doubling.iter().map(String::as_str).collect();
        doubling.push("0 0 1 1 re f");
        assert!(refused(&doubling).unwrap().contains("a million operations"));
    }
}
