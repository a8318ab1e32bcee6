//! Sets of glyphs: those that pages use, to which a file's fonts are subset.

use std::collections::BTreeMap;

use super::codes::CharacterCodes;
use super::text::{GlyphRun, GlyphText};

/// The glyphs that a page or all pages of a file use, by font.
#[derive(Debug, Clone, Default)]
pub(crate) struct GlyphSet {
    /// By the font's index.
    fonts: Vec<FontGlyphs>,
}

/// The glyphs of one font.
#[derive(Debug, Clone, Default)]
struct FontGlyphs {
    /// Those with a character code of one byte: a bit for each code, the lowest first.
    bytes: [u64; 4],
    /// Those without such a code, each with the text that it stood for last.
    others: BTreeMap<u16, GlyphText>,
}

impl GlyphSet {
    /// Adds the glyphs of a run in a font.
    pub(super) fn add_run(&mut self, font: usize, run: &GlyphRun) {
        let glyphs = self.font_mut(font);
        for glyph in &run.glyphs {
            glyphs.bytes[usize::from(glyph.code >> 6)] |= 1 << (glyph.code & 63);
        }
        glyphs.others.extend(run.others.iter().copied());
    }

    /// Adds the glyphs of another set.
    pub(super) fn add(&mut self, other: &GlyphSet) {
        for (font, theirs) in other.fonts.iter().enumerate() {
            let ours = self.font_mut(font);
            ours.bytes.iter_mut().zip(theirs.bytes).for_each(|(ours, theirs)| *ours |= theirs);
            ours.others.extend(&theirs.others);
        }
    }

    fn font_mut(&mut self, font: usize) -> &mut FontGlyphs {
        if font >= self.fonts.len() {
            self.fonts.resize_with(font + 1, FontGlyphs::default);
        }
        &mut self.fonts[font]
    }

    /// The glyphs of a font, each with the text that it stands for.
    pub(super) fn texts(&self, font: usize, codes: &CharacterCodes) -> BTreeMap<u16, GlyphText> {
        let Some(glyphs) = self.fonts.get(font) else { return BTreeMap::new() };
        let has = |byte: u8| glyphs.bytes[usize::from(byte >> 6)] & 1 << (byte & 63) != 0;
        let coded = codes.characters().filter(|(_, byte, _)| has(*byte));
        let texts = coded.map(|(glyph, _, character)| (glyph, [character, '\0', '\0', '\0']));
        texts.chain(glyphs.others.iter().map(|(glyph, text)| (*glyph, *text))).collect()
    }
}
