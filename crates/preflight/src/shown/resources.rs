//! The resources of pages: fonts, forms, images, graphics states, property lists (ISO 32000-1 §7.8.3).

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};

use super::Problem;
use super::file::Source;
use super::marked::text_string;
use super::tokens::is_named;

/// What the names in a page's content stand for.
#[derive(Default)]
pub(super) struct Resources {
    /// Fonts, as indices of the file's fonts.
    fonts: Vec<(Vec<u8>, usize)>,
    external: Vec<(Vec<u8>, External)>,
    states: Vec<(Vec<u8>, Result<StateChange, Problem>)>,
    properties: Vec<(Vec<u8>, Properties)>,
}

/// An external object (ISO 32000-1 §8.8).
pub(super) enum External {
    /// A form: its object's number, and where it maps its own space.
    Form(u32, [f64; 6]),
    /// A mask of one bit.
    Mask(MaskSource),
    /// Another image, or what is no external object.
    Other,
}

/// A mask that is an external object.
pub(super) struct MaskSource {
    /// Cells in a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Whether a 1 paints, not a 0.
    pub inverted: bool,
    /// Where its cells lie.
    pub source: Source,
}

/// What a graphics state dictionary changes of what is shown (ISO 32000-1 §8.4.5).
#[derive(Clone, Copy, Default)]
pub(super) struct StateChange {
    /// The line width.
    pub line_width: Option<f64>,
    /// The line join.
    pub join: Option<f64>,
    /// The miter limit.
    pub miter: Option<f64>,
    /// The constant alpha of fills.
    pub fill_alpha: Option<f64>,
    /// The constant alpha of strokes.
    pub stroke_alpha: Option<f64>,
    /// Whether fills overprint (`op`, or `OP` where there is no `op`).
    pub fill_overprint: Option<bool>,
    /// Whether strokes overprint (`OP`).
    pub stroke_overprint: Option<bool>,
    /// Whether an ink of 0 leaves what is under it (`OPM` 1).
    pub leaves_other_inks: Option<bool>,
}

/// A property list of marked content.
#[derive(Default, Clone)]
pub(super) struct Properties {
    /// Its `ActualText`.
    pub actual: Option<String>,
    /// Whether it is optional content.
    pub optional: bool,
}

impl Resources {
    /// Reads resources. Adds the fonts that are not yet in `fonts`.
    pub fn read<'a>(dictionary: &Dict<'a>, bytes: &[u8], fonts: &mut Vec<(String, Dict<'a>)>) -> Resources {
        let mut resources = Resources::default();
        for (name, font) in entries::<Dict>(dictionary, "Font") {
            let place = font.data().as_ptr();
            let known = fonts.iter().position(|(_, known)| known.data().as_ptr() == place);
            let index = known.unwrap_or_else(|| {
                fonts.push((String::from_utf8_lossy(&name).into_owned(), font));
                fonts.len() - 1
            });
            resources.fonts.push((name, index));
        }
        for (name, stream) in entries::<Stream>(dictionary, "XObject") {
            resources.external.push((name, external(&stream, bytes)));
        }
        for (name, state) in entries::<Dict>(dictionary, "ExtGState") {
            resources.states.push((name, state_change(&state)));
        }
        for (name, list) in entries::<Dict>(dictionary, "Properties") {
            let optional = matches!(list.get::<Name>("Type").as_deref(), Some(b"OCG" | b"OCMD"));
            let actual = list.get::<hayro_syntax::object::String>("ActualText");
            let actual = actual.map(|text| text_string(&text));
            resources.properties.push((name, Properties { actual, optional }));
        }
        resources
    }

    /// The index of a font among the file's.
    pub fn font(&self, name: &[u8]) -> Option<usize> {
        find(&self.fonts, name).copied()
    }

    /// The object numbers of its forms.
    pub fn forms(&self) -> impl Iterator<Item = u32> {
        self.external.iter().filter_map(|(_, external)| match external {
            External::Form(number, _) => Some(*number),
            _ => None,
        })
    }

    /// An external object.
    pub fn external(&self, name: &[u8]) -> Option<&External> {
        find(&self.external, name)
    }

    /// A graphics state.
    pub fn state(&self, name: &[u8]) -> Option<Result<StateChange, Problem>> {
        find(&self.states, name).copied()
    }

    /// A property list.
    pub fn properties(&self, name: &[u8]) -> Option<&Properties> {
        find(&self.properties, name)
    }
}

fn find<'r, T>(entries: &'r [(Vec<u8>, T)], name: &[u8]) -> Option<&'r T> {
    entries.iter().find(|(known, _)| is_named(name, known)).map(|(_, entry)| entry)
}

/// The entries of one kind of resource that are of the right type.
fn entries<'a, T>(dictionary: &Dict<'a>, kind: &str) -> Vec<(Vec<u8>, T)>
where
    T: TryFrom<Object<'a>>,
{
    let Some(inner) = dictionary.get::<Dict<'a>>(kind) else { return Vec::new() };
    let entry = |(key, _): (Name<'a>, MaybeRef<Object<'a>>)| {
        let value = T::try_from(inner.get::<Object<'a>>(&*key)?).ok()?;
        Some((key.to_vec(), value))
    };
    inner.entries().filter_map(entry).collect()
}

fn external(stream: &Stream, bytes: &[u8]) -> External {
    let dictionary = stream.dict();
    let name = |key: &str| dictionary.get::<Name>(key);
    match name("Subtype").as_deref() {
        // What a form shows may depend on what a viewer has switched on.
        Some(b"Form") if !dictionary.contains_key("OC") => {
            let numbers: Vec<f64> =
                dictionary.get::<Array>("Matrix").map(|m| m.iter::<f64>().collect()).unwrap_or_default();
            let matrix = numbers.try_into().unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
            u32::try_from(stream.obj_id().obj_number).map_or(External::Other, |n| External::Form(n, matrix))
        }
        Some(b"Image") => mask(stream, bytes).map_or(External::Other, External::Mask),
        _ => External::Other,
    }
}

/// A mask of one bit (ISO 32000-1 §8.9.6.2); `None` if the image is anything else.
fn mask(image: &Stream, bytes: &[u8]) -> Option<MaskSource> {
    let dictionary = image.dict();
    let smoothed = dictionary.get::<bool>("Interpolate") == Some(true);
    let other = ["OC", "SMask", "Mask", "Alternates", "OPI"].iter().any(|key| dictionary.contains_key(*key));
    let odd = smoothed || other;
    let one_bit = dictionary.get::<u32>("BitsPerComponent").is_none_or(|bits| bits == 1);
    if odd || !one_bit || dictionary.get::<bool>("ImageMask") != Some(true) {
        return None;
    }
    let decode: Option<Vec<f64>> = dictionary.get::<Array>("Decode").map(|d| d.iter::<f64>().collect());
    let inverted = match decode.as_deref() {
        None | Some([0.0, 1.0]) => false,
        Some([1.0, 0.0]) => true,
        Some(_) => return None,
    };
    Some(MaskSource {
        columns: dictionary.get::<u32>("Width")?,
        rows: dictionary.get::<u32>("Height")?,
        inverted,
        source: Source::new(image, bytes)?,
    })
}

/// The keys of a graphics state that change nothing of what is shown, or only how inks overprint, halftones and the like.
const HARMLESS: [&[u8]; 15] = [
    b"Type",
    b"LC",
    b"RI",
    b"OP",
    b"op",
    b"OPM",
    b"FL",
    b"SM",
    b"SA",
    b"AIS",
    b"TK",
    b"UseBlackPtComp",
    b"HTO",
    b"LW",
    b"LJ",
];

/// What a graphics state changes.
fn state_change(dictionary: &Dict) -> Result<StateChange, Problem> {
    for key in dictionary.keys() {
        let name =
            |names: &[&[u8]]| dictionary.get::<Name>(&*key).is_some_and(|name| names.contains(&&*name));
        let sound = match &*key {
            b"BM" => name(&[b"Normal", b"Compatible"]),
            b"SMask" => name(&[b"None"]),
            b"TR" => name(&[b"Identity"]),
            b"TR2" | b"BG2" | b"UCR2" | b"HT" => name(&[b"Default"]),
            b"ML" | b"CA" | b"ca" => true,
            known => HARMLESS.contains(&known),
        };
        if !sound {
            return Err("a graphics state that changes how paint is shown");
        }
    }
    let number = |key: &str| dictionary.get::<f64>(key);
    Ok(StateChange {
        line_width: number("LW"),
        join: number("LJ"),
        miter: number("ML"),
        fill_alpha: number("ca"),
        stroke_alpha: number("CA"),
        fill_overprint: dictionary.get::<bool>("op").or(dictionary.get::<bool>("OP")),
        stroke_overprint: dictionary.get::<bool>("OP"),
        leaves_other_inks: dictionary.get::<i32>("OPM").map(|mode| mode == 1),
    })
}
