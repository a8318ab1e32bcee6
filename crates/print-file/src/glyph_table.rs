//! Ordinary text without the shaper: each font has a table of the glyphs of single characters and the kerning of pairs,
//! filled from the shaper on first use.
//!
//! A run is composed of its characters and pairs only if no rule of the font concerns more than two glyphs. A text goes to
//! the shaper whole if it has a character outside the table, a pair that is not only kerned, or a
//! [contextual](super::contextual) glyph. The result is the shaper's in every case.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI16, AtomicU32, Ordering};

use rustybuzz::Face;

use super::codes::CharacterCodes;
use super::contextual::contextual_glyphs;
use super::text::{Glyph, GlyphRun};

/// The number of characters in the table.
const SLOTS: usize = 571;
/// The entry of a character that the shaper has not shaped yet.
const UNKNOWN: u32 = u32::MAX;
/// The entry of a character that needs the shaper each time.
const SHAPE: u32 = u32::MAX - 1;
/// [`UNKNOWN`] of pairs.
const UNKNOWN_PAIR: i16 = i16::MIN;
/// [`SHAPE`] of pairs.
const SHAPE_PAIR: i16 = i16::MIN + 1;

/// The glyphs of a font's characters and the kerning of its pairs. Threads share it: each would store the same entries.
pub struct GlyphTable {
    /// By character: the glyph in the upper half, its advance in the lower half.
    glyphs: Box<[AtomicU32]>,
    /// By first and second character: what the pair adds to the first advance.
    pairs: Box<[AtomicI16]>,
    codes: CharacterCodes,
    contextual: BTreeSet<u16>,
    units_per_em: i32,
}

impl GlyphTable {
    /// The empty table of a font.
    pub fn new(face: &Face) -> GlyphTable {
        let plain: BTreeSet<u16> =
            characters().filter_map(|character| Some(face.glyph_index(character)?.0)).collect();
        let contextual = contextual_glyphs(face, &plain);
        GlyphTable {
            glyphs: (0..SLOTS).map(|_| AtomicU32::new(UNKNOWN)).collect(),
            pairs: (0..SLOTS * SLOTS).map(|_| AtomicI16::new(UNKNOWN_PAIR)).collect(),
            codes: CharacterCodes::new(face),
            contextual,
            units_per_em: face.units_per_em(),
        }
    }

    /// The character codes of the font's glyphs.
    pub(super) fn codes(&self) -> &CharacterCodes {
        &self.codes
    }

    /// The run of a text. `None` if the shaper must shape it whole. `shape` is the shaper, for entries not filled yet.
    pub(super) fn run(&self, text: &str, shape: impl Fn(&str) -> Option<GlyphRun>) -> Option<GlyphRun> {
        let (mut glyphs, mut others) = (Vec::<Glyph>::with_capacity(text.len()), Vec::new());
        let mut before: Option<(usize, char)> = None;
        for character in text.chars() {
            let slot = slot(character)?;
            let (id, width) = self.glyph(slot, character, &shape)?;
            if let (Some((left, first)), Some(last)) = (before, glyphs.last_mut()) {
                last.advance += self.kern((left, first), (slot, character), &shape)?;
            }
            let code = self.codes.byte(id);
            if code == 0 {
                others.push((id, [character, '\0', '\0', '\0']));
            }
            glyphs.push(Glyph { id, advance: width, width, offset: 0, code });
            before = Some((slot, character));
        }
        let (clusters, units_per_em) = (Vec::new(), self.units_per_em);
        Some(GlyphRun { glyphs, others, clusters, reach: (0, 0), units_per_em })
    }

    fn glyph(
        &self,
        slot: usize,
        character: char,
        shape: &impl Fn(&str) -> Option<GlyphRun>,
    ) -> Option<(u16, i32)> {
        let known = match self.glyphs[slot].load(Ordering::Relaxed) {
            UNKNOWN => {
                let shaped = self.shape_glyph(character, shape).unwrap_or(SHAPE);
                self.glyphs[slot].store(shaped, Ordering::Relaxed);
                shaped
            }
            known => known,
        };
        (known != SHAPE).then_some(((known >> 16) as u16, (known & 0xFFFF) as i32))
    }

    /// The entry of a character that becomes one glyph with that character's code, neither moved nor of another width than
    /// the font's.
    fn shape_glyph(&self, character: char, shape: &impl Fn(&str) -> Option<GlyphRun>) -> Option<u32> {
        let run = shape(character.encode_utf8(&mut [0; 4]))?;
        let [glyph] = run.glyphs[..] else { return None };
        let placed = glyph.advance == glyph.width && glyph.offset == 0 && run.clusters.is_empty();
        let plain = placed && !self.contextual.contains(&glyph.id);
        let width = u16::try_from(glyph.width).ok().filter(|_| plain && glyph.id < u16::MAX)?;
        Some(u32::from(glyph.id) << 16 | u32::from(width))
    }

    fn kern(
        &self,
        first: (usize, char),
        second: (usize, char),
        shape: &impl Fn(&str) -> Option<GlyphRun>,
    ) -> Option<i32> {
        let pair = &self.pairs[first.0 * SLOTS + second.0];
        let known = match pair.load(Ordering::Relaxed) {
            UNKNOWN_PAIR => {
                let shaped = self.shape_pair(first, second, shape).unwrap_or(SHAPE_PAIR);
                pair.store(shaped, Ordering::Relaxed);
                shaped
            }
            known => known,
        };
        (known != SHAPE_PAIR).then_some(i32::from(known))
    }

    /// The entry of a pair that becomes the two glyphs of its characters, the second where the first advance ends.
    fn shape_pair(
        &self,
        first: (usize, char),
        second: (usize, char),
        shape: &impl Fn(&str) -> Option<GlyphRun>,
    ) -> Option<i16> {
        let (left, right) = (self.glyph(first.0, first.1, shape)?, self.glyph(second.0, second.1, shape)?);
        let run = shape(&[first.1, second.1].iter().collect::<String>())?;
        let [a, b] = run.glyphs[..] else { return None };
        let same = (a.id, b.id, b.advance) == (left.0, right.0, right.1) && (a.offset, b.offset) == (0, 0);
        let same = same && run.clusters.is_empty();
        i16::try_from(a.advance - left.1).ok().filter(|kern| same && *kern > SHAPE_PAIR)
    }
}

/// The index of a character in the table: Latin letters, digits, punctuation and signs. `None` for marks, joiners, controls
/// and all others.
fn slot(character: char) -> Option<usize> {
    let code = character as usize;
    match code {
        0x20..0x7F => Some(code - 0x20),
        0xAD => None,
        0xA0..0x250 => Some(95 + code - 0xA0),
        0x2010..0x2028 | 0x2030..0x203B => Some(527 + code - 0x2010),
        0x20AC => Some(570),
        _ => None,
    }
}

fn characters() -> impl Iterator<Item = char> {
    (' '..='\u{20AC}').filter(|character| slot(*character).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustybuzz::ShapePlan;

    use super::super::text::{shape, shape_fully};
    use super::super::{FontProgram, shaping_plan};
    use super::*;

    const FONTS: [&[u8]; 6] = [
        include_bytes!("../../../fonts/IBMPlexSans-Regular.ttf"),
        include_bytes!("../../../fonts/IBMPlexSans-Italic.ttf"),
        include_bytes!("../../../fonts/IBMPlexSans-SemiBold.ttf"),
        include_bytes!("../../../fonts/IBMPlexSans-Bold.ttf"),
        include_bytes!("../../../fonts/IBMPlexMono-Regular.ttf"),
        include_bytes!("../../../fonts/IBMPlexMono-Medium.ttf"),
    ];

    struct Loaded {
        face: Face<'static>,
        plan: ShapePlan,
        table: GlyphTable,
    }

    /// The fonts, loaded once, so that their tables fill during the tests.
    fn fonts() -> &'static [Loaded] {
        static LOADED: std::sync::OnceLock<Vec<Loaded>> = std::sync::OnceLock::new();
        let load = |program: &&'static [u8]| {
            let face = Face::from_slice(program, 0).expect("a font");
            Loaded { plan: shaping_plan(&face), table: GlyphTable::new(&face), face }
        };
        LOADED.get_or_init(|| FONTS.iter().map(load).collect())
    }

    fn program(loaded: &Loaded) -> FontProgram<'_> {
        let Loaded { face, plan, table } = loaded;
        FontProgram { program: &[], index: 0, face, plan, table, name: "" }
    }

    fn agree(text: &str) {
        for font in fonts().iter().map(program) {
            assert_eq!(shape(&font, text), shape_fully(&font, text), "{text:?}");
        }
    }

    #[test]
    fn each_character_has_a_slot_of_its_own() {
        let slots: BTreeSet<usize> = characters().filter_map(slot).collect();
        assert_eq!(slots.len(), characters().count());
        assert!(slots.iter().all(|slot| *slot < SLOTS));
    }

    #[test]
    fn names_and_addresses_need_no_shaper() {
        for font in fonts().iter().map(program) {
            let known = font.table.run("Mme FRANÇOISE L’HÉRITIER, 12 BIS RUE DE L'ÉGLISE", |text| {
                shape_fully(&font, text).ok()
            });
            assert!(known.is_some());
        }
    }

    #[test]
    fn ligatures_marks_and_other_scripts_are_the_shapers() {
        for text in ["officine", "e\u{301}", "a\u{200D}b", "١٢", "漢", "\u{AD}", "1\u{2044}2", "ﬁn", "ﬂ"]
        {
            agree(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn french_text_is_shaped_as_the_shaper_does(text in "[A-Za-zÀ-ÿŒœŸ0-9 '’\\-.,;:!?«»()/&°€\u{A0}\u{202F}]{0,40}") {
            agree(&text);
        }

        #[test]
        fn any_text_is_shaped_as_the_shaper_does(text in "[ -~\u{A0}-\u{24F}\u{300}-\u{30F}\u{2010}-\u{203A}]{0,12}") {
            agree(&text);
        }
    }
}
