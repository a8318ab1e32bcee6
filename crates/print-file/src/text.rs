//! Variable text, shaped by the typesetter's own shaper so that it looks like the stock around it.

use rustybuzz::{Direction, Face, Language, ShapePlan, UnicodeBuffer, script};

use super::font::FontProgram;

/// The font lacks a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the font has no character `{0}` (U+{code:04X})", code = *.0 as u32)]
pub struct MissingGlyph(pub char);

/// The text that a glyph stands for: one to four characters, then NUL.
pub(crate) type GlyphText = [char; 4];

/// One glyph of a run. Lengths are in font units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// The glyph's number in the font.
    pub id: u16,
    /// How far the pen moves after the glyph.
    pub advance: i32,
    /// The glyph's width in the font.
    pub width: i32,
    /// How far right of the pen the glyph is drawn.
    pub offset: i32,
    /// The glyph's character code of one byte; 0 if it has a code of three bytes.
    pub code: u8,
}

/// A shaped line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlyphRun {
    /// The glyphs from left to right.
    pub(crate) glyphs: Vec<Glyph>,
    /// The glyphs without a code of one byte, with their text. The text of the others follows from the code.
    pub(crate) others: Vec<(u16, GlyphText)>,
    /// Font units per em.
    pub(crate) units_per_em: i32,
}

impl GlyphRun {
    /// The run's width in points at a size in points, with `tracking` points after each glyph.
    pub fn width(&self, size: f64, tracking: f64) -> f64 {
        let units: i64 = self.glyphs.iter().map(|glyph| i64::from(glyph.advance)).sum();
        units as f64 / f64::from(self.units_per_em) * size + tracking * self.glyphs.len() as f64
    }
}

/// The shaping plan of a font for French text in Latin script. Computed once for each font.
pub fn shaping_plan(face: &Face) -> ShapePlan {
    ShapePlan::new(face, Direction::LeftToRight, Some(script::LATIN), french().as_ref(), &[])
}

fn french() -> Option<Language> {
    "fr".parse().ok()
}

/// Shapes a line of French text with kerning and ligatures.
///
/// # Errors
/// [`MissingGlyph`] with the first character that the font lacks.
pub fn shape(font: &FontProgram, text: &str) -> Result<GlyphRun, MissingGlyph> {
    match font.table.run(text, |part| shape_fully(font, part).ok()) {
        Some(run) => Ok(run),
        None => shape_fully(font, text),
    }
}

/// Shapes a line with the shaper, without the font's glyph table.
pub(super) fn shape_fully(font: &FontProgram, text: &str) -> Result<GlyphRun, MissingGlyph> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    if let Some(french) = french() {
        buffer.set_language(french);
    }
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(script::LATIN);
    let shaped = rustybuzz::shape_with_plan(font.face, font.plan, buffer);
    let infos = shaped.glyph_infos();
    let (mut glyphs, mut others) = (Vec::with_capacity(infos.len()), Vec::new());
    for (index, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
        let start = info.cluster as usize;
        let end = infos.get(index + 1).map_or(text.len(), |next| next.cluster as usize);
        let covered = text.get(start..end).unwrap_or_default();
        let id = info.glyph_id as u16;
        if id == 0 {
            return Err(MissingGlyph(covered.chars().next().unwrap_or('\u{FFFD}')));
        }
        let code = font.table.codes().byte(id);
        if code == 0 {
            others.push((id, glyph_text(covered)));
        }
        glyphs.push(Glyph {
            id,
            advance: position.x_advance,
            width: font.face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(id)).map_or(0, i32::from),
            offset: position.x_offset,
            code,
        });
    }
    Ok(GlyphRun { glyphs, others, units_per_em: font.face.units_per_em() })
}

fn glyph_text(covered: &str) -> GlyphText {
    let mut text = ['\0'; 4];
    text.iter_mut().zip(covered.chars()).for_each(|(slot, character)| *slot = character);
    text
}
