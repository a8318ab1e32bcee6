//! What artwork in PDF may bring into the stock: its fonts must be embedded, nothing of it may hang on layers, and how it
//! overprints is the print file's matter (ISO 15930-7).

use foreign::legible;
use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::fault::Problem;
use crate::kind::FaultKind;

/// What a graphics state of the stock does not say: overprint is set by the print file, transfer and halftones by the press.
const NOT_SAID: [&[u8]; 12] =
    [b"OP", b"op", b"OPM", b"TR", b"TR2", b"HT", b"HTP", b"BG", b"BG2", b"UCR", b"UCR2", b"FL"];
/// Operators that set a colour, or paint one of their own.
const COLOURING: [&str; 13] = ["g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN", "sh"];

/// Makes the document's objects fit for the stock.
///
/// # Errors
/// [`FaultKind::Artwork`]: layers, fonts that are not embedded, letters in colours of their own, pictures within the
/// content.
pub(super) fn admit(document: &mut Document) -> Result<(), Problem> {
    for object in document.objects.values() {
        let Some(dictionary) = dictionary_of(object) else { continue };
        if is_of_layer(dictionary) {
            return Err(refused("artwork with layers", "flatten the layers when you save the artwork"));
        }
        if is_type(dictionary, b"Font") {
            check_font(document, dictionary)?;
        }
        if let Object::Stream(stream) = object
            && subtype(dictionary) == Some(b"Form")
        {
            check_inline_images(stream)?;
        }
    }
    remove_from_states(document);
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.filters().is_ok_and(|filters| filters.contains(&&b"LZWDecode"[..]))
        {
            stream.decompress()?;
        }
    }
    Ok(())
}

fn refused(problem: impl Into<String>, advice: &str) -> Problem {
    Problem::new(FaultKind::Artwork, problem).with_advice(advice)
}

fn dictionary_of(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

fn is_type(dictionary: &Dictionary, name: &[u8]) -> bool {
    dictionary.get(b"Type").and_then(Object::as_name).is_ok_and(|known| known == name)
}

fn subtype(dictionary: &Dictionary) -> Option<&[u8]> {
    dictionary.get(b"Subtype").and_then(Object::as_name).ok()
}

/// Whether content shows only where a viewer shows a layer.
fn is_of_layer(dictionary: &Dictionary) -> bool {
    is_type(dictionary, b"OCG") || is_type(dictionary, b"OCMD") || dictionary.has(b"OC")
}

/// Refuses a font that a press does not have.
fn check_font(document: &Document, font: &Dictionary) -> Result<(), Problem> {
    let resolve = |object: &Object| document.dereference(object).ok().map(|(_, object)| object.clone());
    let described = match subtype(font) {
        Some(b"Type3") => return check_glyphs(document, font),
        // It is described by its descendant, which is a font too.
        Some(b"Type0") => return Ok(()),
        _ => font.get(b"FontDescriptor").ok().and_then(resolve),
    };
    let embedded = described.as_ref().and_then(|descriptor| descriptor.as_dict().ok()).is_some_and(|found| {
        ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| found.has(key.as_bytes()))
    });
    if embedded {
        return Ok(());
    }
    let name = font.get(b"BaseFont").and_then(Object::as_name).unwrap_or(b"?");
    let name = legible(&String::from_utf8_lossy(name)).into_owned();
    Err(refused(
        format!("artwork with a font that is not embedded, `{name}`"),
        "embed the fonts when you save the artwork, or convert its text to outlines",
    ))
}

/// Refuses letters that are drawn in colours of their own: those would be printed as they are.
fn check_glyphs(document: &Document, font: &Dictionary) -> Result<(), Problem> {
    let glyphs = font.get(b"CharProcs").ok().and_then(|glyphs| document.dereference(glyphs).ok());
    let Some(glyphs) = glyphs.and_then(|(_, glyphs)| glyphs.as_dict().ok()) else { return Ok(()) };
    for (_, glyph) in glyphs.iter() {
        let Ok((_, Object::Stream(glyph))) = document.dereference(glyph) else { continue };
        let operations = Content::decode(&glyph.get_plain_content()?)?.operations;
        if operations.iter().any(|operation| COLOURING.contains(&operation.operator.as_str())) {
            let advice = "convert its text to outlines in plain black";
            return Err(refused("artwork with letters in colours of their own", advice));
        }
    }
    Ok(())
}

/// Refuses pictures within the content of a form: what rewrites the content does not take all of them along.
fn check_inline_images(form: &Stream) -> Result<(), Problem> {
    let content = form.get_plain_content()?;
    // Nearly all content has none, and reading it takes time.
    if !content.windows(2).any(|bytes| bytes == b"BI") {
        return Ok(());
    }
    match Content::decode(&content)?.operations.iter().any(|operation| operation.operator == "BI") {
        true => {
            Err(refused("artwork with an inline picture", "save the artwork with its pictures as objects"))
        }
        false => Ok(()),
    }
}

/// Removes from all graphics states what the stock's do not say.
fn remove_from_states(document: &mut Document) {
    let mut states: Vec<ObjectId> = Vec::new();
    let mut tables: Vec<ObjectId> = Vec::new();
    let clean = |state: &mut Dictionary| NOT_SAID.iter().for_each(|key| drop(state.remove(key)));
    for object in document.objects.values_mut() {
        let resources = match object {
            Object::Stream(stream) => stream.dict.get_mut(b"Resources").and_then(Object::as_dict_mut),
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => continue,
        };
        match resources.and_then(|resources| resources.get_mut(b"ExtGState")) {
            Ok(Object::Reference(id)) => tables.push(*id),
            Ok(Object::Dictionary(table)) => each_state(table, &clean, &mut states),
            _ => {}
        }
    }
    for table in tables {
        if let Ok(table) = document.get_object_mut(table).and_then(Object::as_dict_mut) {
            each_state(table, &clean, &mut states);
        }
    }
    for state in states {
        if let Ok(state) = document.get_object_mut(state).and_then(Object::as_dict_mut) {
            clean(state);
        }
    }
}

/// Cleans the states of a table, and collects those that it refers to.
fn each_state(table: &mut Dictionary, clean: &impl Fn(&mut Dictionary), states: &mut Vec<ObjectId>) {
    for (_, state) in table.iter_mut() {
        match state {
            Object::Reference(id) => states.push(*id),
            Object::Dictionary(state) => clean(state),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;

    /// Why a document with these objects is refused, by the beginning of the message.
    fn refused(objects: Vec<Object>) -> Option<String> {
        let mut document = Document::with_version("1.6");
        for object in objects {
            document.add_object(object);
        }
        admit(&mut document).err().map(|problem| problem.message)
    }

    #[test]
    fn what_a_press_has_not_is_refused() {
        let font = |descriptor: Dictionary| {
            dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "FontDescriptor" => descriptor }
        };
        assert_eq!(refused(vec![font(dictionary! { "FontFile3" => 1 }).into()]), None);
        let said = refused(vec![font(dictionary! {}).into()]);
        assert_eq!(said.unwrap(), "artwork with a font that is not embedded, `Helvetica`");
        assert!(refused(vec![dictionary! { "Type" => "OCG" }.into()]).unwrap().contains("layers"));
        let glyphs = |content: &str| {
            let glyph = Object::Stream(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
            let procs = dictionary! { "a" => Object::Reference((1, 0)) };
            vec![glyph, dictionary! { "Type" => "Font", "Subtype" => "Type3", "CharProcs" => procs }.into()]
        };
        assert_eq!(refused(glyphs("9 0 0 0 9 9 d1 0 0 9 9 re f")), None);
        assert!(refused(glyphs("9 0 d0 1 0 0 rg 0 0 9 9 re f")).unwrap().contains("letters in colours"));
        let form = |content: &str| {
            vec![Object::Stream(Stream::new(
                dictionary! { "Subtype" => "Form" },
                content.as_bytes().to_vec(),
            ))]
        };
        assert_eq!(refused(form("BT (BI) Tj ET")), None);
        let inline = "q BI /W 1 /H 1 /BPC 8 /CS /G ID \u{1} EI Q";
        assert!(refused(form(inline)).unwrap().contains("inline picture"));
    }

    #[test]
    fn artwork_says_nothing_of_overprint() {
        let mut document = Document::with_version("1.6");
        let state = document.add_object(dictionary! { "OP" => false, "op" => false, "LW" => 2 });
        let states = dictionary! { "a" => state, "b" => dictionary! { "TR" => "Identity", "ca" => 1 } };
        let resources = dictionary! { "ExtGState" => states };
        let form = document.add_object(Stream::new(
            dictionary! { "Subtype" => "Form", "Resources" => resources },
            Vec::new(),
        ));
        assert_eq!(admit(&mut document), Ok(()));
        assert_eq!(
            format!("{:?}", document.get_object(state).unwrap()),
            format!("{:?}", Object::from(dictionary! { "LW" => 2 }))
        );
        let form = &document.get_object(form).unwrap().as_stream().unwrap().dict;
        assert!(!format!("{form:?}").contains("TR"), "{form:?}");
    }
}
