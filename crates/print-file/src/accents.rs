//! Accents that the font does not place: a second accent over a letter that has one, or an accent without an anchor.
//!
//! The shaper leaves such an accent after its letter, or on the first accent. It is centred on the letter here, above or
//! below all that the letter has already. Lengths are in font units.

use rustybuzz::Face;
use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::ttf_parser::gdef::GlyphClass;

use super::codes::CharacterCodes;
use super::text::Glyph;

/// The space between two accents, as a part of an em.
const GAP: i32 = 24;
/// The accents that stand beside their letter: comma, angle, horn, hooks and dot.
const BESIDE: [char; 6] = ['\u{315}', '\u{31A}', '\u{31B}', '\u{321}', '\u{322}', '\u{358}'];

/// How far something reaches above and, negative, below the baseline.
pub(super) type Reach = (i32, i32);

/// Places the accents of a cluster that the shaper left beside their letter or on one another. `rises` are the heights of
/// `glyphs`. Returns the reach of the cluster.
pub(super) fn place(face: &Face, codes: &CharacterCodes, glyphs: &mut [Glyph], rises: &mut [i32]) -> Reach {
    let gap = face.units_per_em() / GAP;
    let (mut all, mut accents): (Reach, Reach) = ((0, 0), (0, 0));
    let (mut pen, mut letter) = (0, None);
    for (glyph, rise) in glyphs.iter_mut().zip(rises) {
        let Some(bounds) = face.glyph_bounding_box(GlyphId(glyph.id)) else {
            pen += glyph.advance;
            continue;
        };
        let middle = (i32::from(bounds.x_min) + i32::from(bounds.x_max)) / 2;
        let reach = |rise: i32| (rise + i32::from(bounds.y_max), rise + i32::from(bounds.y_min));
        match letter {
            None => letter = Some(pen + glyph.offset + middle),
            Some(centre) if is_over_or_under(face, codes, glyph.id) => {
                let before = match (glyph.offset, *rise) {
                    (0, 0) => {
                        glyph.offset = centre - middle - pen;
                        all
                    }
                    _ => accents,
                };
                *rise += clearance(reach(*rise), before, gap);
                accents = joined(accents, reach(*rise));
            }
            Some(_) => {}
        }
        all = joined(all, reach(*rise));
        pen += glyph.advance;
    }
    all
}

/// Whether a glyph is an accent that belongs over or under its letter.
fn is_over_or_under(face: &Face, codes: &CharacterCodes, glyph: u16) -> bool {
    let class = face.tables().gdef.and_then(|table| table.glyph_class(GlyphId(glyph)));
    let beside = codes.text(glyph).is_some_and(|text| BESIDE.contains(&text[0]));
    class == Some(GlyphClass::Mark) && !beside
}

/// How far an accent must rise, or sink, to clear what is there. It rises if its lower edge is above the baseline.
fn clearance(accent: Reach, before: Reach, gap: i32) -> i32 {
    match (accent.1 > 0, before) {
        (true, (0, _)) | (false, (_, 0)) => 0,
        (true, (top, _)) => (top + gap - accent.1).max(0),
        (false, (_, bottom)) => (bottom - gap - accent.0).min(0),
    }
}

/// What two reach together.
pub(super) fn joined(one: Reach, other: Reach) -> Reach {
    (one.0.max(other.0), one.1.min(other.1))
}
