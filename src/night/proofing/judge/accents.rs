//! Texts with accents off their letters, ligatures, or glyphs of their context: the glyphs that say one part of a text stand
//! together, as a shaper has them or letter by letter.

use preflight::{Outline, ShownGlyph, ShownText};
use unicode_normalization::UnicodeNormalization;

use super::fault::Fault;
use super::fonts::{FileFont, Spacing, byte_after, gap_after, outline_of};
use super::spacing::Shaper;

/// How far a letter with an accent by itself may be from the advance of the one before, in ems: kerning.
const KERNING: f64 = 0.3;
/// How far beside its letter the middle of an accent may be, and how far over or under it the accent, in ems.
const BESIDE: f32 = 0.1;
const APART: f32 = 0.3;

impl FileFont<'_> {
    /// Checks a text with accents off their letters, ligatures or glyphs of their context: as a shaper has them, or letter by
    /// letter with the accents by themselves.
    pub(super) fn is_shaped(&self, text: &ShownText, shaper: &Shaper, spacing: Spacing) -> Result<(), Fault> {
        let outlines: Vec<&Outline> =
            text.glyphs.iter().filter_map(|glyph| self.outline(glyph.glyph)).collect();
        let shaped = shaper.shape(&text.text);
        let same = outlines.len() == text.glyphs.len()
            && shaped.len() == outlines.len()
            && shaped
                .glyph_infos()
                .iter()
                .zip(&outlines)
                .all(|(info, shown)| outline_of(shaper.face, info.glyph_id as u16) == **shown);
        // Group by group: the glyphs that say one part of the text.
        let units = shaper.units();
        let (mut begin, mut ahead) = (0, 0.0);
        while let Some(first) = text.glyphs.get(begin) {
            let byte = first.byte;
            let length = text.glyphs[begin..].iter().take_while(|glyph| glyph.byte == byte).count();
            let part =
                text.text.get(byte as usize..byte_after(text, begin + length - 1)).ok_or(Fault::Glyph)?;
            let glyphs = &text.glyphs[begin..begin + length];
            if !same {
                self.is_cluster(glyphs, part, shaper)?;
            }
            self.is_together(glyphs, text.size)?;
            let advances: i32 = match same {
                true => shaped.glyph_positions()[begin..begin + length].iter().map(|at| at.x_advance).sum(),
                false => shaper.shape(part).glyph_positions().iter().map(|at| at.x_advance).sum(),
            };
            // A dot more: a letter after an accent begins at a whole step. Groups by themselves have no kerning.
            let slack =
                3.0 * self.slack(text, shaper, spacing) + if same { 0.0 } else { KERNING * text.size };
            if (f64::from(first.along) - ahead).abs() > slack {
                return Err(Fault::GlyphPlace);
            }
            ahead += f64::from(advances) / units * text.size + text.tracking;
            ahead += gap_after(text, begin + length - 1, spacing.groups);
            if !same {
                // What kerning moved is not told twice.
                let next = text.glyphs.get(begin + length).map_or(ahead, |next| f64::from(next.along));
                ahead = next.clamp(ahead - KERNING * text.size, ahead + KERNING * text.size);
            }
            begin += length;
        }
        Ok(())
    }

    /// Checks that the glyphs of one part of a text stand together: a single glyph on the baseline, accents over or under
    /// their letter.
    fn is_together(&self, glyphs: &[ShownGlyph], size: f64) -> Result<(), Fault> {
        let size = size as f32;
        let place = |shown: &ShownGlyph| {
            let glyph = self.glyphs.get(usize::from(shown.glyph)).ok_or(Fault::Glyph)?;
            let (along, rise) = (shown.along / size, shown.rise / size);
            let (low, high) = (glyph.lowest, glyph.reach.1);
            Ok::<_, Fault>((along + glyph.span.0, along + glyph.span.1, rise + low, rise + high))
        };
        let [first, accents @ ..] = glyphs else { return Ok(()) };
        if first.rise != 0.0 {
            return Err(Fault::GlyphPlace);
        }
        let (left, right, mut low, mut high) = place(first)?;
        for accent in accents {
            let (from, to, under, over) = place(accent)?;
            let middle = (from + to) / 2.0;
            let beside = middle < left - BESIDE || middle > right + BESIDE;
            if beside || under > high + APART || over < low - APART {
                return Err(Fault::GlyphPlace);
            }
            (low, high) = (low.min(under), high.max(over));
        }
        Ok(())
    }

    /// Checks that the glyphs that say one part of a text are those that the font has for it.
    fn is_cluster(&self, glyphs: &[ShownGlyph], part: &str, shaper: &Shaper) -> Result<(), Fault> {
        let outlines: Vec<&Outline> = glyphs.iter().filter_map(|glyph| self.outline(glyph.glyph)).collect();
        let is = |wanted: &[u16]| {
            wanted.len() == outlines.len()
                && wanted
                    .iter()
                    .zip(&outlines)
                    .all(|(glyph, shown)| outline_of(shaper.face, *glyph) == **shown)
        };
        let nominal = |text: &mut dyn Iterator<Item = char>| -> Option<Vec<u16>> {
            text.map(|character| shaper.face.glyph_index(character).map(|glyph| glyph.0)).collect()
        };
        let apart = |text: Option<Vec<u16>>| text.is_some_and(|glyphs| is(&glyphs));
        let drawn =
            is(&shaper.glyphs(part)) || apart(nominal(&mut part.nfd())) || apart(nominal(&mut part.nfc()));
        if drawn && outlines.len() == glyphs.len() { Ok(()) } else { Err(Fault::Glyph) }
    }
}
