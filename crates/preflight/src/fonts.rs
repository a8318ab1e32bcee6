//! Fonts: embedded, with a glyph map, and as wide as the font program says.

use hayro::hayro_syntax::object::{Array, Dict, Object, Stream};

use super::resources::Shared;
use super::{Clause, Faults, is_name};

/// How far a width may be from the font program's, in thousandths of an em.
const TOLERANCE: f32 = 1.0;

/// Checks every font.
pub(super) fn check(shared: &Shared, faults: &mut Faults) {
    for (number, font) in &shared.fonts {
        if let Err(problem) = check_font(font) {
            faults.add(Clause::X4Fonts, format!("font {number}: {problem}"));
        }
    }
}

fn check_font(font: &Dict) -> Result<(), String> {
    let embedded = font.get::<Stream>("Encoding").is_some_and(|map| is_name(map.dict(), "Type", "CMap"));
    if !is_name(font, "Subtype", "Type0") || !(embedded || is_name(font, "Encoding", "Identity-H")) {
        return Err("not a Type 0 font with `Identity-H` or a map of its own".to_owned());
    }
    let descendant = font.get::<Array>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict>().next());
    let descendant = descendant.ok_or("no descendant font")?;
    let descriptor = descendant.get::<Dict>("FontDescriptor").ok_or("no descriptor")?;
    if descriptor.contains_key("FontFile3") && is_name(&descendant, "Subtype", "CIDFontType0") {
        return Ok(());
    }
    let program = descriptor.get::<Stream>("FontFile2").ok_or("not embedded")?;
    let program = program.decoded().map_err(|_| "an embedded program that can't be read")?;
    let map = match descendant.get::<Object>("CIDToGIDMap") {
        Some(Object::Name(name)) if &*name == b"Identity" => None,
        Some(Object::Stream(map)) => Some(map.decoded().map_err(|_| "a glyph map that can't be read")?),
        _ => return Err("no `CIDToGIDMap`".to_owned()),
    };
    let glyph = |character: usize| match &map {
        None => Some(character),
        Some(map) => big_endian(map, 2 * character),
    };
    let metrics = Metrics::read(&program).ok_or("a font program without metrics")?;
    for (character, width) in widths(&descendant) {
        let meant = glyph(character).and_then(|glyph| metrics.width(glyph));
        if meant.is_none_or(|meant| (meant - width).abs() > TOLERANCE) {
            return Err(format!("glyph {character} is {width} wide, and in the font program is not"));
        }
    }
    Ok(())
}

/// The widths of a CIDFont's `/W` (ISO 32000-1 §9.7.4.3).
fn widths(font: &Dict) -> Vec<(usize, f32)> {
    let entries: Vec<Object> =
        font.get::<Array>("W").map(|entries| entries.iter().collect()).unwrap_or_default();
    let mut widths = Vec::new();
    let mut rest = entries.as_slice();
    while let [first, second, following @ ..] = rest {
        let Some(first) = integer(first) else { break };
        rest = following;
        match (second, following) {
            (Object::Array(list), _) => widths.extend((first..).zip(list.iter::<f32>())),
            (last, [width, after @ ..]) => {
                let (Some(last), Some(width)) = (integer(last), width.clone().into_f32()) else { break };
                widths.extend((first..=last.min(0xFFFF)).map(|character| (character, width)));
                rest = after;
            }
            _ => break,
        }
    }
    widths
}

fn integer(object: &Object) -> Option<usize> {
    object.clone().into_u16().map(usize::from)
}

/// The horizontal metrics of a TrueType program (OpenType `head`, `hhea` and `hmtx`).
struct Metrics<'p> {
    units_per_em: f32,
    advances: usize,
    table: &'p [u8],
}

impl<'p> Metrics<'p> {
    fn read(program: &'p [u8]) -> Option<Metrics<'p>> {
        let units_per_em = big_endian(table(program, b"head")?, 18)? as f32;
        let advances = big_endian(table(program, b"hhea")?, 34)?;
        Some(Metrics { units_per_em, advances, table: table(program, b"hmtx")? })
    }

    /// A glyph's advance in thousandths of an em; glyphs past the last advance are as wide as that.
    fn width(&self, glyph: usize) -> Option<f32> {
        let advance = big_endian(self.table, 4 * glyph.min(self.advances.checked_sub(1)?))?;
        Some(advance as f32 * 1000.0 / self.units_per_em)
    }
}

fn table<'p>(program: &'p [u8], tag: &[u8; 4]) -> Option<&'p [u8]> {
    let records = program.get(12..)?.chunks_exact(16).take(big_endian(program, 4)?);
    let record = records.into_iter().find(|record| record.starts_with(tag))?;
    let number = |at: usize| Some(big_endian(record, at)? << 16 | big_endian(record, at + 2)?);
    program.get(number(8)?..number(8)?.checked_add(number(12)?)?)
}

fn big_endian(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2).map(|pair| usize::from(pair[0]) << 8 | usize::from(pair[1]))
}
