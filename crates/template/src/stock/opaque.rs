//! Refuses transparency, and removes transparency groups in which nothing is transparent.

use lopdf::{Dictionary, Document, Object};

use crate::fault::Problem;
use crate::kind::FaultKind;

/// Removes groups and the smoothing of images, which would blur the print.
///
/// # Errors
/// [`FaultKind::Transparency`] if an object mixes with what lies below it.
pub(super) fn make_opaque(document: &mut Document) -> Result<(), Problem> {
    if document.objects.values().any(|object| is_transparent(document, object)) {
        let message = "transparency, in the layout or its artwork: draw with opaque black";
        let advice = "take the transparency out, or flatten it when you save the artwork";
        return Err(Problem::new(FaultKind::Transparency, message).with_advice(advice));
    }
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object {
            stream.dict.remove(b"Group");
            stream.dict.remove(b"Interpolate");
        }
    }
    Ok(())
}

/// Whether an object is an image with a soft mask or a graphics state that mixes.
fn is_transparent(document: &Document, object: &Object) -> bool {
    match object {
        Object::Stream(stream) => {
            let is_image = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|n| n == b"Image");
            let states = states(document, &stream.dict);
            is_image && stream.dict.has(b"SMask") || states.iter().any(mixes)
        }
        Object::Dictionary(state) => mixes(state),
        _ => false,
    }
}

/// The graphics states among a form's own resources.
fn states(document: &Document, form: &Dictionary) -> Vec<Dictionary> {
    let resolve = |object: &Object| document.dereference(object).ok().map(|(_, object)| object.clone());
    let resources = form.get(b"Resources").ok().and_then(resolve);
    let states = resources.as_ref().and_then(|r| r.as_dict().ok()?.get(b"ExtGState").ok().and_then(resolve));
    let states = states.as_ref().and_then(|states| states.as_dict().ok());
    let each = states.into_iter().flat_map(|states| states.iter().filter_map(|(_, state)| resolve(state)));
    each.filter_map(|state| state.as_dict().ok().cloned()).collect()
}

/// Whether a graphics state mixes what is painted with what lies below (ISO 32000-1 §11.6.4).
fn mixes(state: &Dictionary) -> bool {
    let faint = |key: &[u8]| state.get(key).and_then(Object::as_float).is_ok_and(|alpha| alpha < 1.0);
    let blends = match state.get(b"BM") {
        Ok(Object::Name(mode)) => mode != b"Normal" && mode != b"Compatible",
        Ok(_) => true,
        Err(_) => false,
    };
    let masked = match state.get(b"SMask") {
        Ok(Object::Name(none)) => none != b"None",
        Ok(Object::Dictionary(_) | Object::Reference(_)) => true,
        _ => false,
    };
    faint(b"ca") || faint(b"CA") || blends || masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::{Stream, dictionary};

    fn with_state(state: Dictionary) -> Document {
        let mut document = Document::with_version("1.6");
        let state = document.add_object(state);
        let states = document.add_object(dictionary! { "g0" => state });
        let resources = dictionary! { "ExtGState" => states };
        let form = dictionary! { "Subtype" => "Form", "Resources" => resources, "Group" => dictionary! {} };
        document.add_object(Stream::new(form, b"/g0 gs".to_vec()));
        document
    }

    #[test]
    fn opaque_groups_are_removed() {
        let mut document = with_state(dictionary! { "ca" => 1.0, "BM" => "Normal", "SMask" => "None" });
        assert_eq!(make_opaque(&mut document), Ok(()));
        let grouped = |object: &Object| object.as_stream().is_ok_and(|stream| stream.dict.has(b"Group"));
        assert!(!document.objects.values().any(grouped));
    }

    #[test]
    fn what_mixes_is_refused() {
        for state in [
            dictionary! { "ca" => 0.5 },
            dictionary! { "CA" => 0.99 },
            dictionary! { "BM" => "Multiply" },
            dictionary! { "SMask" => dictionary! { "S" => "Luminosity" } },
        ] {
            assert!(make_opaque(&mut with_state(state)).is_err());
        }
        let mut document = Document::with_version("1.6");
        let image = dictionary! { "Subtype" => "Image", "SMask" => Object::Reference((9, 0)) };
        document.add_object(Stream::new(image, Vec::new()));
        assert!(make_opaque(&mut document).is_err());
    }
}
