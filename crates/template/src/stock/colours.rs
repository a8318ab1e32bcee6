//! Converts every colour of the stock into a share of black. White is painted in graphics states that do not overprint:
//! white that overprints would leave the black below it as it is (ISO 32000-1 §8.6.7).

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use rayon::prelude::*;

use super::objects::{OWN_GENERATION, inlined};
use crate::fault::Problem;
use crate::kind::FaultKind;
use print_file::OVERPRINT_STATES;

/// The names of the print file's graphics states in forms: all black, white fills, white strokes, both white.
const STATES: [&str; 4] = ["Black", "WhiteFill", "WhiteStroke", "White"];

/// Turns every colour of the document's forms and images into a share of black. `pages` are the forms that pages show.
///
/// # Errors
/// [`FaultKind::Colour`], [`FaultKind::Gradient`] or [`FaultKind::Artwork`] for a colour that is not a share of black;
/// [`FaultKind::Export`] if content can't be read or written.
pub(super) fn blacken(document: &mut Document, pages: &[ObjectId]) -> Result<(), Problem> {
    let grey_icc: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| components(object) == Some(1))
        .map(|(id, _)| *id)
        .collect();
    let spaces = ColourSpaces::read(document, &grey_icc);
    inline_resources(document);
    let streams: Vec<_> = document.objects.iter_mut().collect();
    let blackened = streams.into_par_iter().map(|(id, object)| {
        let Object::Stream(stream) = object else { return Ok(()) };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Form") => blacken_form(stream, &spaces, pages.contains(id)),
            Ok(b"Image") => blacken_image(stream, &spaces),
            _ => Ok(()),
        }
    });
    // The problem of the first object, whichever core finished first.
    blackened.collect::<Vec<_>>().into_iter().collect()
}

/// Inlines the resources of every form.
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

/// The ink that each colour space of the document stands for.
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

fn blacken_image(stream: &mut Stream, spaces: &ColourSpaces) -> Result<(), Problem> {
    let Ok(space) = stream.dict.get(b"ColorSpace").cloned() else { return Ok(()) };
    match spaces.ink(&space) {
        Ink::Grey => {
            stream.dict.set("ColorSpace", Object::Name(b"DeviceGray".to_vec()));
            stream.dict.set("Intent", Object::Name(b"RelativeColorimetric".to_vec()));
            Ok(())
        }
        _ => Err(Problem::new(FaultKind::Artwork, "an image is not in plain greys")),
    }
}

fn blacken_form(stream: &mut Stream, spaces: &ColourSpaces, whole_page: bool) -> Result<(), Problem> {
    let plain = stream.get_plain_content()?;
    let content = Content::decode(&plain)?;
    let local = stream.dict.get(b"Resources").and_then(Object::as_dict);
    let named = local.and_then(|r| r.get(b"ColorSpace")).and_then(Object::as_dict).ok().cloned();
    let mut painter = Painter::new(spaces, named);
    if whole_page {
        painter.begin_page();
    }
    for operation in content.operations {
        painter.convert(operation)?;
    }
    let encoded = Content { operations: painter.out }.encode()?;
    stream.set_plain_content(encoded);
    if let Ok(resources) = stream.dict.get_mut(b"Resources").and_then(Object::as_dict_mut) {
        resources.remove(b"ColorSpace");
        resources.remove(b"ProcSet");
        name_states(resources, painter.states);
    }
    Ok(())
}

/// Names the print file's graphics states among a form's resources.
fn name_states(resources: &mut Dictionary, used: [bool; 4]) {
    if !used.contains(&true) {
        return;
    }
    let mut states = resources.get(b"ExtGState").and_then(Object::as_dict).cloned().unwrap_or_default();
    for (name, (number, used)) in STATES.into_iter().zip((OVERPRINT_STATES..).zip(used)) {
        if used {
            states.set(name, Object::Reference((number, OWN_GENERATION)));
        }
    }
    resources.set("ExtGState", states);
}

#[derive(Clone)]
struct State {
    fill: Ink,
    stroke: Ink,
    white_fill: bool,
    white_stroke: bool,
}

impl Default for State {
    fn default() -> State {
        State { fill: Ink::Grey, stroke: Ink::Grey, white_fill: false, white_stroke: false }
    }
}

/// Follows a content stream and rewrites its colour operators as `k` and `K`.
struct Painter<'a> {
    spaces: &'a ColourSpaces,
    named: Option<Dictionary>,
    state: State,
    stack: Vec<State>,
    out: Vec<Operation>,
    /// Which of the print file's graphics states it used.
    states: [bool; 4],
}

impl<'a> Painter<'a> {
    fn new(spaces: &'a ColourSpaces, named: Option<Dictionary>) -> Painter<'a> {
        Painter {
            spaces,
            named,
            state: State::default(),
            stack: Vec::new(),
            out: Vec::new(),
            states: [false; 4],
        }
    }

    /// Sets the whole state that a form inherits from the page, so that it is encapsulated (PDF/VT).
    fn begin_page(&mut self) {
        self.set_overprint();
        for operator in ["k", "K"] {
            self.out.push(share_of_black(operator, 1.0));
        }
    }

    fn convert(&mut self, operation: Operation) -> Result<(), Problem> {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "q" => self.stack.push(self.state.clone()),
            "Q" => self.state = self.stack.pop().unwrap_or_default(),
            "cs" => {
                self.state.fill = self.space(operands);
                return Ok(());
            }
            "CS" => {
                self.state.stroke = self.space(operands);
                return Ok(());
            }
            "g" => return self.fill(black_share(Ink::Grey, operands)?),
            "G" => return self.stroke(black_share(Ink::Grey, operands)?),
            "rg" => return self.fill(black_share(Ink::Rgb, operands)?),
            "RG" => return self.stroke(black_share(Ink::Rgb, operands)?),
            "k" => return self.fill(black_share(Ink::Cmyk, operands)?),
            "K" => return self.stroke(black_share(Ink::Cmyk, operands)?),
            "sc" | "scn" => return self.fill(black_share(self.state.fill, operands)?),
            "SC" | "SCN" => return self.stroke(black_share(self.state.stroke, operands)?),
            "sh" => return Err(Problem::new(FaultKind::Gradient, "a gradient: draw with plain black")),
            _ => {}
        }
        self.out.push(operation);
        Ok(())
    }

    fn fill(&mut self, black: f32) -> Result<(), Problem> {
        let white = black == 0.0;
        if std::mem::replace(&mut self.state.white_fill, white) != white {
            self.set_overprint();
        }
        self.out.push(share_of_black("k", black));
        Ok(())
    }

    fn stroke(&mut self, black: f32) -> Result<(), Problem> {
        let white = black == 0.0;
        if std::mem::replace(&mut self.state.white_stroke, white) != white {
            self.set_overprint();
        }
        self.out.push(share_of_black("K", black));
        Ok(())
    }

    fn set_overprint(&mut self) {
        let index = usize::from(self.state.white_fill) + 2 * usize::from(self.state.white_stroke);
        self.states[index] = true;
        self.out.push(Operation::new("gs", vec![Object::Name(STATES[index].as_bytes().to_vec())]));
    }

    fn space(&self, operands: &[Object]) -> Ink {
        let Some(name @ Object::Name(key)) = operands.first() else { return Ink::Other };
        let resource = self.named.as_ref().and_then(|named| named.get(key).ok());
        self.spaces.ink(resource.unwrap_or(name))
    }
}

/// The operator that paints with that share of black.
fn share_of_black(operator: &str, black: f32) -> Operation {
    let zero = || Object::Integer(0);
    Operation::new(operator, vec![zero(), zero(), zero(), Object::Real(black)])
}

/// How much black a colour is, to a thousandth.
fn black_share(ink: Ink, operands: &[Object]) -> Result<f32, Problem> {
    const SAME: f32 = 0.004;
    let parts: Vec<f32> = operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
    let black = match (ink, parts.as_slice()) {
        (Ink::Grey, [grey]) => 1.0 - grey,
        (Ink::Rgb, [r, g, b]) if (r - g).abs() < SAME && (g - b).abs() < SAME => 1.0 - r,
        (Ink::Cmyk, [c, m, y, k]) if c.abs() + m.abs() + y.abs() < SAME => *k,
        _ => {
            let message = "a colour that is not a share of black, in the layout or its artwork";
            return Err(Problem::new(FaultKind::Colour, message));
        }
    };
    Ok((black * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(content: &str) -> (String, [bool; 4]) {
        let spaces = ColourSpaces { kinds: Default::default(), grey_icc: Vec::new() };
        let mut painter = Painter::new(&spaces, None);
        painter.begin_page();
        for operation in Content::decode(content.as_bytes()).expect("a content stream").operations {
            painter.convert(operation).expect("shares of black");
        }
        let bytes = Content { operations: painter.out }.encode().expect("encoded");
        (String::from_utf8_lossy(&bytes).replace('\n', " "), painter.states)
    }

    #[test]
    fn a_page_begins_with_overprinting_black() {
        assert_eq!(painted("").0.trim_end(), "/Black gs 0 0 0 1 k 0 0 0 1 K");
    }

    #[test]
    fn white_is_painted_without_overprint_and_black_after_it_with() {
        let (content, states) = painted("1 g 0 0 5 5 re f q 0.5 g 0 G f Q 1 G 0 g S");
        let expected = "/Black gs 0 0 0 1 k 0 0 0 1 K /WhiteFill gs 0 0 0 0 k 0 0 5 5 re f q /Black gs 0 0 0 0.5 k \
                        0 0 0 1 K f Q /White gs 0 0 0 0 K /WhiteStroke gs 0 0 0 1 k S";
        assert_eq!(content.trim_end(), expected);
        assert_eq!(states, [true; 4]);
    }

    #[test]
    fn a_colour_is_refused() {
        let spaces = ColourSpaces { kinds: Default::default(), grey_icc: Vec::new() };
        let red = Operation::new("rg", vec![1.into(), 0.into(), 0.into()]);
        assert!(Painter::new(&spaces, None).convert(red).is_err());
    }
}
