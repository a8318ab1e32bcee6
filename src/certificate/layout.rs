//! Where everything stands on a piece's pages, as bytes that are digested: places, sizes, glyphs and symbols, without what texts say.

use preflight::{Bounds, Paint, ShownMask, ShownPage, ShownText, TextPen};

/// Lengths are whole hundredths of a point.
const PER_POINT: f64 = 100.0;

/// The bytes of a piece's layout: for each page its size, then what is painted in its order. Each thing begins with a letter;
/// numbers are four bytes, the lowest first.
#[derive(Default)]
pub(super) struct Layout(Vec<u8>);

impl Layout {
    /// The bytes so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Begins a page.
    pub(super) fn page(&mut self, page: &ShownPage) {
        self.0.push(b'P');
        self.lengths(&[page.size.0, page.size.1]);
    }

    /// Adds what is painted. Which form it is stands in the piece's row.
    pub(super) fn paint(&mut self, paint: &Paint) {
        match paint {
            Paint::Form(form) => {
                self.0.extend([b'F', u8::from(form.upright)]);
                self.lengths(&[form.origin.0, form.origin.1]);
            }
            Paint::Text(text) => self.text(text),
            Paint::Mask(mask) => self.mask(mask),
            Paint::Other(other) => {
                self.0.push(b'O');
                self.number(other.operator.len() as u32);
                self.0.extend_from_slice(other.operator.as_bytes());
                self.bounds(&other.bounds);
                self.lengths(&[other.black]);
            }
        }
    }

    fn text(&mut self, text: &ShownText) {
        self.0.extend([b'T', u8::from(text.drawing), u8::from(text.clip.is_some())]);
        self.number(text.font as u32);
        self.number(text.turn.into());
        let (width, black) = match text.pen {
            TextPen::Fill(black) => (-1.0, black),
            TextPen::Outline(width, black) => (width, black),
        };
        self.lengths(&[text.size, text.tracking, width, black, text.origin.0, text.origin.1]);
        if let Some(clip) = &text.clip {
            self.bounds(clip);
        }
        self.number(text.glyphs.len() as u32);
        for glyph in &text.glyphs {
            self.0.extend(glyph.glyph.to_le_bytes());
            self.lengths(&[glyph.along.into(), glyph.rise.into()]);
        }
    }

    fn mask(&mut self, mask: &ShownMask) {
        self.0.extend([b'M', u8::from(mask.upright)]);
        self.bounds(&mask.bounds);
        self.lengths(&[mask.black]);
        self.number(mask.columns);
        self.number(mask.rows);
        self.0.extend_from_slice(&mask.cells);
    }

    fn bounds(&mut self, bounds: &Bounds) {
        self.lengths(&[bounds.left, bounds.top, bounds.right, bounds.bottom]);
    }

    fn lengths(&mut self, lengths: &[f64]) {
        // A length that four bytes do not hold is the largest that they hold.
        lengths.iter().for_each(|length| {
            let whole = (length * PER_POINT).round() as i32;
            self.0.extend(whole.to_le_bytes());
        });
    }

    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }
}
