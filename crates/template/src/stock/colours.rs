//! Converts every colour of the stock into a share of black. White is painted in graphics states that do not overprint:
//! white that overprints would leave the black below it as it is (ISO 32000-1 §8.6.7).

use std::collections::BTreeMap;

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
    let spaces = ColourSpaces::read(document);
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
    kinds: BTreeMap<ObjectId, Ink>,
    /// The components of the ICC profiles.
    profiles: BTreeMap<ObjectId, i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Ink {
    Grey,
    /// A separation of black: its tint is the share of black.
    Black,
    Rgb,
    Cmyk,
    /// An ink of its own, with its name.
    Spot(String),
    Other,
}

impl ColourSpaces {
    fn read(document: &Document) -> ColourSpaces {
        let objects = document.objects.iter();
        let profiles = objects.filter_map(|(id, object)| Some((*id, components(object)?))).collect();
        let mut spaces = ColourSpaces { kinds: BTreeMap::new(), profiles };
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
            Object::Reference(id) => self.kinds.get(id).cloned().unwrap_or(Ink::Other),
            Object::Array(parts) => match parts.as_slice() {
                [Object::Name(name), Object::Reference(profile), ..] if name == b"ICCBased" => {
                    match self.profiles.get(profile) {
                        Some(1) => Ink::Grey,
                        Some(4) => Ink::Cmyk,
                        _ => Ink::Rgb,
                    }
                }
                [Object::Name(name), Object::Name(ink), ..] if name == b"Separation" => named_ink(&[ink]),
                [Object::Name(name), Object::Array(inks), ..] if name == b"DeviceN" => {
                    let inks: Vec<&[u8]> = inks.iter().filter_map(|ink| ink.as_name().ok()).collect();
                    named_ink(&inks)
                }
                [Object::Name(name), ..] if name == b"CalGray" => Ink::Grey,
                [Object::Name(name), ..] if name == b"CalRGB" => Ink::Rgb,
                _ => Ink::Other,
            },
            _ => Ink::Other,
        }
    }
}

/// The ink of a colour space of named inks (ISO 32000-1 §8.6.6).
fn named_ink(inks: &[&[u8]]) -> Ink {
    match inks {
        [b"Black"] => Ink::Black,
        _ => {
            let names: Vec<_> = inks.iter().map(|ink| String::from_utf8_lossy(ink)).collect();
            Ink::Spot(names.join(" + "))
        }
    }
}

/// The problem of an ink that the press has not. It is never printed as black: nobody asked for that.
pub(crate) fn spot_colour(name: &str) -> Problem {
    let message = format!("a spot colour, `{}`: this press prints black only", foreign::legible(name));
    let advice = "convert it in the artwork to black, or to a share of black";
    Problem::new(FaultKind::SpotColour, message).with_advice(advice)
}

fn blacken_image(stream: &mut Stream, spaces: &ColourSpaces) -> Result<(), Problem> {
    let Ok(space) = stream.dict.get(b"ColorSpace").cloned() else { return Ok(()) };
    match spaces.ink(&space) {
        Ink::Spot(name) => Err(spot_colour(&name)),
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
    /// Whether fills have the first colour of a space that was chosen.
    first_fill: bool,
    /// Whether strokes have.
    first_stroke: bool,
}

/// Operators that paint (ISO 32000-1 §8.2).
const PAINTING: [&str; 15] =
    ["f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "Tj", "TJ", "'", "\"", "BI", "Do"];

impl Default for State {
    fn default() -> State {
        State {
            fill: Ink::Grey,
            stroke: Ink::Grey,
            white_fill: false,
            white_stroke: false,
            first_fill: false,
            first_stroke: false,
        }
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
                self.state.fill = self.space(operands)?;
                self.state.first_fill = true;
                return Ok(());
            }
            "CS" => {
                self.state.stroke = self.space(operands)?;
                self.state.first_stroke = true;
                return Ok(());
            }
            "g" => return self.fill(black_share(&Ink::Grey, operands)?),
            "G" => return self.stroke(black_share(&Ink::Grey, operands)?),
            "rg" => return self.fill(black_share(&Ink::Rgb, operands)?),
            "RG" => return self.stroke(black_share(&Ink::Rgb, operands)?),
            "k" => return self.fill(black_share(&Ink::Cmyk, operands)?),
            "K" => return self.stroke(black_share(&Ink::Cmyk, operands)?),
            "sc" | "scn" => return self.fill(black_share(&self.state.fill, operands)?),
            "SC" | "SCN" => return self.stroke(black_share(&self.state.stroke, operands)?),
            "sh" => return Err(Problem::new(FaultKind::Gradient, "a gradient: draw with plain black")),
            operator if PAINTING.contains(&operator) => self.set_first_colours()?,
            _ => {}
        }
        self.out.push(operation);
        Ok(())
    }

    fn fill(&mut self, black: f32) -> Result<(), Problem> {
        self.state.first_fill = false;
        let white = black == 0.0;
        if std::mem::replace(&mut self.state.white_fill, white) != white {
            self.set_overprint();
        }
        self.out.push(share_of_black("k", black));
        Ok(())
    }

    fn stroke(&mut self, black: f32) -> Result<(), Problem> {
        self.state.first_stroke = false;
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

    fn space(&self, operands: &[Object]) -> Result<Ink, Problem> {
        let Some(name @ Object::Name(key)) = operands.first() else { return Ok(Ink::Other) };
        let resource = self.named.as_ref().and_then(|named| named.get(key).ok());
        match self.spaces.ink(resource.unwrap_or(name)) {
            Ink::Spot(name) => Err(spot_colour(&name)),
            ink => Ok(ink),
        }
    }

    /// Paints in black what is painted in the first colour of its space, which is black.
    fn set_first_colours(&mut self) -> Result<(), Problem> {
        if self.state.first_fill {
            self.fill(1.0)?;
        }
        if self.state.first_stroke {
            self.stroke(1.0)?;
        }
        Ok(())
    }
}

/// The operator that paints with that share of black.
fn share_of_black(operator: &str, black: f32) -> Operation {
    let zero = || Object::Integer(0);
    Operation::new(operator, vec![zero(), zero(), zero(), Object::Real(black)])
}

/// How much black a colour is, to a thousandth.
fn black_share(ink: &Ink, operands: &[Object]) -> Result<f32, Problem> {
    const SAME: f32 = 0.004;
    let parts: Vec<f32> = operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
    let black = match (ink, parts.as_slice()) {
        (Ink::Grey, [grey]) => 1.0 - grey,
        (Ink::Black, [tint]) => *tint,
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
        let spaces = ColourSpaces { kinds: BTreeMap::new(), profiles: BTreeMap::new() };
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
    fn a_space_begins_with_black() {
        let (content, _) = painted("1 g /DeviceGray cs 0 0 5 5 re f 0.5 sc f");
        let expected = "/Black gs 0 0 0 1 k 0 0 0 1 K /WhiteFill gs 0 0 0 0 k 0 0 5 5 re /Black gs 0 0 0 1 k f 0 0 0 0.5 k f";
        assert_eq!(content.trim_end(), expected);
    }

    #[test]
    fn an_ink_of_its_own_is_refused_by_name() {
        let separation = |ink: &str| {
            let space = Object::Array(vec![
                Object::Name(b"Separation".to_vec()),
                Object::Name(ink.as_bytes().to_vec()),
                Object::Name(b"DeviceCMYK".to_vec()),
                Object::Null,
            ]);
            let mut named = Dictionary::new();
            named.set("Cs1", space);
            let spaces = ColourSpaces { kinds: BTreeMap::new(), profiles: BTreeMap::new() };
            let mut painter = Painter::new(&spaces, Some(named));
            let chosen = painter.convert(Operation::new("cs", vec![Object::Name(b"Cs1".to_vec())]));
            chosen
                .and_then(|()| painter.convert(Operation::new("scn", vec![Object::Real(0.25)])))
                .map(|()| painter.out)
        };
        let painted = separation("Black").unwrap();
        assert_eq!(format!("{painted:?}"), format!("{:?}", [share_of_black("k", 0.25)]));
        let problem = separation("PANTONE 485 C").unwrap_err();
        assert_eq!(
            (problem.kind, problem.message.as_str()),
            (FaultKind::SpotColour, "a spot colour, `PANTONE 485 C`: this press prints black only")
        );
        assert!(separation("All").is_err());
    }

    #[test]
    fn a_colour_is_refused() {
        let spaces = ColourSpaces { kinds: BTreeMap::new(), profiles: BTreeMap::new() };
        let red = Operation::new("rg", vec![1.into(), 0.into(), 0.into()]);
        assert!(Painter::new(&spaces, None).convert(red).is_err());
    }
}
