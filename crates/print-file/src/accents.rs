//! Accents that the font does not place: a second accent over a letter that has one, or an accent without an anchor.
//!
//! The shaper leaves such an accent after its letter. It is centred on the letter here, above or below all that the letter
//! has already.

use rustybuzz::Face;
use rustybuzz::ttf_parser::gdef::GlyphClass;
use rustybuzz::ttf_parser::{GlyphId, Rect};

use super::text::Glyph;

/// The space between two accents, as a part of an em.
const GAP: i32 = 24;

/// Places the accents of a cluster that the shaper left where they were. `rises` are the heights of `glyphs`. Returns how
/// far the cluster reaches above and, negative, below the baseline.
pub(super) fn place(face: &Face, glyphs: &mut [Glyph], rises: &mut [i32]) -> (i32, i32) {
    let (mut top, mut bottom, mut pen) = (0, 0, 0);
    let mut letter = None;
    for (glyph, rise) in glyphs.iter_mut().zip(rises) {
        let Some(bounds) = face.glyph_bounding_box(GlyphId(glyph.id)) else {
            pen += glyph.advance;
            continue;
        };
        let middle = (i32::from(bounds.x_min) + i32::from(bounds.x_max)) / 2;
        match letter {
            Some(centre) if is_loose_accent(face, glyph, *rise) => {
                glyph.offset = centre - middle - pen;
                *rise = height(face, bounds, top, bottom);
            }
            Some(_) => {}
            None => letter = Some(pen + glyph.offset + middle),
        }
        top = top.max(*rise + i32::from(bounds.y_max));
        bottom = bottom.min(*rise + i32::from(bounds.y_min));
        pen += glyph.advance;
    }
    (top, bottom)
}

/// Whether a glyph is an accent that stands where its letter ends. An accent that the font places is moved back over it.
fn is_loose_accent(face: &Face, glyph: &Glyph, rise: i32) -> bool {
    let class = face.tables().gdef.and_then(|table| table.glyph_class(GlyphId(glyph.id)));
    class == Some(GlyphClass::Mark) && (glyph.offset, rise) == (0, 0)
}

/// How far an accent rises to clear what reaches up to `top` and down to `bottom`. An accent whose lower edge is above the
/// baseline is drawn above a letter.
fn height(face: &Face, accent: Rect, top: i32, bottom: i32) -> i32 {
    let gap = face.units_per_em() / GAP;
    match accent.y_min > 0 {
        true => (top + gap - i32::from(accent.y_min)).max(0),
        false => (bottom - gap - i32::from(accent.y_max)).min(0),
    }
}
