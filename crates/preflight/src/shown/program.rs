//! Embedded font programs: the outlines of their glyphs.

use ttf_parser::cff::Table as CffTable;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::Outline;

/// The most numbers of the outlines of a font.
const MAX_NUMBERS: usize = 1 << 22;

/// What a font program has.
pub(super) struct Program {
    /// Units of an em.
    pub units_per_em: u16,
    /// The outline of each glyph.
    pub outlines: Vec<Outline>,
    /// The glyph of each character, where they differ: of a program with named characters.
    pub characters: Option<Vec<u16>>,
}

/// Reads a TrueType, OpenType or CFF program. `None` if it can't be read.
pub(super) fn read_program(bytes: &[u8]) -> Option<Program> {
    if let Ok(face) = Face::parse(bytes, 0) {
        let outlines =
            outlines(face.number_of_glyphs(), |glyph, pen| face.outline_glyph(glyph, pen).is_some())?;
        let characters = face.tables().cff.as_ref().and_then(characters);
        return Some(Program { units_per_em: face.units_per_em(), outlines, characters });
    }
    let table = CffTable::parse(bytes)?;
    let outlines = outlines(table.number_of_glyphs(), |glyph, pen| table.outline(glyph, pen).is_ok())?;
    Some(Program { units_per_em: 1000, outlines, characters: characters(&table) })
}

/// The glyph of each character of a CFF program that names its glyphs by character.
fn characters(table: &CffTable) -> Option<Vec<u16>> {
    let mut glyphs = Vec::new();
    for glyph in 0..table.number_of_glyphs() {
        let character = usize::from(table.glyph_cid(GlyphId(glyph))?);
        if glyphs.len() <= character {
            glyphs.resize(character + 1, 0);
        }
        glyphs[character] = glyph;
    }
    Some(glyphs)
}

/// The outlines of a program's glyphs. `None` if they are too long.
fn outlines(count: u16, outline: impl Fn(GlyphId, &mut Outline) -> bool) -> Option<Vec<Outline>> {
    let mut numbers = 0;
    let mut found = Vec::with_capacity(usize::from(count));
    for glyph in 0..count {
        let mut pen = Outline::default();
        outline(GlyphId(glyph), &mut pen);
        numbers += pen.0.len();
        if numbers > MAX_NUMBERS {
            return None;
        }
        found.push(pen);
    }
    Some(found)
}

/// Notes of each operator its number, from 0 for `moveto` to 4 for `closepath`, then its coordinates.
impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.extend_from_slice(&[0.0, x, y]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.extend_from_slice(&[1.0, x, y]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.extend_from_slice(&[2.0, x1, y1, x, y]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.extend_from_slice(&[3.0, x1, y1, x2, y2, x, y]);
    }

    fn close(&mut self) {
        self.0.push(4.0);
    }
}
