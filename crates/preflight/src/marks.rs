//! Content streams: no ink except black, black overprints, white does not, and no image is interpolated.

use std::collections::BTreeMap;

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Object, Stream};

use super::pages::Pages;
use super::resources::{Shared, entries};
use super::{Clause, Faults, Marks, is_name};

/// The least number of pages that a sample of a longer file reads.
const SAMPLED: usize = 32;
/// Operators that paint. The graphics state before them must say whether paint overprints, and in which colour.
const PAINTING: [&[u8]; 15] =
    [b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"Tj", b"TJ", b"'", b"\"", b"BI", b"sh"];
/// Colour operators of spaces other than DeviceGray and DeviceCMYK.
const COLOURED: [&[u8]; 8] = [b"rg", b"RG", b"cs", b"CS", b"sc", b"SC", b"scn", b"SCN"];

/// Checks the content of all forms, and of the pages that `marks` names.
pub(super) fn check(pages: &Pages, shared: &Shared, marks: Marks, faults: &mut Faults) {
    for form in &shared.forms {
        let resources = form.dict().get::<Dict>("Resources").unwrap_or_else(Dict::empty);
        let name = format!("form {}", form.obj_id().obj_number);
        // An encapsulated form inherits nothing from its page; a form inside another form does.
        let encapsulated = form.dict().contains_key("GTS_XID");
        let before = if encapsulated { None } else { Some(Overprint::default()) };
        check_content(&name, std::slice::from_ref(form), &Names::of(&resources), before, faults);
    }
    let names: Vec<Names> = pages.resources.iter().map(Names::of).collect();
    let step = match marks {
        Marks::All => 1,
        Marks::Sample => (pages.pages.len() / SAMPLED).max(1),
    };
    for (index, (_, page)) in pages.pages.iter().enumerate() {
        if index % step != 0 && index + 1 != pages.pages.len() {
            continue;
        }
        let contents: Vec<Stream> = match page.get::<Object>("Contents") {
            Some(Object::Stream(stream)) => vec![stream],
            Some(Object::Array(streams)) => streams.iter().collect(),
            _ => Vec::new(),
        };
        let own = page.get::<Dict>("Resources").map(|own| Names::of(&own));
        match own.as_ref().or(names.first()) {
            Some(names) => check_content(&format!("page {}", index + 1), &contents, names, None, faults),
            None => faults.add(Clause::X4Streams, "pages without resources"),
        }
    }
}

/// Whether fills and strokes overprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Overprint {
    fills: bool,
    strokes: bool,
}

impl Default for Overprint {
    fn default() -> Overprint {
        Overprint { fills: true, strokes: true }
    }
}

/// The resource names that a content stream may use.
struct Names {
    states: BTreeMap<String, Overprint>,
    others: BTreeMap<&'static str, Vec<String>>,
}

impl Names {
    fn of(resources: &Dict) -> Names {
        let states = entries(resources, "ExtGState").into_iter().filter_map(|(name, state)| {
            let state = state.into_dict()?;
            let mode_1 = state.get::<u32>("OPM") == Some(1);
            let (strokes, fills) = (state.get::<bool>("OP"), state.get::<bool>("op"));
            let fills = fills.or(strokes).unwrap_or(false) && mode_1;
            Some((name, Overprint { fills, strokes: strokes.unwrap_or(false) && mode_1 }))
        });
        let of_kind = |kind: &'static str| {
            (kind, entries(resources, kind).into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        Names { states: states.collect(), others: ["Font", "XObject"].map(of_kind).into() }
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        self.others.get(kind).is_some_and(|names| names.iter().any(|known| known == name))
    }
}

/// The part of the graphics state that clauses are about.
#[derive(Clone, Copy)]
struct State {
    /// `None` until an operator sets it.
    overprint: Option<Overprint>,
    /// The tint of black that fills, from 0 to 1. `None` until it is set.
    fill: Option<f32>,
    /// The tint of black that strokes, likewise.
    stroke: Option<f32>,
}

/// Checks one content: of the page or form `owner`, with the overprint that it inherits.
fn check_content(
    owner: &str,
    streams: &[Stream],
    names: &Names,
    inherited: Option<Overprint>,
    faults: &mut Faults,
) {
    let mut content = Vec::new();
    for stream in streams {
        match stream.decoded() {
            Ok(part) => content.extend_from_slice(&part),
            Err(_) => faults.add(Clause::X4Streams, format!("{owner}: a content stream that can't be read")),
        }
        content.push(b'\n');
    }
    // Where the overprint is inherited the colour is too: it was checked there.
    let tint = inherited.map(|_| 1.0);
    let mut reader = Reader {
        owner,
        names,
        state: State { overprint: inherited, fill: tint, stroke: tint },
        stack: Vec::new(),
        faults,
    };
    let mut instructions = UntypedIter::new(&content);
    let mut count = 0;
    while let Some(instruction) = instructions.next() {
        count += 1;
        let operands: Vec<&Object> = instruction.operands().collect();
        reader.instruction(instruction.operator, &operands);
    }
    let balanced = reader.stack.is_empty();
    faults
        .expect(count > 0, Clause::X4Streams, || format!("{owner}: nothing, or a stream that can't be read"));
    faults.expect(balanced, Clause::X4Streams, || format!("{owner}: a `q` without its `Q`"));
}

/// Reads the instructions of one content.
struct Reader<'r> {
    owner: &'r str,
    names: &'r Names,
    state: State,
    stack: Vec<State>,
    faults: &'r mut Faults,
}

impl Reader<'_> {
    fn instruction(&mut self, operator: &[u8], operands: &[&Object]) {
        match operator {
            b"q" => self.stack.push(self.state),
            b"Q" => match self.stack.pop() {
                Some(state) => self.state = state,
                None => self.report(Clause::X4Streams, "a `Q` without its `q`"),
            },
            b"gs" => match name(operands).and_then(|name| self.names.states.get(&name)) {
                Some(overprint) => self.state.overprint = Some(*overprint),
                None => self.report(Clause::X4Streams, "a graphics state that is not among the resources"),
            },
            b"g" | b"k" => self.state.fill = self.tint(operands),
            b"G" | b"K" => self.state.stroke = self.tint(operands),
            b"Tf" => self.uses("Font", operands),
            b"Do" => self.uses("XObject", operands),
            _ if COLOURED.contains(&operator) => {
                self.report(Clause::X4Colour, "a colour that is neither grey nor CMYK");
            }
            _ => {}
        }
        if PAINTING.contains(&operator) {
            self.paint(operator, operands);
        }
    }

    fn report(&mut self, clause: Clause, problem: &str) {
        self.faults.add(clause, format!("{}: {problem}", self.owner));
    }

    fn uses(&mut self, kind: &str, operands: &[&Object]) {
        if !name(operands).is_some_and(|name| self.names.has(kind, &name)) {
            self.report(Clause::X4Streams, "a font or form that is not among the resources");
        }
    }

    /// The tint of black that a grey or a CMYK colour is. Reports other inks.
    fn tint(&mut self, operands: &[&Object]) -> Option<f32> {
        let parts: Vec<f32> = operands.iter().filter_map(|part| (*part).clone().into_f32()).collect();
        match parts.as_slice() {
            [grey] => Some(1.0 - grey),
            [cyan, magenta, yellow, black] if *cyan == 0.0 && *magenta == 0.0 && *yellow == 0.0 => {
                Some(*black)
            }
            _ => {
                self.report(Clause::X4Colour, "another ink than black");
                None
            }
        }
    }

    fn paint(&mut self, operator: &[u8], operands: &[&Object]) {
        if operator == b"BI" {
            self.inline_image(operands);
        }
        let fills = !matches!(operator, b"S" | b"s");
        let strokes = matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*");
        let Some(overprint) = self.state.overprint else {
            self.report(Clause::Overprint, "paint before any graphics state says whether it overprints");
            return;
        };
        self.check_overprint(fills, self.state.fill, overprint.fills);
        self.check_overprint(strokes, self.state.stroke, overprint.strokes);
    }

    /// Checks the overprint of paint of that tint: black must overprint; white must not, since it would not show.
    fn check_overprint(&mut self, paints: bool, tint: Option<f32>, overprints: bool) {
        match tint {
            _ if !paints => {}
            None => self.report(Clause::X4Colour, "paint before any colour is set"),
            Some(0.0) if overprints => self.report(Clause::Overprint, "white that overprints"),
            Some(tint) if tint > 0.0 && !overprints => {
                self.report(Clause::Overprint, "black that does not overprint")
            }
            Some(_) => {}
        }
    }

    fn inline_image(&mut self, operands: &[&Object]) {
        let Some(Object::Stream(image)) = operands.first() else { return };
        let image = image.dict();
        let interpolated = ["I", "Interpolate"].iter().any(|key| image.get::<bool>(*key) == Some(true));
        let mask = ["IM", "ImageMask"].iter().any(|key| image.get::<bool>(*key) == Some(true));
        let filters =
            ["F", "Filter"].map(|key| image.get::<Array>(key).is_some() || is_name(image, key, "LZW"));
        if interpolated {
            self.report(Clause::X4Images, "an image that is interpolated");
        }
        if !mask {
            self.report(Clause::X4Colour, "an image that is not a mask");
        }
        if filters.contains(&true) {
            self.report(Clause::X4Streams, "an image with a filter that is not allowed");
        }
    }
}

fn name(operands: &[&Object]) -> Option<String> {
    match operands.first() {
        Some(Object::Name(name)) => Some(String::from_utf8_lossy(name).into_owned()),
        _ => None,
    }
}
