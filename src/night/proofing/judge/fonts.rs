//! The fonts of a file, held against those of the template: for each glyph, whether its outline is the one that the template's
//! font has for what the glyph says. So a wrong map to Unicode can't hide a wrong glyph.

use preflight::{Outline, ShownFont, ShownText};
use rustybuzz::Face;
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use template::CompiledTemplate;

use super::fault::Fault;
use super::spacing::{Pairs, Shaper};

/// The fonts of a file.
pub(super) struct FileFonts<'a> {
    fonts: Vec<FileFont<'a>>,
}

/// A font of a file.
pub(super) struct FileFont<'a> {
    /// The template's font, and its index.
    shaper: Option<(usize, Shaper<'a>)>,
    /// By glyph.
    pub(super) glyphs: Vec<FileGlyph>,
    /// The kerning of its pairs.
    pairs: Pairs,
}

/// A glyph of a file's font.
#[derive(Default)]
pub(super) struct FileGlyph {
    /// What it says, as far as the template's font draws that just so.
    says: Vec<Box<str>>,
    outline: Outline,
    /// Its advance in the template's font, in ems; 0 where `says` is empty.
    advance: f32,
    /// How far it reaches under and over the baseline, in ems.
    pub(super) reach: (f32, f32),
    /// Its lowest point, in ems, which may be over the baseline.
    pub(super) lowest: f32,
    /// Where it begins and ends along the baseline, in ems.
    pub(super) span: (f32, f32),
}

/// How a text may be spaced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spacing {
    /// How many glyphs stand together before a thin space; 0 for none.
    pub groups: usize,
    /// How far a glyph may be off, in points: half a dot.
    pub slack: f64,
}

/// The width of the thin space between groups, in ems.
const THIN_SPACE: f64 = 0.2;

impl<'a> FileFonts<'a> {
    /// Compares the fonts of a file with those of the template.
    pub(super) fn of(shown: &[ShownFont], template: &'a CompiledTemplate) -> FileFonts<'a> {
        let font = |font: &ShownFont| {
            let id = font.name.strip_prefix('F').and_then(|id| id.parse::<usize>().ok());
            let shaper = id.and_then(|id| Some((id, Shaper::new(template.fonts.get(id)?.program().face))));
            let glyphs = shaper.as_ref().map_or_else(Vec::new, |(_, shaper)| glyphs(font, shaper));
            FileFont { shaper, pairs: Pairs::new(glyphs.len()), glyphs }
        };
        FileFonts { fonts: shown.iter().map(font).collect() }
    }

    /// The index among the template's fonts of the font that a text is set in; `None` for a foreign one.
    pub(super) fn template_font(&self, text: &ShownText) -> Option<usize> {
        Some(self.fonts.get(text.font)?.shaper.as_ref()?.0)
    }

    /// Checks that the glyphs of a text are those that the template's font has for what the text says, each in its place.
    /// Returns the width that the font gives it, in points; `None` for a text with accents off their letters.
    ///
    /// # Errors
    /// [`Fault::Font`], [`Fault::Glyph`] or [`Fault::GlyphPlace`].
    pub(super) fn check(&self, text: &ShownText, spacing: Spacing) -> Result<Option<f64>, Fault> {
        let font = self.fonts.get(text.font).ok_or(Fault::Font)?;
        let (_, shaper) = font.shaper.as_ref().ok_or(Fault::Font)?;
        match font.says(text) {
            Some(true) => font.are_placed(text, shaper, spacing).map(Some),
            Some(false) => font.is_shaped(text, shaper, spacing).map(|()| None),
            None => Err(Fault::Glyph),
        }
    }

    /// Shapes lines in the font of a text; `None` for a foreign one.
    pub(super) fn shaper(&self, text: &ShownText) -> Option<&Shaper<'a>> {
        Some(&self.fonts.get(text.font)?.shaper.as_ref()?.1)
    }

    /// How far a text reaches over and under its baseline, in points.
    pub(super) fn reach(&self, text: &ShownText) -> (f64, f64) {
        let Some(font) = self.fonts.get(text.font) else { return (text.size, text.size) };
        let (mut under, mut over) = (0.0f64, 0.0f64);
        for shown in &text.glyphs {
            let Some(glyph) = font.glyphs.get(usize::from(shown.glyph)) else { continue };
            under = under.min(f64::from(glyph.reach.0) * text.size + f64::from(shown.rise));
            over = over.max(f64::from(glyph.reach.1) * text.size + f64::from(shown.rise));
        }
        (over, -under)
    }
}

impl FileFont<'_> {
    /// Whether each glyph says just its part of the text; `None` for a glyph that the font does not have, or a text without
    /// its glyphs.
    fn says(&self, text: &ShownText) -> Option<bool> {
        let mut simple = true;
        let mut covered = 0;
        for (index, shown) in text.glyphs.iter().enumerate() {
            let glyph = self.glyphs.get(usize::from(shown.glyph))?;
            let begin = shown.byte as usize;
            let end = text.glyphs.get(index + 1).map_or(text.text.len(), |next| next.byte as usize);
            let part = text.text.get(begin..end);
            let says = part.is_some_and(|part| glyph.says.iter().any(|says| **says == *part));
            simple &= begin == covered && says && shown.rise == 0.0;
            covered = end;
        }
        if covered == text.text.len() { Some(simple) } else { None }
    }

    /// Checks that each glyph stands where advances and kerning put it. Returns the width of the text.
    fn are_placed(&self, text: &ShownText, shaper: &Shaper, spacing: Spacing) -> Result<f64, Fault> {
        let units = shaper.units();
        let slack = self.slack(text, shaper, spacing);
        let (mut ahead, mut before): (f64, Option<(u16, &str)>) = (0.0, None);
        for (index, shown) in text.glyphs.iter().enumerate() {
            let (begin, end) = (shown.byte as usize, byte_after(text, index));
            let says = text.text.get(begin..end).ok_or(Fault::Glyph)?;
            let kerning = before.map_or(Some(0), |one| self.pairs.of(shaper, one, (shown.glyph, says)));
            let Some(kerning) = kerning else { return self.are_shaped(text, shaper, spacing) };
            ahead += f64::from(kerning) / units * text.size;
            if (f64::from(shown.along) - ahead).abs() > slack {
                return self.are_shaped(text, shaper, spacing);
            }
            let advance =
                self.glyphs.get(usize::from(shown.glyph)).map_or(0.0, |glyph| f64::from(glyph.advance));
            ahead += advance * text.size + text.tracking + gap_after(text, index, spacing.groups);
            before = Some((shown.glyph, says));
        }
        Ok(ahead)
    }

    /// How far a glyph may be off: half a dot, and what a file's thousandths of an em round.
    pub(super) fn slack(&self, text: &ShownText, shaper: &Shaper, spacing: Spacing) -> f64 {
        let rounded = if shaper.units() == 1000.0 { 0.0 } else { 0.001 };
        spacing.slack + rounded * text.size * text.glyphs.len() as f64
    }

    /// As [`FileFont::are_placed`], with the text shaped whole.
    fn are_shaped(&self, text: &ShownText, shaper: &Shaper, spacing: Spacing) -> Result<f64, Fault> {
        let units = shaper.units();
        let shaped = shaper.shape(&text.text);
        if shaped.len() != text.glyphs.len() {
            return Err(Fault::GlyphPlace);
        }
        let slack = self.slack(text, shaper, spacing);
        let mut ahead = 0.0;
        for (index, (shown, at)) in text.glyphs.iter().zip(shaped.glyph_positions()).enumerate() {
            let place = ahead + f64::from(at.x_offset) / units * text.size;
            if (f64::from(shown.along) - place).abs() > slack || at.y_offset != 0 {
                return Err(Fault::GlyphPlace);
            }
            let advance = f64::from(at.x_advance) / units * text.size;
            ahead += advance + text.tracking + gap_after(text, index, spacing.groups);
        }
        Ok(ahead)
    }

    /// The outline of a glyph.
    pub(super) fn outline(&self, glyph: u16) -> Option<&Outline> {
        self.glyphs.get(usize::from(glyph)).map(|glyph| &glyph.outline)
    }
}

/// The glyphs of a file's font.
fn glyphs(font: &ShownFont, shaper: &Shaper) -> Vec<FileGlyph> {
    let face = shaper.face;
    let em = f32::from(font.units_per_em.max(1));
    let mut glyphs: Vec<FileGlyph> = font
        .outlines
        .iter()
        .map(|outline| {
            let [left, low, right, high] = bounds_of(outline, em);
            FileGlyph {
                reach: (low.min(0.0), high.max(0.0)),
                lowest: low,
                span: (left, right),
                outline: outline.clone(),
                ..FileGlyph::default()
            }
        })
        .collect();
    let same_em = i32::from(font.units_per_em) == face.units_per_em();
    for (glyph, says) in font.says.iter().filter(|_| same_em) {
        let Some(shown) = glyphs.get_mut(usize::from(*glyph)) else { continue };
        let mut characters = says.chars();
        let nominal = match (characters.next(), characters.next()) {
            (Some(only), None) => face.glyph_index(only).map(|glyph| glyph.0),
            _ => None,
        };
        let is = |wanted: &u16| outline_of(face, *wanted) == shown.outline;
        let drawn = nominal.filter(is).or_else(|| match shaper.glyphs(says)[..] {
            [only] => Some(only).filter(is),
            _ => None,
        });
        if let Some(drawn) = drawn {
            let advance = face.glyph_hor_advance(GlyphId(drawn)).unwrap_or(0);
            shown.advance = f32::from(advance) / em;
            shown.says.push(says.as_str().into());
        }
    }
    glyphs
}

/// The first byte after what a glyph of a text says.
pub(super) fn byte_after(text: &ShownText, index: usize) -> usize {
    text.glyphs.get(index + 1).map_or(text.text.len(), |next| next.byte as usize)
}

/// The thin space after a glyph that ends a group, in points.
pub(super) fn gap_after(text: &ShownText, index: usize, groups: usize) -> f64 {
    let ends_group = groups > 0 && (index + 1).is_multiple_of(groups) && index + 1 < text.glyphs.len();
    if ends_group { THIN_SPACE * text.size } else { 0.0 }
}

/// The left, lowest, right and highest points of an outline, in ems; 0 for one without any.
fn bounds_of(outline: &Outline, em: f32) -> [f32; 4] {
    let mut bounds: Option<[f32; 4]> = None;
    let mut rest = outline.0.as_slice();
    while let Some((operator, after)) = rest.split_first() {
        let coordinates = match *operator as u8 {
            0 | 1 => 2,
            2 => 4,
            3 => 6,
            _ => 0,
        };
        let (points, after) = after.split_at(after.len().min(coordinates));
        for point in points.chunks_exact(2) {
            let (x, y) = (point[0] / em, point[1] / em);
            let [left, low, right, high] = bounds.unwrap_or([x, y, x, y]);
            bounds = Some([left.min(x), low.min(y), right.max(x), high.max(y)]);
        }
        rest = after;
    }
    bounds.unwrap_or_default()
}

/// An outline of the template's font, as [`Outline`] has those of a file.
pub(super) fn outline_of(face: &Face, glyph: u16) -> Outline {
    let mut pen = Pen(Vec::new());
    face.outline_glyph(GlyphId(glyph), &mut pen);
    Outline(pen.0)
}

/// Notes an outline: of each operator its number, then its coordinates.
struct Pen(Vec<f32>);

impl OutlineBuilder for Pen {
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
