//! Where the template's font puts the glyphs of a text: advances, kerning, the spacing of the mark.
//!
//! The kerning of two glyphs is asked of the shaper once in a file. A text that is not as its pairs say is shaped whole.

use std::sync::atomic::{AtomicI32, Ordering};

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, GlyphBuffer, Language, ShapePlan, UnicodeBuffer, script};

/// The most glyphs of a font whose pairs are kept: four bytes a pair.
const MOST_KEPT: usize = 512;
/// A pair that was not asked for yet, and one that is more than two glyphs and a step between them.
const UNKNOWN: i32 = i32::MIN;
const NO_PAIR: i32 = i32::MAX;

/// The kerning of the pairs of a file's font, in units of the em.
pub(super) struct Pairs {
    glyphs: usize,
    kerning: Vec<AtomicI32>,
}

impl Pairs {
    /// Pairs of so many glyphs, none of which is known.
    pub(super) fn new(glyphs: usize) -> Pairs {
        let kept = if glyphs <= MOST_KEPT { glyphs * glyphs } else { 0 };
        Pairs { glyphs, kerning: (0..kept).map(|_| AtomicI32::new(UNKNOWN)).collect() }
    }

    /// By how much two glyphs stand wider than the advance of the first says. `None` if the shaper makes something else of
    /// them.
    pub(super) fn of(&self, shaper: &Shaper, one: (u16, &str), next: (u16, &str)) -> Option<i32> {
        let place = usize::from(one.0) * self.glyphs + usize::from(next.0);
        let kept = self.kerning.get(place);
        let known = kept.map_or(UNKNOWN, |kept| kept.load(Ordering::Relaxed));
        let kerning = match known {
            UNKNOWN => {
                let kerning = asked(shaper, one.1, next.1).unwrap_or(NO_PAIR);
                if let Some(kept) = kept {
                    kept.store(kerning, Ordering::Relaxed);
                }
                kerning
            }
            known => known,
        };
        (kerning != NO_PAIR).then_some(kerning)
    }
}

/// The kerning of two glyphs, by the shaper.
fn asked(shaper: &Shaper, one: &str, next: &str) -> Option<i32> {
    let shaped = shaper.shape(&format!("{one}{next}"));
    let flat = |place: usize| {
        shaped.glyph_positions().get(place).is_some_and(|at| at.x_offset == 0 && at.y_offset == 0)
    };
    if shaped.len() != 2 || !flat(0) || !flat(1) {
        return None;
    }
    let first = shaped.glyph_infos().first()?.glyph_id as u16;
    let advance = shaper.face.glyph_hor_advance(GlyphId(first))?;
    let alone = shaper.shape(next);
    let as_alone =
        alone.len() == 1 && alone.glyph_positions()[0].x_advance == shaped.glyph_positions()[1].x_advance;
    let kerning = shaped.glyph_positions()[0].x_advance - i32::from(advance);
    as_alone.then_some(kerning)
}

/// Shapes lines of French text in Latin script in one font.
pub(super) struct Shaper<'a> {
    /// The font.
    pub face: &'a Face<'a>,
    plan: ShapePlan,
}

impl<'a> Shaper<'a> {
    /// Prepares a font.
    pub(super) fn new(face: &'a Face<'a>) -> Shaper<'a> {
        let french = "fr".parse::<Language>().ok();
        let plan = ShapePlan::new(face, Direction::LeftToRight, Some(script::LATIN), french.as_ref(), &[]);
        Shaper { face, plan }
    }

    /// Shapes a line with kerning and ligatures.
    pub(super) fn shape(&self, text: &str) -> GlyphBuffer {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        if let Ok(french) = "fr".parse::<Language>() {
            buffer.set_language(french);
        }
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        rustybuzz::shape_with_plan(self.face, &self.plan, buffer)
    }

    /// The glyphs of a text by itself.
    pub(super) fn glyphs(&self, text: &str) -> Vec<u16> {
        self.shape(text).glyph_infos().iter().map(|glyph| glyph.glyph_id as u16).collect()
    }

    /// Units of the em.
    pub(super) fn units(&self) -> f64 {
        f64::from(self.face.units_per_em().max(1))
    }

    /// How wide a line is at a size in points, with `tracking` points after each glyph.
    pub(super) fn width(&self, text: &str, size: f64, tracking: f64) -> f64 {
        let shaped = self.shape(text);
        let units: i64 = shaped.glyph_positions().iter().map(|glyph| i64::from(glyph.x_advance)).sum();
        units as f64 / self.units() * size + tracking * shaped.len() as f64
    }
}
