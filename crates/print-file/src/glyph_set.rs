//! Which glyphs pages use: what their file's fonts are cut down to.

use std::collections::BTreeMap;

use super::codes::CharacterCodes;
use super::text::{GlyphRun, GlyphText};

/// The glyphs that a page, or all pages of a file, use.
#[derive(Debug, Clone, Default)]
pub struct UsedGlyphs {
    /// By the font's rank.
    fonts: Vec<OfFont>,
}

/// Those of one font.
#[derive(Debug, Clone, Default)]
struct OfFont {
    /// Which codes of one byte: a bit each, the lowest first.
    bytes: [u64; 4],
    /// The glyphs without such a code, with the text that they stood for last.
    others: BTreeMap<u16, GlyphText>,
}

impl UsedGlyphs {
    /// Notes what a run uses.
    pub(super) fn note(&mut self, font: usize, run: &GlyphRun) {
        let of_font = self.of_font(font);
        for glyph in &run.glyphs {
            of_font.bytes[usize::from(glyph.code >> 6)] |= 1 << (glyph.code & 63);
        }
        of_font.others.extend(run.others.iter().copied());
    }

    /// Notes what other pages use.
    pub(super) fn add(&mut self, other: &UsedGlyphs) {
        for (font, theirs) in other.fonts.iter().enumerate() {
            let ours = self.of_font(font);
            ours.bytes.iter_mut().zip(theirs.bytes).for_each(|(ours, theirs)| *ours |= theirs);
            ours.others.extend(&theirs.others);
        }
    }

    fn of_font(&mut self, font: usize) -> &mut OfFont {
        if font >= self.fonts.len() {
            self.fonts.resize_with(font + 1, OfFont::default);
        }
        &mut self.fonts[font]
    }

    /// The glyphs of a font with the text that they stand for.
    pub(super) fn texts(&self, font: usize, codes: &CharacterCodes) -> BTreeMap<u16, GlyphText> {
        let Some(of_font) = self.fonts.get(font) else { return BTreeMap::new() };
        let used = |byte: u8| of_font.bytes[usize::from(byte >> 6)] & 1 << (byte & 63) != 0;
        let coded = codes.characters().filter(|(_, byte, _)| used(*byte));
        let texts = coded.map(|(glyph, _, character)| (glyph, [character, '\0', '\0', '\0']));
        texts.chain(of_font.others.iter().map(|(glyph, text)| (*glyph, *text))).collect()
    }
}
