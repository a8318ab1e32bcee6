//! Fonts: embedded, with a glyph map, and with the widths of the font program.

use hayro_syntax::object::{Array, Dict, Object, Stream};

use super::resources::Shared;
use super::{Clause, Faults, is_name};

/// The most that a width may differ from the font program's, in thousandths of an em.
const TOLERANCE: f32 = 1.0;

/// Checks every font.
pub(super) fn check(shared: &Shared, faults: &mut Faults) {
    for (number, font) in &shared.fonts {
        if let Err(fault) = check_font(font) {
            faults.add(Clause::X4Fonts, format!("font {number}: {fault}"));
        }
    }
}

/// Why a font can't be printed as meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum FontFault {
    #[error("not a Type 0 font with `Identity-H` or an embedded CMap")]
    Encoding,
    #[error("no descendant font")]
    Descendant,
    #[error("no descriptor")]
    Descriptor,
    #[error("not embedded")]
    NotEmbedded,
    #[error("an embedded program that can't be read")]
    Program,
    #[error("no `CIDToGIDMap`")]
    NoGlyphMap,
    #[error("a glyph map that can't be read")]
    GlyphMap,
    #[error("a font program without metrics")]
    Metrics,
    #[error("the width of character {0} differs from the font program's")]
    Width(usize),
}

fn check_font(font: &Dict) -> Result<(), FontFault> {
    // The fonts of artwork have one byte a character, and the widths that its maker gave them.
    if ["Type1", "MMType1", "TrueType"].iter().any(|subtype| is_name(font, "Subtype", subtype)) {
        let descriptor = font.get::<Dict>("FontDescriptor").ok_or(FontFault::Descriptor)?;
        let embedded = ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains_key(*key));
        return if embedded { Ok(()) } else { Err(FontFault::NotEmbedded) };
    }
    if is_name(font, "Subtype", "Type3") {
        return Ok(());
    }
    let embedded = font.get::<Stream>("Encoding").is_some_and(|map| is_name(map.dict(), "Type", "CMap"));
    if !is_name(font, "Subtype", "Type0") || !(embedded || is_name(font, "Encoding", "Identity-H")) {
        return Err(FontFault::Encoding);
    }
    let descendant = font.get::<Array>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict>().next());
    let descendant = descendant.ok_or(FontFault::Descendant)?;
    let descriptor = descendant.get::<Dict>("FontDescriptor").ok_or(FontFault::Descriptor)?;
    if descriptor.contains_key("FontFile3") && is_name(&descendant, "Subtype", "CIDFontType0") {
        return Ok(());
    }
    let program = descriptor.get::<Stream>("FontFile2").ok_or(FontFault::NotEmbedded)?;
    let program = program.decoded().map_err(|_| FontFault::Program)?;
    let map = match descendant.get::<Object>("CIDToGIDMap") {
        Some(Object::Name(name)) if &*name == b"Identity" => None,
        Some(Object::Stream(map)) => Some(map.decoded().map_err(|_| FontFault::GlyphMap)?),
        _ => return Err(FontFault::NoGlyphMap),
    };
    let glyph = |character: usize| match &map {
        None => Some(character),
        Some(map) => big_endian(map, 2 * character),
    };
    let metrics = Metrics::read(&program).ok_or(FontFault::Metrics)?;
    for (character, width) in widths(&descendant) {
        let expected = glyph(character).and_then(|glyph| metrics.width(glyph));
        if expected.is_none_or(|expected| (expected - width).abs() > TOLERANCE) {
            return Err(FontFault::Width(character));
        }
    }
    Ok(())
}

/// The widths of a CIDFont's `/W` by character (ISO 32000-1 §9.7.4.3).
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
    /// The number of advances in `table`.
    advances: usize,
    /// `hmtx`.
    table: &'p [u8],
}

impl<'p> Metrics<'p> {
    fn read(program: &'p [u8]) -> Option<Metrics<'p>> {
        let units_per_em = big_endian(table(program, b"head")?, 18)? as f32;
        let advances = big_endian(table(program, b"hhea")?, 34)?;
        Some(Metrics { units_per_em, advances, table: table(program, b"hmtx")? })
    }

    /// A glyph's advance in thousandths of an em; glyphs past the last advance have the last advance.
    fn width(&self, glyph: usize) -> Option<f32> {
        let advance = big_endian(self.table, 4 * glyph.min(self.advances.checked_sub(1)?))?;
        Some(advance as f32 * 1000.0 / self.units_per_em)
    }
}

fn table<'p>(program: &'p [u8], tag: &[u8; 4]) -> Option<&'p [u8]> {
    let records = program.get(12..)?.chunks_exact(16).take(big_endian(program, 4)?);
    let record = records.into_iter().find(|record| record.starts_with(tag))?;
    let number = |offset: usize| Some(big_endian(record, offset)? << 16 | big_endian(record, offset + 2)?);
    program.get(number(8)?..number(8)?.checked_add(number(12)?)?)
}

fn big_endian(bytes: &[u8], offset: usize) -> Option<usize> {
    bytes.get(offset..offset + 2).map(|pair| usize::from(pair[0]) << 8 | usize::from(pair[1]))
}
