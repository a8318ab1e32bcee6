//! Fonts: what the codes of a page's strings are in the embedded font program, how wide they are, and what they say.
//!
//! Reads composite fonts (ISO 32000-1 §9.7). Text in another font is reported as other paint.

use hayro_syntax::object::{Array, Dict, Name, Object, Stream};

use super::cmap::{Code, CodeMap, read_map};
use super::file::Source;
use super::inflate::Inflate;
use super::plain::Plain;
use super::program::{Program, read_program};
use super::{Problem, ShownFont};

/// The most bytes of a map, and of a font program.
const MAP_BYTES: usize = 4 << 20;
const PROGRAM_BYTES: usize = 64 << 20;

/// One code of a string.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Coded {
    /// Its glyph in the program.
    pub glyph: u16,
    /// Its width in thousandths of an em.
    pub width: f64,
    /// Where its text lies in [`FontCodes::texts`].
    text: (u32, u32),
}

/// The codes of a font.
#[derive(Debug, Default)]
pub(super) struct FontCodes {
    /// Whether it is a composite font that can be read.
    pub readable: bool,
    /// Each code of one byte; `None` if no code has only that byte.
    single: Vec<Option<Coded>>,
    /// The map from codes to characters; `None` if a code of two bytes is the character.
    map: Option<CodeMap>,
    /// The glyph of each character; `None` if it is the character.
    glyphs: Option<Vec<u16>>,
    widths: Vec<f32>,
    default_width: f64,
    /// The codes that have a text, in order, and where it lies.
    says: Vec<(Code, (u32, u32))>,
    texts: String,
}

impl FontCodes {
    /// The code with which `bytes` begin, and its length. `None` if no code begins so.
    pub fn next(&self, bytes: &[u8]) -> Option<(Coded, usize)> {
        let first = *bytes.first()?;
        if let Some(Some(coded)) = self.single.get(usize::from(first)) {
            return Some((*coded, 1));
        }
        let Some(map) = &self.map else {
            let value = u32::from(first) << 8 | u32::from(*bytes.get(1)?);
            return Some((self.coded(Code { length: 2, value }), 2));
        };
        let mut value = 0;
        for (length, byte) in (1..=4u8).zip(bytes) {
            value = value << 8 | u32::from(*byte);
            let code = Code { length, value };
            if map.spaces.iter().any(|space| within(code, *space)) {
                return Some((self.coded(code), usize::from(length)));
            }
        }
        None
    }

    /// The text of a code.
    pub fn text(&self, coded: Coded) -> &str {
        self.texts.get(coded.text.0 as usize..coded.text.1 as usize).unwrap_or_default()
    }

    fn character(&self, code: Code) -> usize {
        let Some(map) = &self.map else { return code.value as usize };
        // The last range that begins at the code or before it.
        let after = map.characters.partition_point(|(first, _, _)| *first <= code);
        let found = after.checked_sub(1).and_then(|index| map.characters.get(index));
        let found = found.filter(|(first, last, _)| first.length == code.length && code.value <= *last);
        found.map_or(0, |(first, _, character)| character.saturating_add(code.value - first.value) as usize)
    }

    fn coded(&self, code: Code) -> Coded {
        let character = self.character(code);
        let glyph = match &self.glyphs {
            None => u16::try_from(character).unwrap_or(0),
            Some(glyphs) => glyphs.get(character).copied().unwrap_or(0),
        };
        let width = self.widths.get(character).map_or(self.default_width, |width| f64::from(*width));
        let text = self.says.binary_search_by_key(&code, |(code, _)| *code);
        Coded { glyph, width, text: text.map_or((0, 0), |index| self.says[index].1) }
    }

    /// Looks every code of one byte up once.
    fn fill_single(&mut self) {
        let Some(map) = &self.map else { return };
        let code = |value| Code { length: 1, value };
        let has = |value| map.spaces.iter().any(|space| within(code(value), *space));
        self.single = (0..256).map(|value| has(value).then(|| self.coded(code(value)))).collect();
    }

    /// Takes the texts of a map.
    fn take_texts(&mut self, texts: Vec<(Code, String)>) {
        for (code, text) in texts {
            let start = self.texts.len() as u32;
            self.texts.push_str(&text);
            let place = (start, self.texts.len() as u32);
            match self.says.last_mut() {
                // A code that is mapped twice says what its last entry says.
                Some((last, said)) if *last == code => *said = place,
                _ => self.says.push((code, place)),
            }
        }
    }

    /// What each glyph says.
    fn glyph_texts(&self) -> Vec<(u16, String)> {
        let text = |(code, _): &(Code, (u32, u32))| {
            let coded = self.coded(*code);
            (coded.glyph, self.text(coded).to_owned())
        };
        let mut texts: Vec<_> = self.says.iter().map(text).collect();
        texts.sort();
        texts.dedup();
        texts
    }
}

/// Whether each byte of a code is within those of a code space (ISO 32000-1 §9.7.6.2).
fn within(code: Code, (low, high): (Code, Code)) -> bool {
    let byte = |code: Code, place: u8| code.value >> (8 * place) & 0xFF;
    code.length == low.length
        && (0..code.length).all(|place| (byte(low, place)..=byte(high, place)).contains(&byte(code, place)))
}

/// Reads a font of the pages' resources. A font that can't be read has no codes and no outlines.
pub(super) fn read_font(name: &str, font: &Dict, bytes: &[u8]) -> (ShownFont, FontCodes) {
    let base_font = font.get::<Name>("BaseFont").map_or(String::new(), |name| name.as_str().to_owned());
    let mut shown = ShownFont {
        name: name.to_owned(),
        base_font,
        says: Vec::new(),
        units_per_em: 0,
        outlines: Vec::new(),
    };
    let Ok(codes) = read_codes(font, bytes, &mut shown) else { return (shown, FontCodes::default()) };
    shown.says = codes.glyph_texts();
    (shown, codes)
}

fn read_codes(font: &Dict, bytes: &[u8], shown: &mut ShownFont) -> Result<FontCodes, Problem> {
    if font.get::<Name>("Subtype").as_deref() != Some(b"Type0") {
        return Err("not a composite font");
    }
    let descendant = font.get::<Array>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict>().next());
    let descendant = descendant.ok_or("no descendant font")?;
    let mut codes = FontCodes { readable: true, ..FontCodes::default() };
    codes.map = match font.get::<Object>("Encoding") {
        Some(Object::Name(name)) if &*name == b"Identity-H" => None,
        Some(Object::Stream(map)) if !map.dict().contains_key("UseCMap") => {
            Some(read_map(decoded(&map, bytes, MAP_BYTES)?.bytes())?)
        }
        _ => return Err("an encoding that is not read"),
    };
    if let Some(map) = font.get::<Stream>("ToUnicode") {
        codes.take_texts(read_map(decoded(&map, bytes, MAP_BYTES)?.bytes())?.texts);
    }
    (codes.widths, codes.default_width) = widths(&descendant)?;
    let program = embedded(&descendant, bytes);
    codes.glyphs = glyph_map(&descendant, bytes, program.as_ref())?;
    if let Some(program) = program {
        (shown.units_per_em, shown.outlines) = (program.units_per_em, program.outlines);
    }
    codes.fill_single();
    Ok(codes)
}

fn decoded(stream: &Stream, bytes: &[u8], limit: usize) -> Result<Plain, Problem> {
    let mut plain = Plain::default();
    match Source::new(stream, bytes) {
        Some(source) => source.decode(bytes, &mut Inflate::default(), &mut plain, limit)?,
        None => plain.push(&stream.decoded().map_err(|_| "a stream that can't be decoded")?, limit)?,
    }
    Ok(plain)
}

/// The embedded font program; `None` if there is none that can be read.
fn embedded(descendant: &Dict, bytes: &[u8]) -> Option<Program> {
    let descriptor = descendant.get::<Dict>("FontDescriptor")?;
    let stream = ["FontFile2", "FontFile3"].iter().find_map(|key| descriptor.get::<Stream>(*key))?;
    let program = decoded(&stream, bytes, PROGRAM_BYTES).ok()?;
    read_program(program.bytes())
}

/// The glyph of each character (ISO 32000-1 §9.7.4.2).
fn glyph_map(
    descendant: &Dict,
    bytes: &[u8],
    program: Option<&Program>,
) -> Result<Option<Vec<u16>>, Problem> {
    if descendant.get::<Name>("Subtype").as_deref() == Some(b"CIDFontType0") {
        return Ok(program.and_then(|program| program.characters.clone()));
    }
    match descendant.get::<Object>("CIDToGIDMap") {
        None => Ok(None),
        Some(Object::Name(name)) if &*name == b"Identity" => Ok(None),
        Some(Object::Stream(map)) => {
            let plain = decoded(&map, bytes, 1 << 17)?;
            let glyph = |pair: &[u8]| u16::from(pair[0]) << 8 | u16::from(pair[1]);
            Ok(Some(plain.bytes().chunks_exact(2).map(glyph).collect()))
        }
        Some(_) => Err("a glyph map that is not read"),
    }
}

/// The width of each character up to the last that has one, and of all others (ISO 32000-1 §9.7.4.3).
fn widths(descendant: &Dict) -> Result<(Vec<f32>, f64), Problem> {
    let default = descendant.get::<f64>("DW").unwrap_or(1000.0);
    let mut widths: Vec<f32> = Vec::new();
    let mut budget = 1usize << 18;
    let mut set = |first: usize, count: usize, width: &mut dyn FnMut() -> Option<f32>| {
        budget = budget.checked_sub(count).ok_or("too many widths")?;
        let last =
            first.checked_add(count).filter(|last| *last <= 1 << 16).ok_or("a width of no character")?;
        if widths.len() < last {
            widths.resize(last, default as f32);
        }
        widths[first..last].iter_mut().for_each(|slot| *slot = width().unwrap_or(*slot));
        Ok::<(), Problem>(())
    };
    let Some(entries) = descendant.get::<Array>("W") else { return Ok((widths, default)) };
    let mut entries = entries.iter::<Object>();
    while let Some(first) = entries.next() {
        let first = character(&first)?;
        match entries.next() {
            Some(Object::Array(list)) => {
                let list: Vec<f32> = list.iter::<f32>().collect();
                let mut each = list.iter().copied();
                set(first, list.len(), &mut || each.next())?;
            }
            Some(last) => {
                let count = character(&last)?.checked_sub(first).ok_or("a range of widths that is none")? + 1;
                let Some(Object::Number(width)) = entries.next() else { return Err("a width that is none") };
                set(first, count, &mut || Some(width.as_f32()))?;
            }
            None => return Err("widths that end too early"),
        }
    }
    Ok((widths, default))
}

fn character(object: &Object) -> Result<usize, Problem> {
    match object {
        Object::Number(number) => usize::try_from(number.as_i64()).map_err(|_| "a width of no character"),
        _ => Err("a width of no character"),
    }
}
