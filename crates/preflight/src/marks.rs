//! Content streams: only shares of black, black that overprints and white that does not, and no smoothed image.

use std::collections::BTreeMap;

use hayro::hayro_syntax::content::UntypedIter;
use hayro::hayro_syntax::object::{Array, Dict, Object, Stream};

use super::parts::Pages;
use super::resources::{Shared, entries};
use super::{Clause, Faults, Marks, is_name};

/// How many pages a sample reads between the first and the last.
const SAMPLED: usize = 32;
/// Operators that paint what was described before: they need a known graphics state.
const PAINTING: [&[u8]; 15] =
    [b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"Tj", b"TJ", b"'", b"\"", b"BI", b"sh"];
/// The colour operators that would need another colour space than black's.
const COLOURED: [&[u8]; 8] = [b"rg", b"RG", b"cs", b"CS", b"sc", b"SC", b"scn", b"SCN"];

/// Reads the marks of all forms, and of pages as asked.
pub(super) fn check(pages: &Pages, shared: &Shared, marks: Marks, faults: &mut Faults) {
    for form in &shared.forms {
        let resources = form.dict().get::<Dict>("Resources").unwrap_or_else(Dict::empty);
        let name = format!("form {}", form.obj_id().obj_number);
        // A form that stands alone takes nothing from the page; one inside it does.
        let alone = form.dict().contains_key("GTS_XID");
        let before = if alone { None } else { Some(Overprint::default()) };
        read(&name, std::slice::from_ref(form), &Names::of(&resources), before, faults);
    }
    let names: Vec<Names> = pages.resources.iter().map(Names::of).collect();
    let step = match marks {
        Marks::All => 1,
        Marks::Sample => (pages.pages.len() / SAMPLED).max(1),
    };
    for (rank, (_, page)) in pages.pages.iter().enumerate() {
        if rank % step != 0 && rank + 1 != pages.pages.len() {
            continue;
        }
        let contents: Vec<Stream> = match page.get::<Object>("Contents") {
            Some(Object::Stream(stream)) => vec![stream],
            Some(Object::Array(streams)) => streams.iter().collect(),
            _ => Vec::new(),
        };
        let own = page.get::<Dict>("Resources").map(|own| Names::of(&own));
        match own.as_ref().or(names.first()) {
            Some(names) => read(&format!("page {}", rank + 1), &contents, names, None, faults),
            None => faults.add(Clause::X4Streams, "pages without resources"),
        }
    }
}

/// Which paint overprints.
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

/// The names that a content stream may use.
struct Names {
    states: BTreeMap<String, Overprint>,
    others: BTreeMap<&'static str, Vec<String>>,
}

impl Names {
    fn of(resources: &Dict) -> Names {
        let flag = |state: &Dict, key: &str| state.get::<bool>(key);
        let states = entries(resources, "ExtGState").into_iter().filter_map(|(name, state)| {
            let state = state.into_dict()?;
            let one_mode = state.get::<u32>("OPM") == Some(1);
            let (strokes, fills) = (flag(&state, "OP"), flag(&state, "op"));
            let fills = fills.or(strokes).unwrap_or(false) && one_mode;
            Some((name, Overprint { fills, strokes: strokes.unwrap_or(false) && one_mode }))
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

/// The part of the graphics state that the clauses speak of.
#[derive(Clone, Copy)]
struct State {
    overprint: Option<Overprint>,
    /// Shares of black, where they were set.
    fill: Option<f32>,
    stroke: Option<f32>,
}

fn read(place: &str, streams: &[Stream], names: &Names, before: Option<Overprint>, faults: &mut Faults) {
    let mut content = Vec::new();
    for stream in streams {
        match stream.decoded() {
            Ok(part) => content.extend_from_slice(&part),
            Err(_) => faults.add(Clause::X4Streams, format!("{place}: a content stream that can't be read")),
        }
        content.push(b'\n');
    }
    // What a form inherits is its page's business.
    let inherited = before.map(|_| 1.0);
    let mut reader = Reader {
        place,
        names,
        state: State { overprint: before, fill: inherited, stroke: inherited },
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
        .expect(count > 0, Clause::X4Streams, || format!("{place}: nothing, or a stream that can't be read"));
    faults.expect(balanced, Clause::X4Streams, || {
        format!("{place}: a graphics state is kept and not taken up again")
    });
}

/// Follows one content stream.
struct Reader<'r> {
    place: &'r str,
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
                None => self.tell(Clause::X4Streams, "a graphics state is taken up that was not kept"),
            },
            b"gs" => match name(operands).and_then(|name| self.names.states.get(&name)) {
                Some(overprint) => self.state.overprint = Some(*overprint),
                None => self.tell(Clause::X4Streams, "a graphics state that is not among the resources"),
            },
            b"g" | b"k" => self.state.fill = self.black(operands),
            b"G" | b"K" => self.state.stroke = self.black(operands),
            b"Tf" => self.named("Font", operands),
            b"Do" => self.named("XObject", operands),
            _ if COLOURED.contains(&operator) => {
                self.tell(Clause::X4Colour, "a colour that is neither grey nor CMYK");
            }
            _ => {}
        }
        if PAINTING.contains(&operator) {
            self.painted(operator, operands);
        }
    }

    fn tell(&mut self, clause: Clause, problem: &str) {
        self.faults.add(clause, format!("{}: {problem}", self.place));
    }

    fn named(&mut self, kind: &str, operands: &[&Object]) {
        if !name(operands).is_some_and(|name| self.names.has(kind, &name)) {
            self.tell(Clause::X4Streams, "a font or form that is not among the resources");
        }
    }

    /// The share of black of a grey, or of CMYK without other inks.
    fn black(&mut self, operands: &[&Object]) -> Option<f32> {
        let parts: Vec<f32> = operands.iter().filter_map(|part| (*part).clone().into_f32()).collect();
        match parts.as_slice() {
            [grey] => Some(1.0 - grey),
            [cyan, magenta, yellow, black] if *cyan == 0.0 && *magenta == 0.0 && *yellow == 0.0 => {
                Some(*black)
            }
            _ => {
                self.tell(Clause::X4Colour, "another ink than black");
                None
            }
        }
    }

    fn painted(&mut self, operator: &[u8], operands: &[&Object]) {
        if operator == b"BI" {
            self.inline_image(operands);
        }
        let fills = !matches!(operator, b"S" | b"s");
        let strokes = matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*");
        let Some(overprint) = self.state.overprint else {
            self.tell(Clause::Overprint, "paint before any graphics state says whether it overprints");
            return;
        };
        self.overprinted(fills, self.state.fill, overprint.fills);
        self.overprinted(strokes, self.state.stroke, overprint.strokes);
    }

    /// Black must overprint; white, told to overprint, would not be seen.
    fn overprinted(&mut self, paints: bool, black: Option<f32>, overprints: bool) {
        match black {
            _ if !paints => {}
            None => self.tell(Clause::X4Colour, "paint before any colour is set"),
            Some(0.0) if overprints => self.tell(Clause::Overprint, "white that overprints"),
            Some(black) if black > 0.0 && !overprints => {
                self.tell(Clause::Overprint, "black that does not overprint")
            }
            Some(_) => {}
        }
    }

    fn inline_image(&mut self, operands: &[&Object]) {
        let Some(Object::Stream(image)) = operands.first() else { return };
        let image = image.dict();
        let smooth = ["I", "Interpolate"].iter().any(|key| image.get::<bool>(*key) == Some(true));
        let mask = ["IM", "ImageMask"].iter().any(|key| image.get::<bool>(*key) == Some(true));
        let filters =
            ["F", "Filter"].map(|key| image.get::<Array>(key).is_some() || is_name(image, key, "LZW"));
        if smooth {
            self.tell(Clause::X4Images, "an image that is smoothed");
        }
        if !mask {
            self.tell(Clause::X4Colour, "an image that is no mask");
        }
        if filters.contains(&true) {
            self.tell(Clause::X4Streams, "an image with a filter that is not allowed");
        }
    }
}

fn name(operands: &[&Object]) -> Option<String> {
    match operands.first() {
        Some(Object::Name(name)) => Some(String::from_utf8_lossy(name).into_owned()),
        _ => None,
    }
}
