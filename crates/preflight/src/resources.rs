//! Resources: forms, images, fonts and graphics states, each visited once.

use std::collections::BTreeSet;

use hayro_syntax::object::{Dict, Name, Object, Stream, String as PdfString};

use super::identification::is_uuid;
use super::pages::Pages;
use super::{Clause, Faults, is_name};

/// The forms and fonts that pages use, directly or through a form.
#[derive(Default)]
pub(super) struct Shared<'a> {
    /// Forms, in the order of visits.
    pub forms: Vec<Stream<'a>>,
    /// Fonts by object number.
    pub fonts: Vec<(i32, Dict<'a>)>,
}

/// Visits the resources of all pages and checks what they hold.
pub(super) fn check<'a>(pages: &Pages<'a>, faults: &mut Faults) -> Shared<'a> {
    let mut visit = Visit { shared: Shared::default(), seen: BTreeSet::new() };
    for resources in &pages.resources {
        visit.resources(resources, true, faults);
    }
    for (_, page) in &pages.pages {
        if let (Some(own), None) = (page.get::<Dict>("Resources"), page.get_ref("Resources")) {
            visit.resources(&own, true, faults);
        }
    }
    visit.shared
}

struct Visit<'a> {
    shared: Shared<'a>,
    seen: BTreeSet<i32>,
}

impl<'a> Visit<'a> {
    /// Visits resources. `of_page` is whether they are a page's, not a form's.
    fn resources(&mut self, resources: &Dict<'a>, of_page: bool, faults: &mut Faults) {
        for (name, state) in entries(resources, "ExtGState") {
            if let Some(state) = state.into_dict() {
                check_state(&name, &state, faults);
            }
        }
        for kind in ["ColorSpace", "Shading", "Pattern"] {
            let none = entries(resources, kind).is_empty();
            faults.expect(none, Clause::X4Colour, || format!("a resource of the kind `{kind}`"));
        }
        for (name, font) in entries(resources, "Font") {
            let Some(font) = font.into_dict() else { continue };
            let number = font.obj_id().map_or(0, |id| id.obj_number);
            faults.expect(!font.is_empty(), Clause::X4Fonts, || format!("font `{name}` is missing"));
            if self.seen.insert(number) {
                self.shared.fonts.push((number, font));
            }
        }
        for (name, object) in entries(resources, "XObject") {
            if let Some(stream) = object.into_stream()
                && self.seen.insert(stream.obj_id().obj_number)
            {
                self.x_object(&name, stream, of_page, faults);
            }
        }
    }

    fn x_object(&mut self, name: &str, stream: Stream<'a>, of_page: bool, faults: &mut Faults) {
        let dictionary = stream.dict().clone();
        for key in ["OPI", "Ref", "PS", "Subtype2"] {
            let message = || format!("`{name}` has `{key}`");
            faults.expect(!dictionary.contains_key(key), Clause::X4Streams, message);
        }
        let opaque = !["SMask", "SMaskInData", "Group"].iter().any(|key| dictionary.contains_key(key));
        faults.expect(opaque, Clause::Transparency, || {
            format!("`{name}` is a transparency group or has a soft mask")
        });
        match dictionary.get::<Name>("Subtype").as_deref() {
            Some(b"Form") => {
                if of_page {
                    check_reuse(name, &dictionary, faults);
                }
                let resources = dictionary.get::<Dict>("Resources");
                self.shared.forms.push(stream);
                resources.iter().for_each(|resources| self.resources(resources, false, faults));
            }
            Some(b"Image") => check_image(name, &dictionary, faults),
            _ => faults.add(Clause::X4Streams, format!("`{name}` is neither a form nor an image")),
        }
    }
}

/// The resources of a kind with their names, references resolved.
pub(super) fn entries<'a>(resources: &Dict<'a>, kind: &str) -> Vec<(String, Object<'a>)> {
    let Some(kind) = resources.get::<Dict>(kind) else { return Vec::new() };
    let keys: Vec<Name> = kind.keys().collect();
    let entry =
        |key: Name<'a>| Some((String::from_utf8_lossy(&key).into_owned(), kind.get::<Object>(&*key)?));
    keys.into_iter().filter_map(entry).collect()
}

fn check_reuse(name: &str, form: &Dict, faults: &mut Faults) {
    let identified =
        form.get::<PdfString>("GTS_XID").is_some_and(|id| std::str::from_utf8(&id).is_ok_and(is_uuid));
    let encapsulated =
        form.get::<bool>("GTS_Encapsulated") == Some(true) && is_name(form, "GTS_Scope", "File");
    let message = || format!("form `{name}` has no `GTS_XID`, or is not marked as encapsulated in the file");
    faults.expect(identified && encapsulated, Clause::Vt1Reuse, message);
}

fn check_image(name: &str, image: &Dict, faults: &mut Faults) {
    faults.expect(!image.contains_key("Alternates"), Clause::X4Images, || {
        format!("image `{name}` has alternates")
    });
    let interpolated = image.get::<bool>("Interpolate") == Some(true);
    faults.expect(!interpolated, Clause::X4Images, || format!("image `{name}` is interpolated"));
    let mask = image.get::<bool>("ImageMask") == Some(true);
    let grey = mask || is_name(image, "ColorSpace", "DeviceGray");
    faults.expect(grey, Clause::X4Colour, || format!("image `{name}` is neither a mask nor in DeviceGray"));
}

/// Checks a graphics state (ISO 32000-1 §8.4.5).
fn check_state(name: &str, state: &Dict, faults: &mut Faults) {
    for key in ["TR", "HTP", "HT", "BG", "UCR", "BG2", "UCR2"] {
        let message = || format!("graphics state `{name}` has `{key}`");
        faults.expect(!state.contains_key(key), Clause::X4GraphicsState, message);
    }
    let transfer = !state.contains_key("TR2") || is_name(state, "TR2", "Default");
    faults.expect(transfer, Clause::X4GraphicsState, || {
        format!("graphics state `{name}` has a transfer function")
    });
    let translucent = |key: &str| state.get::<f32>(key).is_some_and(|alpha| alpha < 1.0);
    let masked = state.contains_key("SMask") && !is_name(state, "SMask", "None");
    let blends = state.contains_key("BM") && !is_name(state, "BM", "Normal");
    let transparent = translucent("ca") || translucent("CA") || masked || blends;
    faults.expect(!transparent, Clause::Transparency, || format!("graphics state `{name}` is transparent"));
}
