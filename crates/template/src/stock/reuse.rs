//! Stores what recurs once and identifies it by its content, so that a press rasterises it once (ISO 16612-2).

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectId, Stream};
use sha2::{Digest, Sha256};

use super::objects::{WHOLE_PAGE, reach, write_objects};
use crate::fault::Problem;
use print_file::content_uuid;

/// Replaces forms that differ only in their object number by the first of them.
pub(super) fn merge_duplicates(document: &mut Document, forms: &mut [ObjectId]) {
    let mut known: BTreeMap<[u8; 32], ObjectId> = BTreeMap::new();
    for form in forms {
        let Ok(stream) = document.get_object(*form).and_then(Object::as_stream) else { continue };
        let mut digest = Sha256::new_with_prefix(&stream.content);
        digest.update(format!("{:?}", stream.dict));
        *form = *known.entry(digest.finalize().into()).or_insert(*form);
    }
}

/// Adds to each page form and image an identifier made from its own bytes and from those of all objects it leads to, and
/// marks it as encapsulated.
///
/// # Errors
/// [`FaultKind::Export`](crate::kind::FaultKind::Export) if the objects can't be written.
pub(super) fn identify(document: &mut Document) -> Result<(), Problem> {
    let (bytes, offsets) = write_objects(document)?;
    let ends = offsets.iter().skip(1).map(|&(_, offset)| offset).chain([bytes.len()]);
    let written: BTreeMap<u32, &[u8]> =
        offsets.iter().zip(ends).map(|(&(number, start), end)| (number, &bytes[start..end])).collect();
    let recurring: Vec<ObjectId> =
        document.objects.iter().filter(|(_, object)| stands_alone(object)).map(|(id, _)| *id).collect();
    for id in recurring {
        let mut needed = Vec::new();
        reach(document, id, &mut needed);
        let mut digest = Sha256::new();
        needed.iter().filter_map(|(number, _)| written.get(number)).for_each(|bytes| digest.update(bytes));
        let uuid = content_uuid(&digest.finalize().into());
        if let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) {
            name(stream, uuid);
        }
    }
    Ok(())
}

/// Whether an object is a whole page's form or an image with colours of its own.
fn stands_alone(object: &Object) -> bool {
    let Object::Stream(stream) = object else { return false };
    match stream.dict.get(b"Subtype").and_then(Object::as_name) {
        Ok(b"Form") => stream.dict.has(WHOLE_PAGE),
        Ok(b"Image") => stream.dict.has(b"Intent"),
        _ => false,
    }
}

fn name(stream: &mut Stream, uuid: String) {
    stream.dict.remove(WHOLE_PAGE);
    stream.dict.set("GTS_XID", Object::string_literal(uuid));
    stream.dict.set("GTS_Encapsulated", true);
    stream.dict.set("GTS_Scope", Object::Name(b"File".to_vec()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;

    fn form(content: &str) -> Stream {
        Stream::new(dictionary! { "Subtype" => "Form" }, content.as_bytes().to_vec())
    }

    #[test]
    fn the_same_form_is_stored_once() {
        let mut document = Document::with_version("1.6");
        let mut forms: Vec<ObjectId> =
            ["one", "two", "one"].into_iter().map(|text| document.add_object(form(text))).collect();
        let first = forms[0];
        merge_duplicates(&mut document, &mut forms);
        assert_eq!((forms[0], forms[2]), (first, first));
        assert_ne!(forms[1], first);
    }
}
